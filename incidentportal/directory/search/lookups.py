"""What a look-up says of each row, so that a person can choose between rows that look alike."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.utils.timezone import now

from incidentportal.directory.live.oncalls import WORTH_SHOWING, OnCalls, known_on_call, known_oncalls_of
from incidentportal.directory.models import EscalationPolicy, Mirrored, Person, Service
from incidentportal.directory.search.results import Found, search

ROLES = {
    "read_only_user": "stakeholder",
    "read_only_limited_user": "stakeholder",
    "observer": "observer",
    "restricted_access": "restricted access",
}
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
        facts = facts_of(row, at) + ([str(row.pk)] if namesakes[row.name] > 1 else [])
        reason = row.disabled_reason if isinstance(row, Service) else ""
        rows.append(Row(row, row.name, facts, oncalls.get(row.pk, ""), bool(reason), reason, row.pk in found.starred))
    return replace(found, rows=rows)


def facts_of(row: Mirrored, at: datetime) -> list[str]:
    """Team, policy, state of a service; clock, job and address of a person; team and levels of a policy."""
    if isinstance(row, Service):
        policy = getattr(row, "policy_name", None)
        facts = [row.team_names, f"policy: {policy}" if policy else ""]
        facts.append("in maintenance" if row.is_in_maintenance else "")
    elif isinstance(row, Person):
        facts = [row.local_note(at), row.job_title, row.team_names, row.email, ROLES.get(row.role, "")]
    elif isinstance(row, EscalationPolicy):
        levels = len(row.rules)
        facts = [row.team_names, "1 level" if levels == 1 else f"{levels} levels"]
    else:
        facts = []
    return [fact for fact in facts if fact]


def oncall_notes(kind: str, rows: list[Any], at: datetime) -> dict[str, str]:
    """Who is on call, by the id of each row, as far as it is known already."""
    if kind == "people":
        on_call = set(known_on_call(1000))
        return {row.pk: "on call now" for row in rows if row.pk in on_call}
    policies = {row.pk: row.pk if kind == "escalation-policies" else row.escalation_policy_id for row in rows}
    known = known_oncalls_of(list(dict.fromkeys(filter(None, policies.values()))))
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
