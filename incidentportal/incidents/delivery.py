"""The crux: what a person submitted becomes exactly one incident, or the page says plainly that none was created."""

import logging
import random
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.utils.dateparse import parse_datetime
from django.utils.timezone import now

from incidentportal import pagerduty
from incidentportal.directory.models import Person
from incidentportal.incidents.models import Attempt, State, Submission, window_end
from incidentportal.incidents.wire import as_incident

log = logging.getLogger(__name__)

# The clocks of PagerDuty and of this machine may differ: an incident counts as ours from this long before our first attempt.
CLOCK_SKEW = timedelta(minutes=2)
LONGEST_WAIT = 120.0


def submit(*, created_by: AbstractBaseUser, sender: Person, answers: dict[str, Any]) -> tuple[Submission, bool]:
    """Store what a person asked for, before anything is sent. The same form again is the same submission.

    Returns the submission and whether it is new. Never calls PagerDuty.
    """
    form_key: UUID = answers["form_key"]
    typed_key = answers.get("incident_key") or ""
    incident_key = typed_key or f"portal-{form_key}"
    with transaction.atomic():
        submission, is_new = Submission.objects.get_or_create(
            created_by=created_by,
            form_key=form_key,
            defaults={
                "sender_email": sender.email,
                "sender_name": sender.name,
                "title": answers["title"],
                "service_name": answers["service"].name,
                "request": as_incident(answers, incident_key=incident_key),
                "incident_key": incident_key,
                "is_key_typed": bool(typed_key),
                "expires_at": window_end(now()),
            },
        )
        if is_new:
            submission.note("submission stored", title=submission.title)
    return submission, is_new


def is_same(submission: Submission, answers: dict[str, Any]) -> bool:
    """Whether these answers are what was submitted."""
    key = answers.get("incident_key") or f"portal-{submission.form_key}"
    return bool(submission.request == as_incident(answers, incident_key=key))


def deliver(submission: Submission, *, read_timeout: float = 10.0) -> None:
    """Make one attempt, if one is due and nobody else is making it.

    From the second attempt on we look for our key before we create: the attempt before may have paged
    people without our hearing of it. After the window we only look: nobody is paged late by a queue.
    """
    if not Submission.objects.claim(submission):
        return
    submission.refresh_from_db()
    number, started = submission.attempts, now()
    try:
        incident = attempt(submission, pagerduty.connect(read_timeout=read_timeout))
    except pagerduty.Unavailable as error:
        wait = next_wait(number, error.wait)
        settle(submission, number, started, "unavailable", error, next_attempt_at=now() + timedelta(seconds=wait))
    except pagerduty.Rejected as error:
        fields = {"state": State.REJECTED, "decided_at": now(), "errors": error.field_errors}
        settle(submission, number, started, "rejected", error, **fields)
    else:
        if incident is None:
            problem = "PagerDuty could not be reached in time. No incident was created."
            fields = {"state": State.EXPIRED, "decided_at": now()}
            settle(submission, number, started, "expired", problem, **fields)
        else:
            settle(submission, number, started, "created", "", **as_created(incident))


def attempt(submission: Submission, client: pagerduty.Client) -> pagerduty.JSON | None:
    """Find or create the incident. None: the window is over, and there is no incident of ours."""
    service_id = submission.request["service"]["id"]
    is_late = now() >= submission.expires_at
    if is_late and submission.attempts == 1:
        return None  # nothing was ever sent
    if submission.attempts > 1 or submission.is_key_typed:
        found = client.find_incidents(submission.incident_key, service_id=service_id)
        ours = next((incident for incident in found if is_ours(submission, incident)), None)
        if ours or is_late:
            return ours
        refuse_if_open(found)
    try:
        return client.create_incident(submission.request, from_email=submission.sender_email)
    except pagerduty.Rejected as error:
        if not error.is_duplicate_key:
            raise
    # The key is in use: by an attempt of ours that we did not hear of, or by somebody else.
    found = client.find_incidents(submission.incident_key, service_id=service_id)
    ours = next((incident for incident in found if is_ours(submission, incident)), None)
    if ours:
        return ours
    refuse_if_open(found)
    raise pagerduty.Unavailable("PagerDuty says that this incident key is in use, but does not show the incident yet.")


def is_ours(submission: Submission, incident: pagerduty.JSON) -> bool:
    """Whether this incident, found by its key, was created by this submission."""
    created_at = parse_datetime(str(incident.get("created_at") or ""))
    service = incident.get("service")
    is_same_service = isinstance(service, dict) and service.get("id") == submission.request["service"]["id"]
    is_same_title = str(incident.get("title") or "").strip() == submission.title.strip()
    is_since = created_at is not None and created_at >= submission.created_at - CLOCK_SKEW
    if not submission.is_key_typed:
        return is_same_service  # nobody else knows the key that we made
    # Before our own first attempt nothing can be ours, however alike it is.
    return submission.attempts > 1 and is_same_service and is_same_title and is_since


def refuse_if_open(found: list[pagerduty.JSON]) -> None:
    """Raise Rejected where an incident of somebody else is open under the key."""
    for incident in found:
        if incident.get("status") in {"triggered", "acknowledged"}:
            number, url = incident.get("incident_number"), incident.get("html_url") or ""
            sentence = f"Already open under this key: #{number} “{incident.get('title')}”. No incident was created. {url}"
            raise pagerduty.Rejected(sentence.strip(), status=400, field_errors={"incident_key": [sentence.strip()]})


def as_created(incident: pagerduty.JSON) -> dict[str, Any]:
    """The columns of a submission that became an incident."""
    number = str(incident.get("incident_number") or "")[:20]
    return {"state": State.CREATED, "decided_at": now(), "incident": incident, "incident_number": number}


def settle(
    submission: Submission, number: int, started: datetime, outcome: str, problem: object, **fields: Any
) -> None:
    """Write down how an attempt ended: the row, the attempt and the audit entry in one transaction."""
    request_id = str(getattr(problem, "request_id", "") or "")
    with transaction.atomic():
        fields["problem"] = str(problem)
        is_written = submission.update(attempt=number, event=f"submission {outcome}", **fields)
        Attempt.objects.create(
            submission=submission,
            number=number,
            started_at=started,
            outcome=outcome,
            problem=str(problem),
            request_id=request_id,
        )
    log.info("submission %s: attempt %s %s%s", submission.pk, number, outcome, "" if is_written else " (too late)")


def next_wait(attempts: int, asked: float | None) -> float:
    """Seconds until the next attempt: what PagerDuty asked for, else growing, with jitter."""
    growing = min(LONGEST_WAIT, 2.0**attempts) * random.uniform(0.5, 1.5)  # noqa: S311  (not for secrets)
    return max(asked or 0.0, growing)


def deliver_due() -> int:
    """Make one attempt for each submission that is due. Returns how many there were."""
    due = list(Submission.objects.due().order_by("next_attempt_at")[:100])
    for submission in due:
        deliver(submission)
    return len(due)
