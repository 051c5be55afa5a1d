"""Delivery: a submission becomes exactly one incident, or the page says plainly that none was created."""

import logging
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib.auth.models import User
from django.db import DataError, IntegrityError, transaction
from django.db.models import Q
from django.utils.timezone import now

from incidentportal import pagerduty
from incidentportal.audit.models import Event
from incidentportal.directory.models import Person, Service
from incidentportal.incidents.attempt import Created, InUse, Outcome, Over, Refused, Try, Unseen, already_open
from incidentportal.incidents.models import SETTLING, Attempt, Draft, State, Submission
from incidentportal.incidents.report import Report, made_key
from incidentportal.pagerduty import Incident, Problem, Rejected, Unavailable
from incidentportal.pagerduty.reading import text
from incidentportal.pagerduty.shared_state import LONGEST_WAIT

log = logging.getLogger(__name__)
A_MOMENT = timedelta(seconds=1)  # PagerDuty tells its time in whole seconds
UNSEEN = "PagerDuty does not show an incident of an earlier attempt yet."
LONGEST_PAUSE = 60.0  # seconds between two attempts, where PagerDuty asks for no other wait


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
    pk = uuid4()
    incident_key = report.incident_key or made_key(pk)
    with transaction.atomic():
        submission, is_new = Submission.objects.get_or_create(
            created_by=created_by,
            form_key=form_key,
            defaults={
                "id": pk,
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
    own = "" if submission.is_key_typed else submission.incident_key
    return bool(submission.request == report.to_request(incident_key=report.incident_key or own))


def deliver(submission: Submission, *, limits: Limits = WORKER_LIMITS) -> None:
    """Make one attempt, if one is due and nobody else is making it.

    Where an attempt before it may have paged people without our hearing of it, we look for our key, for a minute,
    before we create again. After the window, and once the author cancels, we only look.
    """
    # Its time runs from here: a process that is held up between the claim and the request sends nothing any more.
    client = pagerduty.connect(read_timeout=limits.silence, within=limits.total, lane=pagerduty.SUBMISSIONS)
    attempt = Submission.objects.claim(submission)
    if attempt:
        finish(attempt, Try(attempt, client).outcome())


def finish(attempt: Attempt, outcome: Outcome) -> None:
    """Write down what an attempt came to: the decision, or when the next one is due."""
    match outcome:
        case Created():
            finish_created(attempt, outcome)
        case Refused(error, existing):
            decide(attempt, State.REJECTED, error, errors=error.field_errors, **of_incident(existing))
        case InUse(error):
            # Nobody else has a key that we made: it is in use because an attempt of ours was heard.
            is_ours = not attempt.submission.is_key_typed
            unseen = Unavailable(str(error), is_sent=is_ours, **error.facts)
            at = attempt.submission.key_in_use_at or now()
            go_on(attempt, unseen, key_in_use_at=at, errors=error.field_errors)
        case Unseen(at):
            first = min(attempt.submission.unseen_since or at, at)
            go_on(attempt, Unavailable(UNSEEN, is_sent=False), looks_on_for=first + SETTLING - at, unseen_since=first)
        case Unavailable():
            go_on(attempt, outcome)
        case Over():
            is_cancelled = attempt.submission.cancel_asked_at is not None
            decide(attempt, State.CANCELLED if is_cancelled else State.EXPIRED)


def finish_created(attempt: Attempt, created: Created) -> None:
    """The incident is there. One that we found, and that another submission claimed meanwhile, is that one's.

    What was decided is always written down, if need be without what PagerDuty said of it.
    """
    columns = of_incident(created.incident)
    owners = Submission.objects.filter(state=State.CREATED, incident_id=columns["incident_id"])
    try:
        decide(attempt, State.CREATED, **columns)
    except (DataError, IntegrityError):
        is_anybodys = created.is_found and attempt.submission.is_key_typed
        if is_anybodys and columns["incident_id"] and owners.exists():
            finish(attempt, already_open(created.incident))
            return
        log.exception("submission %s: its incident could not be stored as it came", attempt.submission_id)
        try:  # an id that a submission to some earlier account has
            decide(attempt, State.CREATED, **columns | {"incident_id": ""})
        except (DataError, IntegrityError):
            decide(attempt, State.CREATED)


def of_incident(incident: Incident | None) -> dict[str, Any]:
    """The columns of a submission that tell of an incident."""
    if incident is None:
        return {}
    number = str(incident.number or "")
    return {"incident": incident.raw, "incident_id": incident.id, "incident_number": number}


def decide(attempt: Attempt, state: State, error: Rejected | None = None, **fields: Any) -> None:
    """Write down that an attempt decided its submission.

    A "no" counts only where no other attempt went on meanwhile; that the incident is there outweighs everything.
    """
    submission, mine = attempt.submission, Q(state=State.PENDING, attempts=attempt.number)
    fields |= {"state": state, "decided_at": now(), "leased_until": None, "problem": str(error or "")}
    fields.setdefault("errors", {})
    # What may have been heard before stays on record: of a "none" it says that we saw none, not that there is none.
    fields["heard_at"] = None if state == State.CREATED else attempt.heard_before
    with transaction.atomic():
        end(attempt, Attempt.Outcome(state.value), error, is_sent=state == State.CREATED)
        event = Event(f"submission {state}")
        if state != State.CREATED:
            is_written = submission.update(event=event, where=mine, **fields)
        else:
            is_written = submission.update(event=event, where=Q(state=State.PENDING), **fields)
            is_written = is_written or correct(submission, **fields)
    if state == State.CREATED and submission.incident_id != fields.get("incident_id", ""):
        log.error("submission %s: PagerDuty has a second incident of it, %s", submission.pk, fields["incident_id"])
    tell(attempt, state, error, is_written=is_written)


def correct(submission: Submission, **fields: Any) -> bool:
    """A late answer shows that the incident is there, although another attempt had decided that there is none."""
    is_none = ~Q(state=State.CREATED)
    return submission.update(event=Event.SUBMISSION_CORRECTED, where=is_none, corrected_at=now(), **fields)


def go_on(attempt: Attempt, error: Unavailable, looks_on_for: timedelta = SETTLING, **fields: Any) -> None:
    """Write down that another attempt must tell, and when. `looks_on_for`: until what we do not see is not there."""
    submission, mine = attempt.submission, Q(state=State.PENDING, attempts=attempt.number)
    fields |= {"leased_until": None, "problem": str(error)}
    # Never later than now: the clock may have been set back during the attempt.
    fields["heard_at"] = now() if error.is_sent else attempt.heard_before and min(attempt.heard_before, now())
    doubts = (fields["heard_at"], fields.get("key_in_use_at", submission.key_in_use_at))
    if error.is_sent or "key_in_use_at" in fields:
        fields["unseen_since"] = None
    turns = [submission.expires_at, now() + looks_on_for + A_MOMENT, *(at + SETTLING for at in doubts if at)]
    fields["next_attempt_at"] = next_time(attempt, error.wait, turns)
    with transaction.atomic():
        end(attempt, Attempt.Outcome.UNAVAILABLE, error, is_sent=error.is_sent)
        is_written = submission.update(event=Event.SUBMISSION_UNAVAILABLE, where=mine, **fields)
    tell(attempt, Attempt.Outcome.UNAVAILABLE, error, is_written=is_written)


def end(attempt: Attempt, outcome: Attempt.Outcome, error: Problem | None, *, is_sent: bool) -> None:
    """Write down how an attempt ended."""
    request_id = text(error.request_id) if error else ""
    attempt.ended_at, attempt.outcome, attempt.is_sent = now(), outcome, is_sent
    attempt.problem, attempt.request_id = str(error or ""), request_id
    attempt.save()


def tell(attempt: Attempt, outcome: str, error: Problem | None, *, is_written: bool) -> None:
    level = logging.ERROR if isinstance(error, Rejected) and error.is_access_problem else logging.INFO
    late = "" if is_written else " (too late: another attempt went on)"
    log.log(level, "submission %s: attempt %s %s%s", attempt.submission_id, attempt.number, outcome, late)


def cancel(submission: Submission) -> None:
    """Stop a pending submission: at once where nothing can have been heard; else create nothing more, and look."""
    is_unheard = Q(state=State.PENDING, heard_at=None, key_in_use_at=None, leased_until=None)
    done = {"state": State.CANCELLED, "decided_at": now(), "cancel_asked_at": now()}
    if not submission.update(event=Event.SUBMISSION_CANCELLED, where=is_unheard, **done):
        asked = {"cancel_asked_at": now(), "next_attempt_at": now()}
        is_not_asked = Q(state=State.PENDING, cancel_asked_at=None)
        submission.update(event=Event.CANCELLATION_REQUESTED, where=is_not_asked, **asked)


def next_time(attempt: Attempt, asked: float | None, turns: Iterable[datetime]) -> datetime:
    """When to try again: after growing waits with jitter, after PagerDuty's own wait, and at each turn of things."""
    growing = min(LONGEST_PAUSE, 2.0 ** min(attempt.number, 10)) * random.uniform(0.5, 1.0)  # noqa: S311
    wait = max(min(asked or 0.0, LONGEST_WAIT) + random.uniform(0.1, 0.9), growing)  # noqa: S311  (not for secrets)
    at = now() + timedelta(seconds=wait)
    return min([at, *(turn for turn in turns if now() < turn)])


def deliver_due(run: Callable[..., Iterable[None]] = map) -> int:
    """Make one attempt for each submission that is due, the longest waiting first. Returns how many there were.

    `run` is `map`, or that of a pool which makes several attempts side by side.
    """
    Submission.objects.follow_the_clock()
    due = list(Submission.objects.due().order_by("next_attempt_at")[:100])
    return len(list(run(deliver, due)))
