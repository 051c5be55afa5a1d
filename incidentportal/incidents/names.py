"""The things in the directory that a report names: each is read once in a request, whoever asks for it."""

from collections.abc import Collection, Iterator
from typing import Any

from django.core.exceptions import ValidationError

from incidentportal.directory.models import EscalationPolicy, IncidentType, Person, Priority, Service, named_in
from incidentportal.wording import gone

# What a report names by PagerDuty's id (an incident type by its name).
NAMED: dict[str, type[Any]] = {
    "service": Service,
    "priority": Priority,
    "escalation_policy": EscalationPolicy,
    "assignees": Person,
    "incident_type": IncidentType,
}
OFFERED = {Priority, IncidentType}  # so few that the form offers all of them: they are read as a whole


class Names:
    """The rows that one request has read, by id. Not for another request: they do not follow later changes."""

    def __init__(self) -> None:
        self.rows: dict[type[Any], dict[str, Any]] = {}
        self.asked: dict[type[Any], set[str]] = {}

    def read(self, model: type[Any], values: Collection[str]) -> dict[str, Any]:
        """Read what these ids or exact names may mean. Returns all rows of this model read so far, gone or not."""
        rows, asked = self.rows.setdefault(model, {}), self.asked.setdefault(model, set())
        wanted = {"all"} if model in OFFERED else {value for value in values if value not in rows}
        if missing := wanted - asked:
            asked |= missing
            found = model.objects.all() if model in OFFERED else model.objects.called(missing)
            for row in found.select_related("escalation_policy") if model is Service else found:
                self.keep(row)
        return rows

    def keep(self, row: Any) -> None:
        """Remember a row, of a service with its policy."""
        self.rows.setdefault(type(row), {})[row.pk] = row
        if isinstance(row, Service) and row.own_policy:
            self.keep(row.own_policy)

    def forget(self, model: type[Any], pk: str) -> None:
        """The row is gone: from now on nothing finds it."""
        self.rows.get(model, {}).pop(pk, None)

    def offered(self, model: type[Any]) -> Iterator[Any]:
        """All of a kind that can be chosen, in their order."""
        return (row for row in self.read(model, ()).values() if not row.is_gone)

    def find(self, model: type[Any], value: str) -> Any:
        """The object that `value` names by id or exact name, or ValidationError with what to do."""
        noun = model._meta.verbose_name
        shown = value if len(value) <= 80 else f"{value[:80]}…"
        if "\x00" in value:
            raise ValidationError(f"This {noun} contains a character that can't be read. Pick one from the list.")
        rows = self.read(model, [value])
        row = rows.get(value)
        if row and not row.is_gone:
            return row
        try:
            return named_in(model, rows.values(), value)
        except model.DoesNotExist:
            if value in rows:
                raise ValidationError(f"{gone(noun)} Pick another one.") from None
            raise ValidationError(f"No {noun} is called “{shown}”. Pick one from the list.") from None
        except model.MultipleObjectsReturned:
            sentence = f"More than one {noun} is called “{shown}”. Pick the right one from the list."
            raise ValidationError(sentence) from None

    def found(self, name: str, value: str) -> Any:
        """The object that the field `name` names by id or exact name; None if that is none, or several."""
        try:
            return self.find(NAMED[name], value) if value else None
        except ValidationError:
            return None
