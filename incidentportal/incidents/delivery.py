"""Delivery: a submission becomes exactly one incident, or the page says plainly that none was created."""

import logging
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.timezone import now

from incidentportal import pagerduty
from incidentportal.audit.models import Event
from incidentportal.directory.models import Person, Service
from incidentportal.incidents.attempt import Created, Outcome, Over, Refused, Try, already_open
from incidentportal.incidents.models import Attempt, Draft, State, Submission
from incidentportal.incidents.report import Report
from incidentportal.pagerduty import Incident, Problem, Rejected, Unavailable

log = logging.getLogger(__name__)
LONGEST_WAIT = 60.0  # seconds between two attempts, where PagerDuty asks for no other wait


@dataclass(frozen=True)
class Limits:
    """How long one attempt may take, in seconds: PagerDuty's silence, and the attempt as a whole."""

    silence: float
    total: float


WEB_LIMITS = Limits(silence=4.0, total=8.0)  # the person waits 10 s at most, even if PagerDuty answers byte by byte
WORKER_LIMITS = Limits(silence=10.0, total=30.0)  # shorter than the lease


def submit(*, created_by: User, sender: Person, form_key: UUID, report: Report) -> tuple[Submission, bool]:
    """Store what a person reports, before anything is sent, and delete its draft. Never calls PagerDuty.

    The same form again is the same submission: False, and nothing stored, even if the report is another (`is_same`).
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
                "expires_at": now() + timedelta(minutes=settings.DELIVERY_WINDOW_MINUTES),
            },
        )
        if is_new:
            submission.record(Event.SUBMISSION_STORED, title=submission.title)
            Draft.objects.filter(created_by=created_by, form_key=form_key).delete()
    return submission, is_new


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
    client = pagerduty.connect(read_timeout=limits.silence, within=limits.total, lane=pagerduty.SUBMISSIONS)
    attempt = Try(submission, client, may_exist, started)
    finish(attempt, attempt.outcome())


def finish(attempt: Try, outcome: Outcome) -> None:
    """Write down what an attempt came to: the decision, or when the next one is due."""
    match outcome:
        case Created():
            finish_created(attempt, outcome)
        case Refused(error, existing):
            write_down(attempt, Attempt.Outcome.REJECTED, error, errors=error.field_errors, **of_incident(existing))
        case Unavailable():
            at, may_exist = next_time(attempt.submission, outcome.wait), attempt.may_exist or outcome.is_sent
            write_down(attempt, Attempt.Outcome.UNAVAILABLE, outcome, next_attempt_at=at, may_exist=may_exist)
        case Over():
            is_cancelled = attempt.submission.cancel_asked_at is not None
            write_down(attempt, Attempt.Outcome.CANCELLED if is_cancelled else Attempt.Outcome.EXPIRED)


def finish_created(attempt: Try, created: Created) -> None:
    """The incident is there. One that we found, and that another submission claimed meanwhile, is that one's."""
    columns = of_incident(created.incident)
    try:
        write_down(attempt, Attempt.Outcome.CREATED, **columns)
    except IntegrityError:
        if created.is_found:
            finish(attempt, already_open(created.incident))
        else:  # PagerDuty has just made it for us, whatever a submission to some earlier account says
            write_down(attempt, Attempt.Outcome.CREATED, **columns | {"incident_id": ""})


def of_incident(incident: Incident | None) -> dict[str, Any]:
    """The columns of a submission that tell of an incident."""
    if incident is None:
        return {}
    number = str(incident.number or "")
    return {"incident": incident.raw, "incident_id": incident.id, "incident_number": number}


def write_down(attempt: Try, outcome: Attempt.Outcome, error: Problem | None = None, **fields: Any) -> None:
    """Write down how an attempt ended: the row, the attempt and the audit entry in one transaction."""
    submission, problem = attempt.submission, str(error or "")
    fields |= {"leased_until": None, "problem": problem}
    is_created = outcome == Attempt.Outcome.CREATED
    if outcome != Attempt.Outcome.UNAVAILABLE:
        fields |= {"state": State(outcome.value), "decided_at": now(), "may_exist": is_created}
    with transaction.atomic():
        mine = Q(attempts=submission.attempts)
        is_written = submission.update(event=Event(f"submission {outcome}"), where=mine, **fields)
        Attempt.objects.create(
            submission=submission,
            number=submission.attempts,
            started_at=attempt.started,
            outcome=outcome,
            problem=problem,
            request_id=error.request_id if error else "",
            # Whether its request has taken effect, or still may.
            is_sent=is_created or (isinstance(error, Unavailable) and error.is_sent),
        )
    level = logging.ERROR if isinstance(error, Rejected) and error.is_access_problem else logging.INFO
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
