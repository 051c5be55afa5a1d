"""What a look-up shows: the rows that a search finds, and what helps to choose between them."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.utils.timezone import now

from incidentportal.directory.live.oncalls import WORTH_SHOWING, OnCalls, known_on_call, known_oncalls_of
from incidentportal.directory.models import Mirrored, Person
from incidentportal.directory.search import Found, search

NAMES_SHOWN = 3


@dataclass(frozen=True)
class Row:
    """One thing to choose, as the page shows it."""

    row: Mirrored
    label: str
    facts: list[str]
    oncall: str
    is_disabled: bool
    disabled_reason: str
    is_starred: bool


def look_up(kind: str, query: str, *, user: Any, limit: int) -> Found:
    """Search, and say of each row what helps to choose. It asks PagerDuty nothing."""
    found = search(kind, query, user=user, limit=limit)
    at = now()
    oncalls = oncall_notes(kind, found.rows, at)
    namesakes = Counter(row.name for row in found.rows)
    rows = []
    for row in found.rows:
        facts = [fact for fact in row.facts(at) if fact] + ([str(row.pk)] if namesakes[row.name] > 1 else [])
        reason = row.disabled_reason
        rows.append(Row(row, row.name, facts, oncalls.get(row.pk, ""), bool(reason), reason, row.pk in found.starred))
    return replace(found, rows=rows)


def oncall_notes(kind: str, rows: list[Mirrored], at: datetime) -> dict[str, str]:
    """Who is on call, by the id of each row, where it is known already."""
    if kind == Person.kind:
        on_call = set(known_on_call(1000))
        return {row.pk: "on call now" for row in rows if row.pk in on_call}
    policies = {row.pk: row.oncall_policy_id for row in rows if row.oncall_policy_id}
    known = known_oncalls_of(list(dict.fromkeys(policies.values())))
    return {pk: oncall_note(known[policy], at) for pk, policy in policies.items() if policy in known}


def oncall_note(oncalls: OnCalls, at: datetime) -> str:
    """The people whom an incident would page first; empty where that is not known, or was too long ago."""
    if oncalls.fetched_at is None or at - oncalls.fetched_at > WORTH_SHOWING:
        return ""
    names = list(dict.fromkeys(row.person_name for row in oncalls.rows if row.level == 1))
    if not names:
        return "nobody on call at level 1"
    more = f" and {len(names) - NAMES_SHOWN} more" if len(names) > NAMES_SHOWN else ""
    return f"on call: {', '.join(names[:NAMES_SHOWN])}{more}"
