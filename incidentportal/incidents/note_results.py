"""What is said of a note that was sent to an open incident: one row for each way it can end."""

from dataclasses import dataclass
from typing import Literal

from django.utils.html import format_html

from incidentportal.incidents.models import Note, Submission


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
