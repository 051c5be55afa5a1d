"""What the answers mean, said beside each field while the form is filled in. Pure."""

from collections.abc import Iterator
from typing import Literal, NamedTuple

from incidentportal.incidents.outlook import cases, facts
from incidentportal.incidents.outlook.situation import Situation
from incidentportal.wording import fit


class Hint(NamedTuple):
    """A sentence beside a field."""

    level: Literal["info", "warning"]
    sentence: str


def hints_on(situation: Situation) -> dict[str, list[Hint]]:
    """The hints by field. Who is on call plays no part, so the situation need not know it."""
    return {
        "service": list(on_service(situation)),
        "urgency": list(on_urgency(situation)),
        "assignees": list(on_assignees(situation)),
    }


def on_service(s: Situation) -> Iterator[Hint]:
    if s.service_name and not s.disabled_reason:
        yield Hint("info", f"Its escalation policy: {fit(s.own_policy_name) or 'unknown'}.")
        if s.is_in_maintenance:
            yield Hint("warning", facts.maintenance(s.maintenance_until, s.zone, s.now))


def on_urgency(s: Situation) -> Iterator[Hint]:
    if s.urgency == "low":
        yield Hint("warning", facts.LOW_URGENCY)
    elif not s.urgency and s.service_name and not s.disabled_reason:
        yield Hint("info", facts.service_decides(s.own_urgency, s.zone, s.now))


def on_assignees(s: Situation) -> Iterator[Hint]:
    if s.is_both or not s.assignees:
        return
    if s.is_self_assigned:
        yield Hint("warning", facts.SELF_ASSIGNED)
        return
    yield Hint("warning", cases.to_people(s).sentence)
    if any(person.person_id == s.sender_id for person in s.assignees):
        yield Hint("warning", facts.ALSO_SELF_ASSIGNED)
