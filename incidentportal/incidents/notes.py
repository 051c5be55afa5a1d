"""Add a report as a note to an incident that is already open, and say how that ended."""

import hashlib
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.html import format_html

from incidentportal import pagerduty
from incidentportal.audit.models import Event, record
from incidentportal.directory.models import Person
from incidentportal.incidents.delivery import WEB_LIMITS
from incidentportal.incidents.models import Draft, Note, Submission


@dataclass(frozen=True)
class NoteResult:
    icon: str
    tone: Literal["ok", "warning", "error"]
    sentence: str


# A note without an outcome may have been added: the process that sent it died.
UNKNOWN = NoteResult(
    "triangle-alert",
    "warning",
    "We do not know whether it was added{to}{reason} Check the incident before you try again.",
)
ROWS = {
    Note.Outcome.ADDED: NoteResult(
        "circle-check", "ok", "Added as a note{to}. No new incident was created, and this paged nobody."
    ),
    Note.Outcome.REJECTED: NoteResult("circle-alert", "error", "Not added{to}{reason}"),
    Note.Outcome.UNKNOWN: UNKNOWN,
    Note.Outcome.NOT_YET: UNKNOWN,
}


def add_note(*, created_by: User, sender: Person, form_key: UUID, incident_id: str, content: str) -> Note:
    """Add the note once: the same text of the same form is the same note; a changed text is another one.

    PagerDuty has no key for notes, so a lost answer is never followed by a second attempt: the note's outcome is then
    unknown. Of several who try again what was refused, one does.
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
    if not (is_new or claim_again(note)):
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


def claim_again(note: Note) -> bool:
    """Take a note that was refused, to send it once more. False where somebody else has taken it or it is no such."""
    refused = Note.objects.filter(pk=note.pk, outcome=Note.Outcome.REJECTED)
    is_mine = refused.update(outcome=Note.Outcome.NOT_YET, problem="") == 1
    note.refresh_from_db()
    return is_mine


def result_of(note: Note, submission: Submission | None, *, is_page: bool) -> NoteResult:
    """How it ended. On a page of its own it names the incident, by number too where the submission knows it."""
    row = ROWS[Note.Outcome(note.outcome)]
    is_known = submission is not None and submission.incident_id == note.incident_id
    number = f"#{submission.incident_number} " if submission and is_known and submission.incident_number else ""
    to = format_html(" to incident {}<code>{}</code>", number, note.incident_id) if is_page else ""
    reason = f": {note.problem}" if note.problem else "."
    return NoteResult(row.icon, row.tone, format_html(row.sentence, to=to, reason=reason))


def invalid(problem: str) -> NoteResult:
    """What was written cannot be a note, and was not sent."""
    return NoteResult("circle-alert", "error", problem)
