"""Who is on call, what is open, what is in maintenance: live, with the last known answer where it cannot be had."""

import hashlib
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import batched
from typing import Any

from django.core.cache import cache
from django.utils.timezone import now

from incidentportal import pagerduty
from incidentportal.directory.live import answers as live
from incidentportal.directory.live.crowds import Others, shown_of
from incidentportal.directory.models import LastKnown
from incidentportal.pagerduty import JSON, Incident, MaintenanceWindow, OnCall

AT_ONCE = 20  # policies in one call
SERVICES_AT_ONCE = 100  # their ids must fit into an address
ANSWERS_READ = 50  # of the latest on-calls, to tell who is on call anywhere
WORTH_SHOWING = timedelta(hours=12)  # beside a name in a list, where there is no room for its age
LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class LiveRows[Row]:
    """`fetched_at` is None where they were never known; `problem` says why they are not fresh."""

    rows: list[Row]
    fetched_at: datetime | None
    problem: str

    @classmethod
    def read(cls, answer: live.Answer, row_of: Callable[[JSON], Row]) -> "LiveRows[Row]":
        return cls([row_of(stored) for stored in answer.answer or []], answer.fetched_at, answer.problem)


@dataclass(frozen=True)
class OnCalls(LiveRows[OnCall]):
    """`rows` are those that a page shows, by level; `others` are the other people of a level."""

    others: dict[int, Others] = field(default_factory=dict)


Windows = LiveRows[MaintenanceWindow]  # the earliest first
OpenIncidents = LiveRows[Incident]  # the newest first


def oncalls_of(policy_ids: list[str]) -> dict[str, OnCalls]:
    """Who is on call now in each of these policies. Never raises."""
    found = live.ask_all([oncall_key(pk) for pk in policy_ids], fetch_oncalls)
    return {pk: as_oncalls(pk, found[oncall_key(pk)]) for pk in policy_ids}


def warm_oncalls(policy_ids: list[str]) -> None:
    """Ask who is on call in these policies, so that look-ups can say it. Never raises."""
    for some in batched(policy_ids, AT_ONCE):
        oncalls_of(list(some))


def known_oncalls_of(policy_ids: list[str]) -> dict[str, OnCalls]:
    """Who was on call when we last asked, however long ago; without policies we never asked for. Asks nobody."""
    found = live.known([oncall_key(pk) for pk in policy_ids])
    return {pk: as_oncalls(pk, found[oncall_key(pk)]) for pk in policy_ids if oncall_key(pk) in found}


def known_on_call(limit: int) -> list[str]:
    """The ids of people who were on call when we last asked, the first levels first. Asks nobody."""
    name = "directory:on-call"
    ids = cache.get(name)
    if ids is None:
        recent = LastKnown.objects.filter(key__startswith="oncalls:", fetched_at__gt=now() - WORTH_SHOWING)
        answers = list(recent.order_by("-fetched_at").values_list("answer", flat=True)[:ANSWERS_READ])
        rows = [row for answer in answers for row in rows_in(answer)]
        rows.sort(key=lambda row: row["level"])
        counted = [pk for answer in answers for some in others_in(answer) for pk in some["ids"].split()]
        ids = list(dict.fromkeys([*(row["person_id"] for row in rows), *counted]))
        cache.set(name, ids, timeout=5)
    return list(ids[:limit])


def windows_of(service_id: str) -> Windows:
    """The ongoing and coming maintenance windows of a service. Never raises."""
    answer = live.ask(f"windows:{service_id}", lambda client: fetch_windows(client, service_id))
    return Windows.read(answer, lambda row: MaintenanceWindow(**restored(row, "start", "end")))


def open_incidents_of(service_ids: list[str]) -> OpenIncidents:
    """The open incidents of these services: the newest hundred for each hundred services. Never raises."""
    ids = sorted(set(service_ids))
    if not ids:
        return OpenIncidents([], None, "")
    answer = live.ask(open_key(ids), lambda client: fetch_open(client, ids))
    return OpenIncidents.read(answer, Incident.read)


def add_open_incident(service_ids: list[str], incident: JSON) -> None:
    """Add a new incident to what is cached of these services, so that the next page shows it."""
    live.amend(open_key(sorted(set(service_ids))), lambda rows: [incident, *(rows or [])])


def open_key(ids: list[str]) -> str:
    name = ids[0] if len(ids) == 1 else hashlib.sha256(" ".join(ids).encode()).hexdigest()
    return f"open:{name}"


def fetch_oncalls(client: pagerduty.Client, keys: list[str]) -> dict[str, JSON]:
    """One call for up to 20 policies; each policy gets its own rows, and none where nobody is on call."""
    found: dict[str, list[OnCall]] = {key: [] for key in keys}
    for some in batched(keys, AT_ONCE):
        rows = client.oncalls([key.removeprefix("oncalls:") for key in some])
        for row in rows:
            key = oncall_key(row.policy_id)
            if key in found and row.person_id:
                found[key].append(row)
    return {key: stored_oncalls(rows) for key, rows in found.items()}


def stored_oncalls(rows: list[OnCall]) -> JSON:
    """What is shown of them, and the others of each level: small, however large the policy is."""
    shown, others = shown_of(rows)
    rest = [{"level": level, **stored(some), "ids": " ".join(sorted(some.ids))} for level, some in others.items()]
    return {"rows": [stored(row) for row in shown], "others": rest}


def rows_in(answer: Any) -> list[JSON]:
    """The rows of a stored answer. An earlier release stored only these, as a list."""
    found: list[JSON] = answer["rows"] if isinstance(answer, dict) else answer or []
    return found


def others_in(answer: Any) -> list[JSON]:
    found: list[JSON] = answer["others"] if isinstance(answer, dict) else []
    return found


def as_oncalls(policy_id: str, answer: live.Answer) -> OnCalls:
    others = {row["level"]: as_others(restored(row, "soonest", "latest")) for row in others_in(answer.answer)}
    rows = [OnCall(policy_id=policy_id, **restored(row, "until")) for row in rows_in(answer.answer)]
    return OnCalls(rows, answer.fetched_at, answer.problem, others)


def as_others(row: JSON) -> Others:
    return Others(frozenset(row["ids"].split()), row["soonest"], row["latest"])


def fetch_windows(client: pagerduty.Client, service_id: str) -> list[JSON]:
    return [
        stored(window) for window in sorted(client.maintenance_windows(service_id), key=lambda window: window.start)
    ]


def fetch_open(client: pagerduty.Client, service_ids: list[str]) -> list[JSON]:
    rows = [row for some in batched(service_ids, SERVICES_AT_ONCE) for row in client.open_incidents(list(some))]
    rows.sort(key=lambda row: row.created_at or LONG_AGO, reverse=True)
    return [row.raw for row in rows]


def oncall_key(policy_id: str) -> str:
    return f"oncalls:{policy_id}"


def stored(row: OnCall | Others | MaintenanceWindow) -> JSON:
    """The row as JSON, without its policy: that is the question that it answers."""
    columns = asdict(row).items()
    return {name: at.isoformat() if isinstance(at, datetime) else at for name, at in columns if name != "policy_id"}


def restored(row: JSON, *times: str) -> JSON:
    return row | {name: row[name] and datetime.fromisoformat(row[name]) for name in times}
