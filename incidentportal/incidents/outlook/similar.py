"""Is it one of these? The open incidents that look like the one being reported.

Pure. Any part of an incident may be missing.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from rapidfuzz import fuzz, utils

from incidentportal.pagerduty import Incident
from incidentportal.wording import plain_line, span

SIMILAR = 70  # titles that a person calls similar score more; others that do cost a glance, not a second page
SHOWN = 5


@dataclass(frozen=True)
class SimilarIncident:
    """An open incident to compare with."""

    id: str
    number: int | None
    title: str
    url: str  # "" if PagerDuty gave none that is http or https
    status: str
    urgency: str
    created_at: datetime | None
    age: str  # "12 min"; "" if unknown
    assignees: tuple[str, ...]
    service: str
    likeness: int  # 0 to 100
    is_own_service: bool

    @property
    def is_similar(self) -> bool:
        """Whether it looks like the same thing, rather than only being open on the same service."""
        return self.likeness >= SIMILAR


@dataclass(frozen=True)
class Radar:
    """What is open on the service, and what is similar elsewhere. Newest first, and never cut silently."""

    own: tuple[SimilarIncident, ...] = ()
    elsewhere: tuple[SimilarIncident, ...] = ()
    own_count: str = ""  # "7 open, showing 5"; "" if there is none
    elsewhere_count: str = ""  # "6 similar, showing 5"

    @property
    def rows(self) -> tuple[SimilarIncident, ...]:
        """All that is shown."""
        return self.own + self.elsewhere


def similarity(a: str, b: str) -> int:
    """How similar two titles are, from 0 to 100.

    `token_set_ratio` compares which words there are. Neither their order nor how many more one title has counts: of two
    people who report the same thing, one writes "Checkout down" and the other "URGENT: checkout is down since 14:02".
    Titles are lower-cased, and all but letters and digits is dropped, so "[P1] card-payments" is "card payments".
    """
    return round(fuzz.token_set_ratio(folded(a), folded(b), processor=utils.default_process))


def folded(text: str) -> str:
    """The text as it is compared: composed letters and wide forms are the same, upper case is lower case."""
    return unicodedata.normalize("NFKC", plain_line(text)).casefold()


def rank_open(
    incidents: Iterable[Incident],
    title: str,
    *,
    own_service_id: str,
    now: datetime,
    threshold: int = SIMILAR,
    shown: int = SHOWN,
) -> Radar:
    """All that is open on the service, and what is similar on other services.

    If there are more than `shown`, similar ones stay before those that are only new.
    """
    rows = {}
    for incident in incidents:
        if incident.id and incident.status != "resolved":
            rows[incident.id] = compared(incident, title, own_service_id, now)
    own = [row for row in rows.values() if row.is_own_service]
    elsewhere = [row for row in rows.values() if not row.is_own_service and row.likeness >= threshold]
    return Radar(
        cut(own, threshold, shown),
        cut(elsewhere, threshold, shown),
        count(own, "open", shown),
        count(elsewhere, "similar", shown),
    )


def compared(incident: Incident, title: str, own_service_id: str, now: datetime) -> SimilarIncident:
    """The incident, beside the title being written."""
    created_at = incident.created_at
    return SimilarIncident(
        id=incident.id,
        number=incident.number,
        title=plain_line(incident.title),
        url=incident.url,
        status=plain_line(incident.status),
        urgency=plain_line(incident.urgency),
        created_at=created_at,
        age=span((now - created_at).total_seconds() / 60, is_short=True) if created_at else "",
        assignees=tuple(plain_line(assignee.name) for assignee in incident.assignees),
        service=plain_line(incident.service.name),
        likeness=similarity(incident.title, title),
        is_own_service=incident.service.id == own_service_id,
    )


def cut(rows: list[SimilarIncident], threshold: int, shown: int) -> tuple[SimilarIncident, ...]:
    """As many as are shown, newest first."""
    oldest = datetime.min.replace(tzinfo=UTC)
    newest = sorted(rows, key=lambda row: row.created_at or oldest, reverse=True)
    chosen = sorted(newest, key=lambda row: row.likeness if row.likeness >= threshold else 0, reverse=True)[:shown]
    return tuple(row for row in newest if row in chosen)


def count(rows: list[SimilarIncident], word: str, shown: int) -> str:
    """How many there are, and how many of them are shown."""
    if len(rows) > shown:
        return f"{len(rows)} {word}, showing {shown}"
    return f"{len(rows)} {word}" if rows else ""
