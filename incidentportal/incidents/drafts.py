"""Drafts: what a person is typing, kept on the server until it is sent or thrown away."""

from uuid import UUID, uuid4, uuid5

from django.contrib.auth.models import User
from django.http import HttpRequest
from django.utils.timezone import now

from incidentportal.http import PortalRequest
from incidentportal.incidents.models import Draft
from incidentportal.incidents.report import Report

OFFERED = 50
LONGEST = 200_000  # characters of all answers together: more than any form that could be sent
UNSENT = "unsent_answers"


def save_draft(user: User, key: UUID, typed: Report) -> Draft | None:
    """Keep what is typed under this key (see `free_key`). An empty form deletes its draft. None if nothing is kept."""
    answers = typed.to_draft()
    if size_of(answers) > LONGEST:
        return None
    if not answers:
        user.drafts.filter(form_key=key).delete()
        return None
    draft = Draft(created_by=user, form_key=key, answers=answers, updated_at=now())
    columns = ["answers", "updated_at"]
    Draft.objects.bulk_create(
        [draft], update_conflicts=True, unique_fields=["created_by", "form_key"], update_fields=columns
    )
    return draft


def free_key(user: User, key: UUID) -> UUID:
    """The key to keep a form under: its own, or, if it was sent already, that of the form which it becomes."""
    while user.submissions.filter(form_key=key).exists():
        key = following_key(key)
    return key


def following_key(key: UUID) -> UUID:
    """The key of the form that a form becomes when it is changed after it was sent: always the same one."""
    return uuid5(key, "changed")


def size_of(answers: dict[str, list[str]]) -> int:
    return sum(len(text) for texts in answers.values() for text in texts)


def parse_key(text: str) -> UUID | None:
    """The key of a form; None where the text is not one."""
    try:
        return UUID(text)
    except ValueError:
        return None


def keep_for_log_in(request: HttpRequest) -> None:
    """Keep what a logged-out person sent in their session, through the log-in."""
    answers = Report.from_form(request.POST).to_draft()
    if answers and size_of(answers) <= LONGEST:
        names = ("form_key", "author")
        request.session[UNSENT] = {"answers": answers, **{name: request.POST.get(name, "")[:100] for name in names}}


def save_unsent(request: PortalRequest) -> Draft | None:
    """Make a draft of what was kept through a log-in. None where nothing was, or where somebody else wrote it."""
    unsent = request.session.pop(UNSENT, None)
    if not unsent or unsent["author"] not in {"", str(request.user.pk)}:
        return None
    key = parse_key(unsent["form_key"]) or uuid4()
    free = free_key(request.user, key)
    draft = save_draft(request.user, free, Report.from_draft(unsent["answers"]))
    return draft if free == key else None  # of a form that was sent already: only offered
