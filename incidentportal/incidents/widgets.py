"""How the form's controls are drawn, each by a template of its own."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.urls import reverse_lazy

from incidentportal.directory.models import Mirrored, Priority


class Segments(forms.RadioSelect):
    """A few choices side by side."""

    template_name = "incidents/segments.html"


class Pills(forms.RadioSelect):
    """Priorities, each with its colour and what it means."""

    template_name = "incidents/pills.html"
    priorities: Mapping[str, Priority] = {}

    def create_option(self, name: str, value: Any, *args: Any, **options: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **options)
        priority = self.priorities.get(value)
        if priority:
            option |= {"color": priority.color, "means": priority.description}
        if priority and priority.description:
            option["attrs"]["aria-describedby"] = f"{option['attrs']['id']}_means"
        return option


class Combobox(forms.TextInput):
    """A search box over a look-up address. Without JavaScript it is a text box that takes exact names and ids."""

    template_name = "incidents/combobox.html"

    def __init__(self, model: type[Mirrored]) -> None:
        super().__init__(attrs={"class": "form-control", "autocomplete": "off"})
        self.model, self.maximum = model, 1
        self.url = reverse_lazy("directory:lookup", args=[model.kind])

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        """What was picked and typed, one a line (Report.from_draft) or one a value."""
        lines = (line.strip() for value in data.getlist(name) for line in value.split("\n"))
        return [line for line in lines if line]

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, None, attrs)
        values = [value] if isinstance(value, str) else list(value or [])
        ids = [value for value in values[:50] if "\x00" not in value]  # PostgreSQL cannot even look for it
        names = dict(self.model._default_manager.filter(pk__in=ids).values_list("pk", "name"))
        selected = [(value, names.get(value, value)) for value in values]
        typed = ", ".join(value for value in values if value not in names)
        context["widget"].update(
            url=self.url, multiple=self.maximum > 1, maximum=self.maximum, selected=selected, typed=typed
        )
        return context
