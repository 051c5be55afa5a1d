"""Add a report as a note to an incident that is already open, instead of raising another one."""

import hashlib
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction

from incidentportal import pagerduty
from incidentportal.audit.models import Event, record
from incidentportal.directory.models import Person
from incidentportal.incidents.delivery import WEB_LIMITS
from incidentportal.incidents.models import Draft, Note


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
        note.outcome, note.problem = Note.Outcome.ADDED, ""
    except pagerduty.Unavailable as error:
        note.outcome, note.problem = Note.Outcome.UNKNOWN if error.is_sent else Note.Outcome.REJECTED, str(error)
    except pagerduty.Rejected as error:
        note.outcome, note.problem = Note.Outcome.REJECTED, str(error)
    with transaction.atomic():
        note.save(update_fields=["outcome", "problem"])
        record(Event(f"note {note.outcome}"), f"incident:{incident_id}", actor=created_by, problem=note.problem)
        if note.is_added:
            Draft.objects.filter(created_by=created_by, form_key=form_key).delete()
    return note
