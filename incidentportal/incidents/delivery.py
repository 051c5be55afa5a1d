"""The crux: what a person submitted becomes exactly one incident, or the page says plainly that none was created."""

import logging
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.dateparse import parse_datetime
from django.utils.timezone import now

from incidentportal import pagerduty
from incidentportal.audit.models import Event
from incidentportal.directory.models import Person, Service
from incidentportal.incidents.models import Attempt, Draft, State, Submission, window_end
from incidentportal.incidents.report import Report
from incidentportal.pagerduty import JSON, Rejected, Unavailable

log = logging.getLogger(__name__)

# PagerDuty's clock may differ from ours: an incident counts as ours from this long before the submission.
CLOCK_SKEW = timedelta(minutes=2)
# A request that we gave up on may still take effect for this long: only after it does a look that finds nothing decide.
SETTLING = timedelta(seconds=20)
LONGEST_WAIT = 60.0
EVENTS = {
    Attempt.Outcome.CREATED: Event.SUBMISSION_CREATED,
    Attempt.Outcome.REJECTED: Event.SUBMISSION_REJECTED,
    Attempt.Outcome.EXPIRED: Event.SUBMISSION_EXPIRED,
    Attempt.Outcome.CANCELLED: Event.SUBMISSION_CANCELLED,
    Attempt.Outcome.UNAVAILABLE: Event.SUBMISSION_UNAVAILABLE,
}


@dataclass(frozen=True)
class Limits:
    """How long one attempt may take, in seconds: PagerDuty's silence, and all of it together."""

    silence: float
    altogether: float


WEB_LIMITS = Limits(silence=4.0, altogether=8.0)  # the person waits 10 s at the most, even where PagerDuty drips
WORKER_LIMITS = Limits(silence=10.0, altogether=30.0)


class Stored(Enum):
    """What storing a report came to."""

    NEW = "new"
    SAME = "same"  # this form was submitted before, with this very report
    CHANGED = "changed"  # this form was submitted before, with another report: this one was not stored


def submit(*, created_by: User, sender: Person, form_key: UUID, report: Report) -> tuple[Submission, Stored]:
    """Store what a person reports, before anything is sent. The same form again is the same submission.

    Its draft, if there is one, goes. Never calls PagerDuty.
    """
    incident_key = report.key_for(form_key)
    with transaction.atomic():
        submission, is_new = Submission.objects.get_or_create(
            created_by=created_by,
            form_key=form_key,
            defaults={
                "sender_email": sender.email,
                "sender_name": sender.name,
                "title": report.title,
                "service_id": report.service,
                "service_name": Service.objects.get(pk=report.service).name,
                "request": report.to_request(incident_key=incident_key),
                "incident_key": incident_key,
                "is_key_typed": bool(report.incident_key),
                "expires_at": window_end(now()),
            },
        )
        if is_new:
            submission.record(Event.SUBMISSION_STORED, title=submission.title)
            Draft.objects.filter(created_by=created_by, form_key=form_key).delete()
            return submission, Stored.NEW
    return submission, Stored.SAME if is_same(submission, report) else Stored.CHANGED


def is_same(submission: Submission, report: Report) -> bool:
    """Whether this report is what was submitted."""
    incident_key = report.key_for(submission.form_key)
    return bool(submission.request == report.to_request(incident_key=incident_key))


