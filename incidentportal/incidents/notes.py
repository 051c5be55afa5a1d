"""Add a report as a note to an incident that is already open, instead of raising another one."""

import hashlib
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction

from incidentportal import pagerduty
from incidentportal.audit.models import record
from incidentportal.directory.models import Person
from incidentportal.incidents.delivery import WEB_LIMITS
from incidentportal.incidents.models import Draft, Note


def add_note(*, created_by: User, sender: Person, form_key: UUID, incident_id: str, content: str) -> tuple[Note, bool]:
    """Add the note once: the same text of the same form is the same note; a changed text is another one.

    Returns it, and whether it was added by this call. PagerDuty has no key for notes, so a lost answer is never
    followed by a second attempt: the note says so.
    """
    digest = hashlib.sha256(content.encode()).hexdigest()
    with transaction.atomic():
        note, is_new = Note.objects.get_or_create(
            created_by=created_by,
            form_key=form_key,
            incident_id=incident_id,
            digest=digest,
            defaults={"content": content},
        )
    if not is_new and note.outcome != "rejected":
        return note, False
    client = pagerduty.connect(
        read_timeout=WEB_LIMITS.silence, within=WEB_LIMITS.altogether, lane=pagerduty.SUBMISSIONS
    )
    try:
        client.add_note(incident_id, content, from_email=sender.email)
    except pagerduty.Unavailable as error:
        outcome = "unknown" if error.is_sent else "rejected"
        settle(note, outcome, str(error))
    except pagerduty.Rejected as error:
        settle(note, "rejected", str(error))
    else:
        settle(note, "added", "")
    return note, note.outcome == "added"


def settle(note: Note, outcome: str, problem: str) -> None:
    """Write down what became of a note. The draft that it was made of goes when it was added."""
    note.outcome, note.problem = outcome, problem
    with transaction.atomic():
        note.save(update_fields=["outcome", "problem"])
        record(f"note {outcome}", f"incident:{note.incident_id}", actor=note.created_by, problem=problem)
        if outcome == "added":
            Draft.objects.filter(created_by=note.created_by, form_key=note.form_key).delete()
