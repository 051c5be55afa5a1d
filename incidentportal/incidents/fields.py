"""Form fields that name an object of the directory, and how it is found by what was typed."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from incidentportal.directory.models import EscalationPolicy, IncidentType, Mirrored, Person, Priority, Service
from incidentportal.incidents.widgets import Combobox
from incidentportal.wording import gone

# What a report names by PagerDuty's id (an incident type by its name).
NAMED: dict[str, type[Any]] = {
    "service": Service,
    "priority": Priority,
    "escalation_policy": EscalationPolicy,
    "assignees": Person,
    "incident_type": IncidentType,
}


class DirectoryField(forms.Field):
    """Objects of the directory, by id or exact name. The cleaned value is their ids."""

    widget: Combobox

    def __init__(self, model: type[Mirrored], **options: Any) -> None:
        super().__init__(widget=Combobox(model), **options)
        self.model = model

    def allow(self, maximum: int) -> None:
        self.widget.maximum = maximum

    def to_python(self, value: list[str] | None) -> tuple[str, ...]:
        values, maximum = list(dict.fromkeys(value or [])), self.widget.maximum
        if len(values) > maximum:
            many = "one" if maximum == 1 else f"at most {maximum}"
            raise ValidationError(f"Choose {many} {noun_of(self.model)}: {len(values)} were sent.")
        return tuple(find(self.model, value).pk for value in values)


class OneOf(DirectoryField):
    """A single object: the cleaned value is its id; empty for none."""

    def clean(self, value: list[str]) -> str:
        ids: tuple[str, ...] = super().clean(value)
        return ids[0] if ids else ""


def find(model: type[Any], value: str) -> Any:
    """The object that `value` names by id or exact name, or ValidationError with what to do."""
    noun = noun_of(model)
    shown = value if len(value) <= 80 else f"{value[:80]}…"
    if "\x00" in value:
        raise ValidationError(f"This {noun} contains a character that can't be read. Pick one from the list.")
    try:
        return model.objects.named(value)
    except model.DoesNotExist:
        if model.objects.filter(pk=value[:64], is_gone=True).exists():
            raise ValidationError(f"{gone(noun)} Pick another one.") from None
        raise ValidationError(f"No {noun} is called “{shown}”. Pick one from the list.") from None
    except model.MultipleObjectsReturned:
        raise ValidationError(f"More than one {noun} is called “{shown}”. Pick the right one from the list.") from None


def found(name: str, value: str) -> Any:
    """The object that the field `name` names by id or exact name; None where it names nothing, or not one alone."""
    try:
        return find(NAMED[name], value) if value else None
    except ValidationError:
        return None


def noun_of(model: type[Mirrored]) -> str:
    """What a sentence calls one of them."""
    return str(model._meta.verbose_name)