def deliver(submission: Submission, *, limits: Limits = WORKER_LIMITS) -> None:
    """Make one attempt, if one is due and nobody else is making it.

    From the second attempt on we look for our key before we create: the attempt before may have paged
    people without our hearing of it. After the window, and once the author cancels, we only look.
    """
    may_exist, started = submission.may_exist, now()
    if not Submission.objects.claim(submission):
        return
    submission.refresh_from_db()
    unsettled = seconds_to_settle(submission) if may_exist else 0.0
    client = pagerduty.connect(read_timeout=limits.silence, within=limits.altogether, lane=pagerduty.SUBMISSIONS)
    incident, is_found, error = None, False, None
    try:
        incident, is_found = attempt(submission, client, may_exist=may_exist)
    except pagerduty.Problem as problem:
        error = problem
    if incident:
        settle_created(submission, started, incident, is_found=is_found)
    elif isinstance(error, Unavailable):
        postpone(submission, started, error, may_exist=may_exist)
    elif unsettled > 0:  # no "no" is final while an earlier request may still take effect
        still = Unavailable("PagerDuty may still be working on an earlier attempt.", wait=unsettled, is_sent=False)
        postpone(submission, started, still, may_exist=may_exist)
    elif isinstance(error, Rejected):
        settle(submission, started, State.REJECTED, error, errors=error.field_errors, **of_incident(error.existing))
    else:
        settle(submission, started, State.CANCELLED if submission.cancel_asked_at else State.EXPIRED, None)


def attempt(submission: Submission, client: pagerduty.Client, *, may_exist: bool) -> tuple[JSON | None, bool]:
    """Find or create the incident, and say whether it was found.

    None: nothing is to be created any more, and there is none of ours.
    """
    is_over = submission.cancel_asked_at is not None or now() >= submission.expires_at
    if is_over and not may_exist:
        return None, False
    if is_over or submission.attempts > 1 or submission.is_key_typed:
        ours, other = look(submission, client, may_exist=may_exist)
        if ours or is_over:
            return ours, True
        if other:
            raise already_open(other)
    try:
        return client.create_incident(submission.request, from_email=submission.sender_email), False
    except Rejected as error:
        if not error.is_duplicate_key:
            raise
    # The key is in use: by an attempt of ours that we did not hear of, or by somebody else.
    ours, other = look(submission, client, may_exist=may_exist)
    if ours:
        return ours, True
    if other:
        raise already_open(other)
    raise Unavailable("PagerDuty says that this incident key is in use, but does not show the incident yet.")


def look(submission: Submission, client: pagerduty.Client, *, may_exist: bool) -> tuple[JSON | None, JSON | None]:
    """The incident of this submission, and somebody else's that is open under its key.

    A look that fails decides nothing while an incident of ours may exist.
    """
    try:
        found = client.find_incidents(submission.incident_key, service_id=submission.service_id)
    except Unavailable as error:
        raise Unavailable(str(error), wait=error.wait, is_sent=False, **error.facts) from None
    except Rejected as error:
        if not may_exist:
            raise
        raise Unavailable(str(error), is_sent=False, **error.facts) from None
    ours = next((incident for incident in found if is_ours(submission, incident, may_exist=may_exist)), None)
    is_open = (incident for incident in found if incident.get("status") in {"triggered", "acknowledged"})
    return ours, next(is_open, None)


def is_ours(submission: Submission, incident: JSON, *, may_exist: bool) -> bool:
    """Whether this incident, found by its key, was created by this submission."""
    service = incident.get("service")
    if not isinstance(service, dict) or service.get("id") != submission.service_id:
        return False
    if not submission.is_key_typed:
        return True  # nobody else knows the key that we made
    if not may_exist:
        return False  # nothing that we sent can have been heard, so nothing is ours, however alike it is
    created_at = parse_datetime(str(incident.get("created_at") or ""))
    is_since = created_at is not None and created_at >= submission.created_at - CLOCK_SKEW
    is_same_title = " ".join(str(incident.get("title") or "").split()) == submission.title
    others = Submission.objects.filter(incident_id=incident.get("id"), state=State.CREATED).exclude(pk=submission.pk)
    return is_since and is_same_title and not others.exists()


def already_open(incident: JSON) -> Rejected:
    """Somebody else's incident is open under this key: it stands instead of ours, and ours was not created."""
    title = " ".join(str(incident.get("title") or "").split())[:200]
    sentence = f"Already open under this key: #{incident.get('incident_number')} “{title}”. No incident was created."
    return Rejected(sentence, field_errors={"incident_key": [sentence]}, existing=incident, status=400)


def seconds_to_settle(submission: Submission) -> float:
    """How long a request that we gave up on may still take effect; 0 where that time is over."""
    last = submission.attempt_set.filter(is_sent=True).order_by("-ended_at").first()
    return max(0.0, (last.ended_at + SETTLING - now()).total_seconds()) if last else 0.0


