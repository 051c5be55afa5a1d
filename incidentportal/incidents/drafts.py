"""Drafts: what a person is typing, kept on the server until it is sent or thrown away."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4, uuid5

from django.contrib.auth.models import User
from django.http import HttpRequest, QueryDict
from django.utils.timezone import now

from incidentportal.incidents.deeplinks import NAMES
from incidentportal.incidents.models import Draft, Submission

KEPT = timedelta(days=7)
OFFERED = 50
LONGEST = 200_000  # characters of all answers together: more than any form that could be sent
UNSENT = "unsent_answers"


def save_draft(user: User, form_key: str, data: QueryDict) -> datetime | None:
    """Keep what is typed. None, and nothing kept, where there is nothing, or too much.

    What is typed into a form that was sent already is kept as the form that it will be when it is sent again.
    """
    answers = answers_from(data)
    key = parse_key(form_key)
    if key is None or size_of(answers) > LONGEST:
        return None
    while Submission.objects.filter(created_by=user, form_key=key).exists():
        key = following_key(key)
    mine = Draft.objects.filter(created_by=user, form_key=key)
    if not answers:
        mine.delete()
        return None
    draft, _ = Draft.objects.update_or_create(
        created_by=user, form_key=key, defaults={"answers": answers, "updated_at": now()}
    )
    return draft.updated_at


def following_key(key: UUID) -> UUID:
    """The key of the form that a form becomes when it is changed after it was sent: always the same one."""
    return uuid5(key, "changed")


def answers_from(data: QueryDict) -> dict[str, list[str]]:
    """The answers as they were typed; empty ones left out."""
    found = {name: [value.replace("\x00", "") for value in data.getlist(name)] for name in NAMES}
    return {name: values for name, values in found.items() if any(value.strip() for value in values)}


def size_of(answers: dict[str, list[str]]) -> int:
    return sum(len(value) for values in answers.values() for value in values)


def parse_key(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def drafts_of(user: User) -> list[Draft]:
    """The newest drafts of a person, for an offer to go on with them."""
    return list(Draft.objects.filter(created_by=user, updated_at__gt=now() - KEPT)[:OFFERED])


def delete_old_drafts() -> int:
    """Delete what nobody came back to for seven days. Returns how many there were."""
    return Draft.objects.filter(updated_at__lte=now() - KEPT).delete()[0]


def draft_of(user: User, form_key: str) -> Draft | None:
    """One draft of a person; None where it was sent, discarded, or is somebody else's."""
    key = parse_key(form_key)
    return Draft.objects.filter(created_by=user, form_key=key).first() if key else None


def as_data(draft: Draft) -> QueryDict:
    """A draft as the form would send it."""
    return as_query(draft.answers, str(draft.form_key))


def as_query(answers: dict[str, list[str]], form_key: str) -> QueryDict:
    data = QueryDict(mutable=True)
    for name, values in answers.items():
        data.setlist(name, values)
    data["form_key"] = form_key
    return data


def keep_for_log_in(request: HttpRequest) -> None:
    """Keep what a logged-out person sent in their session, through the log-in."""
    answers = answers_from(request.POST)
    if answers and size_of(answers) <= LONGEST:
        names = ("form_key", "author")
        request.session[UNSENT] = {"answers": answers, **{name: request.POST.get(name, "") for name in names}}


def save_unsent(request: HttpRequest, user: User) -> Draft | None:
    """Make a draft of what was kept through a log-in. None where nothing was, or where somebody else wrote it."""
    unsent = request.session.pop(UNSENT, None)
    if not unsent or unsent["author"] not in {"", str(user.pk)}:
        return None
    key = unsent["form_key"] if parse_key(unsent["form_key"]) else str(uuid4())
    save_draft(user, key, as_query(unsent["answers"], key))
    return draft_of(user, key)
