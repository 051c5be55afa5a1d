"""The radar: what is open around a service, which of it looks like the report being written, and when it paged."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from rapidfuzz import fuzz, utils

from incidentportal.directory.live.oncalls import LONG_AGO, OpenIncidents, add_open_incident, open_incidents_of
from incidentportal.directory.models import Service
from incidentportal.incidents.fields import TITLE_LIMIT
from incidentportal.incidents.models import State, Submission
from incidentportal.incidents.outlook.hints import PAGES_COUNTED
from incidentportal.pagerduty import JSON, Incident
from incidentportal.wording import plain_line, span

SIBLINGS = 30  # other services of the same policy whose open incidents are compared, asked for in the same call
SIMILAR = 70  # titles that a person calls similar score more; others that do cost a glance, not a second page
SHOWN = 5


@dataclass(frozen=True)
class SimilarIncident:
    """An open incident beside the one being written."""

    incident: Incident
    age: str  # "12 min"; "" if unknown
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


def open_around(service: Service) -> OpenIncidents:
    """What is open on a service and on others of its policy, in one call."""
    return open_incidents_of([service.id, *siblings_of(service)])


def add_open(service: Service, incident: JSON) -> None:
    """The service has a new incident: the very next report shows it."""
    add_open_incident([service.id, *siblings_of(service)], incident)


def siblings_of(service: Service) -> list[str]:
    siblings = Service.objects.current().filter(escalation_policy_id=service.escalation_policy_id or "-")
    return list(siblings.exclude(pk=service.id).order_by("id").values_list("id", flat=True)[:SIBLINGS])


def pages_of(service: Service, opened: Iterable[Incident], *, since: datetime) -> list[datetime]:
    """When incidents on this service paged somebody: the latest created here since then, and those open now."""
    ours = Submission.objects.filter(service_id=service.id, state=State.CREATED, decided_at__gt=since)
    latest = ours.order_by("-decided_at").values_list("incident", flat=True)[:PAGES_COUNTED]
    incidents = [*map(Incident.read, latest), *opened]
    times = {
        incident.id: incident.created_at
        for incident in incidents
        if incident.service.id == service.id and has_paged(incident)
    }
    return [time for time in times.values() if time]


def has_paged(incident: Incident) -> bool:
    """Whether an incident, as it was created or is now, rang anybody's phone."""
    is_self_assigned = incident.assigned_via == "direct_assignment" and incident.status != "triggered"
    return incident.urgency != "low" and bool(incident.assignees) and not is_self_assigned


def similarity(a: str, b: str) -> int:
    """How similar two titles are, from 0 to 100.

    `token_set_ratio` compares which words there are. Neither their order nor how many more one title has counts: of two
    people who report the same thing, one writes "Checkout down" and the other "URGENT: checkout is down since 14:02".
    Titles are lower-cased, and all but letters and digits is dropped, so "[P1] card-payments" is "card payments".
    """
    return alike(comparable(a), comparable(b))


def alike(a: str, b: str) -> int:
    return round(fuzz.token_set_ratio(a, b))


def comparable(title: str) -> str:
    """The title as it is compared: composed letters and wide forms are the same, upper case is lower case."""
    return utils.default_process(unicodedata.normalize("NFKC", plain_line(title[:TITLE_LIMIT])).casefold())


def rank_open(incidents: Iterable[Incident], title: str, *, own_service_id: str, now: datetime) -> Radar:
    """All that is open on the service, and what is similar on other services.

    If there are more than are shown, similar ones stay before those that are only new.
    """
    by_id = {incident.id: incident for incident in incidents if incident.id and incident.status != "resolved"}
    typed = comparable(title)
    rows = [compared(incident, typed, own_service_id, now) for incident in by_id.values()]
    own = [row for row in rows if row.is_own_service]
    elsewhere = [row for row in rows if row.is_similar and not row.is_own_service]
    return Radar(cut(own), cut(elsewhere), count(own, "open"), count(elsewhere, "similar"))


def compared(incident: Incident, typed: str, own_service_id: str, now: datetime) -> SimilarIncident:
    minutes = (now - incident.created_at).total_seconds() / 60 if incident.created_at else None
    return SimilarIncident(
        incident,
        age="" if minutes is None else span(minutes, is_short=True),
        likeness=alike(comparable(incident.title), typed),
        is_own_service=incident.service.id == own_service_id,
    )


def cut(rows: list[SimilarIncident]) -> tuple[SimilarIncident, ...]:
    """As many as are shown, newest first."""
    newest = sorted(rows, key=lambda row: row.incident.created_at or LONG_AGO, reverse=True)
    chosen = sorted(newest, key=lambda row: row.likeness if row.is_similar else 0, reverse=True)[:SHOWN]
    return tuple(row for row in newest if row in chosen)


def count(rows: list[SimilarIncident], word: str) -> str:
    """How many there are, and how many of them are shown."""
    shown = f", showing {SHOWN}" if len(rows) > SHOWN else ""
    return f"{len(rows)} {word}{shown}" if rows else ""