def of_incident(incident: JSON) -> dict[str, Any]:
    """The columns of a submission that tell of an incident."""
    if not incident:
        return {}
    number = str(incident.get("incident_number") or "")[:20]
    return {"incident": incident, "incident_id": str(incident.get("id") or "")[:64], "incident_number": number}


def postpone(submission: Submission, started: datetime, error: Unavailable, *, may_exist: bool) -> None:
    """Still pending: say why, and when the next attempt is due."""
    still = {"next_attempt_at": next_time(submission, error.wait), "may_exist": may_exist or error.is_sent}
    settle(submission, started, Attempt.Outcome.UNAVAILABLE, error, **still)


def settle_created(submission: Submission, started: datetime, incident: JSON, *, is_found: bool) -> None:
    """The incident is there. One that we found, and that another submission claimed meanwhile, is that one's."""
    try:
        settle(submission, started, State.CREATED, None, **of_incident(incident))
    except IntegrityError:
        if not is_found:  # PagerDuty has just made it for us, whatever a submission to some earlier account says
            settle(submission, started, State.CREATED, None, **of_incident(incident) | {"incident_id": ""})
            return
        error = already_open(incident)
        settle(submission, started, State.REJECTED, error, errors=error.field_errors, **of_incident(incident))


def settle(submission: Submission, started: datetime, outcome: str, error: Any, **fields: Any) -> None:
    """Write down how an attempt ended: the row, the attempt and the audit entry in one transaction."""
    fields |= {"leased_until": None, "problem": str(error or "")}
    if outcome in State.values:
        fields |= {"state": outcome, "decided_at": now(), "may_exist": outcome == State.CREATED}
    with transaction.atomic():
        mine = Q(attempts=submission.attempts)
        is_written = submission.update(event=EVENTS[Attempt.Outcome(outcome)], where=mine, **fields)
        Attempt.objects.create(
            submission=submission,
            number=submission.attempts,
            started_at=started,
            outcome=outcome,
            problem=str(error or ""),
            request_id=getattr(error, "request_id", ""),
            is_sent=getattr(error, "is_sent", outcome == State.CREATED),
        )
    level = logging.ERROR if getattr(error, "is_access_problem", False) else logging.INFO
    late = "" if is_written else " (too late: another attempt has begun)"
    log.log(level, "submission %s: attempt %s %s%s", submission.pk, submission.attempts, outcome, late)


def cancel(submission: Submission) -> None:
    """Stop a pending submission: at once where nothing can have been heard; else create nothing more, and look."""
    is_unheard = Q(may_exist=False, leased_until=None)
    done = {"state": State.CANCELLED, "decided_at": now(), "cancel_asked_at": now()}
    if not submission.update(event=Event.SUBMISSION_CANCELLED, where=is_unheard, **done):
        asked = {"cancel_asked_at": now(), "next_attempt_at": now()}
        submission.update(event=Event.CANCELLATION_REQUESTED, where=Q(cancel_asked_at=None), **asked)


def next_time(submission: Submission, asked: float | None) -> datetime:
    """When to try again: after growing waits with jitter, after PagerDuty's own wait, and when the window ends."""
    growing = min(LONGEST_WAIT, 2.0 ** min(submission.attempts, 10)) * random.uniform(0.5, 1.0)  # noqa: S311
    wait = max(min(asked or 0.0, 300.0) + random.uniform(0.1, 0.9), growing)  # noqa: S311  (not for secrets)
    at = now() + timedelta(seconds=wait)
    return submission.expires_at if now() < submission.expires_at < at else at


def deliver_due(run: Callable[..., Iterable[None]] = map) -> int:
    """Make one attempt for each submission that is due, the longest waiting first. Returns how many there were.

    `run` is `map`, or that of a pool which makes several attempts side by side.
    """
    due = list(Submission.objects.due().order_by("next_attempt_at")[:100])
    return len(list(run(deliver, due)))
