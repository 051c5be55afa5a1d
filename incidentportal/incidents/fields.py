"""Form fields that name an object of the directory, and the combobox that looks it up."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse_lazy

from incidentportal.wording import gone


class Combobox(forms.TextInput):
    """A search box over a look-up address. Without JavaScript it is a text box that takes exact names and ids."""

    template_name = "incidents/combobox.html"

    def __init__(self, model: type[models.Model], kind: str, *, maximum: int = 1) -> None:
        super().__init__()
        self.model, self.maximum, self.multiple = model, maximum, maximum > 1
        self.url = reverse_lazy("directory:lookup", args=[kind])

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        values = data.getlist(name) if hasattr(data, "getlist") else [data.get(name, "")]
        return [value.strip() for value in values if value and value.strip()]

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, None, attrs)
        values = [value] if isinstance(value, str) else list(value or [])
        ids = [value for value in values[:50] if "\x00" not in value]  # PostgreSQL cannot even look for it
        names = dict(self.model._default_manager.filter(pk__in=ids).values_list("pk", "name"))
        selected = [(value, names.get(value, value)) for value in values]
        typed = ", ".join(value for value in values if value not in names)
        context["widget"].update(
            url=self.url, multiple=self.multiple, maximum=self.maximum, selected=selected, typed=typed
        )
        return context


class DirectoryField(forms.Field):
    """One object of the directory (or, where `maximum` is above 1, several), by id or exact name."""

    def __init__(self, model: type[models.Model], kind: str, noun: str, *, maximum: int = 1, **options: Any) -> None:
        super().__init__(widget=Combobox(model, kind, maximum=maximum), **options)
        self.model, self.noun, self.maximum = model, noun, maximum

    def to_python(self, value: Any) -> list[models.Model]:
        values = list(dict.fromkeys(value or []))
        if len(values) > self.maximum:
            many = "one" if self.maximum == 1 else f"at most {self.maximum}"
            raise ValidationError(f"Choose {many} {self.noun}: {len(values)} were sent.")
        return [find(self.model, item, self.noun) for item in values]


class OneOf(DirectoryField):
    """A single object: the cleaned value is the object itself, or None."""

    def clean(self, value: list[str]) -> Any:
        found = super().clean(value)
        return found[0] if found else None


def find(model: Any, value: str, noun: str) -> Any:
    """The object that `value` names by id or exact name, or ValidationError with what to do."""
    shown = value if len(value) <= 80 else f"{value[:80]}…"
    if "\x00" in value:
        raise ValidationError(f"This {noun} has a character that cannot be read. Pick one from the list.")
    try:
        return model.objects.named(value)
    except model.DoesNotExist:
        if model.objects.filter(pk=value[:64], is_gone=True).exists():
            raise ValidationError(f"{gone(noun)} Pick another one.") from None
        raise ValidationError(f"No {noun} is called “{shown}”. Pick one from the list.") from None
    except model.MultipleObjectsReturned:
        raise ValidationError(f"More than one {noun} is called “{shown}”. Pick the right one from the list.") from None


def choices_of(rows: Iterable[Any], empty: str) -> list[tuple[str, str]]:
    """Choices by id, with a first one that means: none."""
    return [("", empty), *((row.id, row.name) for row in rows)]
