"""What a form says so far of who is to be paged, whatever else is missing or wrong."""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError

from incidentportal.directory.models import EscalationPolicy, Mirrored, Person, Service
from incidentportal.incidents.fields import find
from incidentportal.incidents.forms import IncidentForm


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


def choice_in(form: IncidentForm) -> Choice:
    """The choice in a form, valid or not."""
    people = [found_in(Person, value) for value in form.raw("assignees") or []]
    urgency = form.raw("urgency")
    return Choice(
        title=str(form.raw("title") or "").strip(),
        service=found_in(Service, form.raw("service")),
        picked_policy=found_in(EscalationPolicy, form.raw("escalation_policy")),
        assignees=tuple(person for person in people if person),
        urgency=urgency if urgency in {"high", "low"} else "",
    )


def found_in[Row: Mirrored](model: type[Row], value: Any) -> Row | None:
    """The one object that a field names by id or name; None if it names none or several."""
    names = [value] if isinstance(value, str) else value or []
    try:
        found: Row | None = find(model, names[0], "") if len(names) == 1 else None
    except ValidationError:
        return None
    return found
