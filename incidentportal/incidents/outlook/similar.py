"""Is it one of these? Open incidents that look like the one being written, and a gentle word about load.

Pure. Incidents come in as PagerDuty gave them: any key may be missing or null, and what cannot be read is left out.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from rapidfuzz import fuzz, utils

from incidentportal.incidents.outlook.paging_path import NIGHT_ENDS, PagingPath
from incidentportal.pagerduty.reading import web_address
from incidentportal.wording import clean, fit, span

ALIKE = 70  # what a person would call alike scores more; what else does is a row too many, not one too few
SHOWN = 5
MANY = 3
EVENING = 20  # a night's pages are counted from here
ORDINALS = ("Third", "Fourth", "Fifth", "Sixth", "Seventh", "Eighth", "Ninth", "Tenth")


@dataclass(frozen=True)
class Alike:
    """One open incident to compare with."""

    id: str
    number: int | None
    title: str
    url: str  # "" where PagerDuty gave none that is http or https
    status: str
    urgency: str
    created_at: datetime | None
    age: str  # "12 min"; "" where it is not known
    assignees: tuple[str, ...]
    service: str
    likeness: int  # 0 to 100
    is_own_service: bool


@dataclass(frozen=True)
class Radar:
    """What is open: on the service itself, and alike elsewhere. Each newest first, and never cut silently."""

    own: tuple[Alike, ...] = ()
    elsewhere: tuple[Alike, ...] = ()
    own_count: str = ""  # "7 open, showing 5"; "" where there is none
    elsewhere_count: str = ""  # "6 alike, showing 5"

    @property
    def rows(self) -> tuple[Alike, ...]:
        """All that is shown."""
        return self.own + self.elsewhere


def similarity(a: object, b: object) -> int:
    """How alike two titles are, from 0 to 100.

    `token_set_ratio` compares which words there are. Neither their order nor how many more one title has counts: of two
    people who report the same thing, one writes "Checkout down" and the other "URGENT: checkout is down since 14:02".
    Titles are lower-cased, and all but letters and digits is dropped, so "[P1] card-payments" is "card payments".
    """
    return round(fuzz.token_set_ratio(folded(a), folded(b), processor=utils.default_process))


def folded(text: object) -> str:
    """The text as it is compared: composed letters and wide forms are the same, upper case is lower case."""
    return unicodedata.normalize("NFKC", clean(text) if isinstance(text, str) else "").casefold()


def rank_open(
    incidents: Iterable[Any],
    title: str,
    *,
    own_service_id: str,
    now: datetime,
    threshold: int = ALIKE,
    shown: int = SHOWN,
) -> Radar:
    """All that is open on the service, and what is alike on other services.

    Where there are more than `shown`, those that are alike stay before those that are only new.
    """
    rows = {}
    for incident in incidents:
        if isinstance(incident, Mapping) and incident.get("status") != "resolved" and incident.get("id"):
            rows[str(incident["id"])] = alike(incident, title, own_service_id, now)
    own = [row for row in rows.values() if row.is_own_service]
    elsewhere = [row for row in rows.values() if not row.is_own_service and row.likeness >= threshold]
    return Radar(
        cut(own, threshold, shown),
        cut(elsewhere, threshold, shown),
        count(own, "open", shown),
        count(elsewhere, "alike", shown),
    )


def alike(incident: Mapping[str, Any], title: str, own_service_id: str, now: datetime) -> Alike:
    """One incident, read with patience."""
    service = incident.get("service")
    service = service if isinstance(service, Mapping) else {}
    number, created_at = incident.get("incident_number"), time_of(incident.get("created_at"))
    theirs = incident.get("title") or incident.get("summary")
    return Alike(
        id=str(incident["id"]),
        number=number if isinstance(number, int) and not isinstance(number, bool) else None,
        title=clean(theirs),
        url=web_address(incident.get("html_url")),
        status=clean(incident.get("status")),
        urgency=clean(incident.get("urgency")),
        created_at=created_at,
        age=span((now - created_at).total_seconds() / 60, is_short=True) if created_at else "",
        assignees=tuple(names_in(incident.get("assignments"))),
        service=clean(service.get("summary") or service.get("name")),
        likeness=similarity(theirs, title),
        is_own_service=service.get("id") == own_service_id,
    )


def cut(rows: list[Alike], threshold: int, shown: int) -> tuple[Alike, ...]:
    """As many as are shown, newest first."""
    oldest = datetime.min.replace(tzinfo=UTC)
    newest = sorted(rows, key=lambda row: row.created_at or oldest, reverse=True)
    chosen = sorted(newest, key=lambda row: row.likeness if row.likeness >= threshold else 0, reverse=True)[:shown]
    return tuple(row for row in newest if row in chosen)


def count(rows: list[Alike], word: str, shown: int) -> str:
    """How many there are, and how many of them are shown."""
    if len(rows) > shown:
        return f"{len(rows)} {word}, showing {shown}"
    return f"{len(rows)} {word}" if rows else ""


def names_in(assignments: object) -> Iterable[str]:
    """The names of the assignees."""
    for assignment in assignments if isinstance(assignments, list) else ():
        assignee = assignment.get("assignee") if isinstance(assignment, Mapping) else None
        name = clean(assignee.get("summary") or assignee.get("name")) if isinstance(assignee, Mapping) else ""
        if name:
            yield name


def time_of(text: object) -> datetime | None:
    """A time as PagerDuty writes it, or None."""
    try:
        time = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return time.replace(tzinfo=UTC) if time and time.tzinfo is None else time


def load_signal(times: Iterable[datetime], path: PagingPath, *, service_name: str, now: datetime) -> str:
    """A gentle word before a service wakes somebody again: "" unless this is at least the third page of their night.

    `times` are when the service was paged for before. Leave out low urgency, which wakes nobody.
    """
    person = next((page for page in path.first.people if page.is_night), None)
    if path.is_low or path.first.is_round_robin or person is None or person.local_now is None:
        return ""
    evening = person.local_now.replace(hour=EVENING, minute=0, second=0, microsecond=0)
    if person.local_now.hour < NIGHT_ENDS:
        evening -= timedelta(days=1)  # the evening before by their clock, also where the night has 23 or 25 hours
    begins, ends = evening.astimezone(UTC), now.astimezone(UTC)
    pages = 1 + sum(begins <= time <= ends for time in times)
    if pages < MANY:
        return ""
    beyond = pages - MANY
    which = f"{ORDINALS[beyond]} page" if beyond < len(ORDINALS) else f"Page number {pages}"
    time, to = f"{person.local_now:%H:%M}", fit(service_name) or "this service"
    return f"{which} to {to} tonight; it is {time} for {fit(person.name)}. Would low urgency do?"
