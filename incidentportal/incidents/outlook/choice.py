"""What a report says so far of who is to be paged, whatever else is missing or wrong."""

from dataclasses import dataclass

from incidentportal.directory.models import EscalationPolicy, Person, Service
from incidentportal.incidents.fields import found
from incidentportal.incidents.report import Report


@dataclass(frozen=True)
class Choice:
    """The answers that decide who is paged. What is left out was not given, or names nothing in the directory."""

    title: str = ""
    service: Service | None = None
    picked_policy: EscalationPolicy | None = None
    assignees: tuple[Person, ...] = ()
    urgency: str = ""

    @property
    def own_policy(self) -> EscalationPolicy | None:
        """The escalation policy of the service."""
        return self.service.own_policy if self.service else None

    @property
    def policy(self) -> EscalationPolicy | None:
        """The escalation policy that applies while nobody is assigned."""
        return self.picked_policy or self.own_policy

    @property
    def things(self) -> list[Service | EscalationPolicy | Person]:
        """All that was picked."""
        return [thing for thing in (self.service, self.picked_policy, *self.assignees) if thing]


def choice_in(typed: Report) -> Choice:
    """The choice in what was typed, right or wrong."""
    people = [found("assignees", person) for person in typed.assignees]
    return Choice(
        title=typed.title.strip(),
        service=found("service", typed.service),
        picked_policy=found("escalation_policy", typed.escalation_policy),
        assignees=tuple(person for person in people if person),
        urgency=typed.urgency if typed.urgency in {"high", "low"} else "",
    )
