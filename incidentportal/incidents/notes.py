"""Add a report as a note to an incident that is already open, instead of raising another one."""

import hashlib
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction

from incidentportal import pagerduty
from incidentportal.audit.models import Event, record
from incidentportal.directory.models import Person
from incidentportal.incidents.limits import WEB_LIMITS
from incidentportal.incidents.models import Draft, Note

EVENTS = {
    Note.Outcome.ADDED: Event.NOTE_ADDED,
    Note.Outcome.REJECTED: Event.NOTE_REJECTED,
    Note.Outcome.UNKNOWN: Event.NOTE_UNKNOWN,
}


def add_note(*, created_by: User, sender: Person, form_key: UUID, incident_id: str, content: str) -> Note:
    """Add the note once: the same text of the same form is the same note; a changed text is another one.

    PagerDuty has no key for notes, so a lost answer is never followed by a second attempt: the note's outcome is then
    unknown.
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
    if not is_new and note.outcome != Note.Outcome.REJECTED:
        return note
    client = pagerduty.connect(read_timeout=WEB_LIMITS.silence, within=WEB_LIMITS.total, lane=pagerduty.SUBMISSIONS)
    try:
        client.add_note(incident_id, content, from_email=sender.email)
    except pagerduty.Unavailable as error:
        finish(note, Note.Outcome.UNKNOWN if error.is_sent else Note.Outcome.REJECTED, str(error))
    except pagerduty.Rejected as error:
        finish(note, Note.Outcome.REJECTED, str(error))
    else:
        finish(note, Note.Outcome.ADDED, "")
    return note


def finish(note: Note, outcome: Note.Outcome, problem: str) -> None:
    """Store the outcome of a note. Once it is added, the draft that it was made from is deleted."""
    note.outcome, note.problem = outcome, problem
    with transaction.atomic():
        note.save(update_fields=["outcome", "problem"])
        record(EVENTS[outcome], f"incident:{note.incident_id}", actor=note.created_by, problem=problem)
        if note.is_added:
            Draft.objects.filter(created_by=note.created_by, form_key=note.form_key).delete()
