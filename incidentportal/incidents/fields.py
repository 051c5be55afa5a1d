"""Fields and widgets of the form: texts within their limits, things in the directory found by id or name."""

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, RegexValidator
from django.urls import reverse_lazy

from incidentportal.directory.models import Mirrored, Priority
from incidentportal.incidents.names import NAMED, Names
from incidentportal.incidents.report import SEVERAL, Report

TITLE_LIMIT = 1024  # as PagerDuty's Events API documents for a summary; the REST API documents none
KEY_LIMIT = 255  # as its Events API documents for a dedup key
DETAILS_LIMIT = 25_000
MOST_LINES = 50  # that are read of what was typed into a look-up
PHONE = r"\A\+?[0-9][0-9 ().\-/]{2,}(,+[0-9*#]+)*#?\Z"  # as PagerDuty dials it: a comma waits one second, # ends a code
NUL = "This contains a character that can't be sent (a null character). Type the text instead of pasting it."


def too_long(limit: int) -> MaxLengthValidator:
    """A limit that the page counts down to, without cutting what was pasted."""
    return MaxLengthValidator(limit, message="This is %(show_value)d characters long; at most %(limit_value)d fit.")


phone_number = RegexValidator(PHONE, "This is not a phone number. Write it as +1 415-555-1212,,,,1234#")


class Text(forms.CharField):
    """A text of at most `limit` characters. If it is longer, nothing else is checked."""

    def __init__(self, limit: int, *, validators: Sequence[Callable[[str], None]] = (), **options: Any) -> None:
        super().__init__(validators=[too_long(limit), *validators], **options)

    def run_validators(self, value: str) -> None:
        self.validators[0](value)
        super().run_validators(value)


def is_visible(text: str) -> bool:
    """Whether there is anything to see: not only spaces, control and format characters."""
    return any(unicodedata.category(char)[0] not in "CZ" for char in text)


def visible_line(value: str) -> None:
    """One line with nothing hidden in it."""
    if not is_visible(value) or any(unicodedata.category(char) in {"Cc", "Zl", "Zp"} for char in value):
        raise ValidationError("Write one line, with visible letters or digits.")


def web_address(value: str) -> None:
    """An address that a browser opens: http or https, a host, and nothing that runs."""
    try:
        parts = urlsplit(value)
        is_right = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        is_right = False
    if not is_right or any(char.isspace() or not char.isprintable() for char in value):
        raise ValidationError("Write a web address that begins with https://, such as https://meet.example.com/room")


def resolve_link(report: Report, names: Names) -> tuple[Report, list[str]]:
    """A report of a link with ids for the names in it, and a sentence for each that names nothing."""
    problems: list[str] = []
    answers: dict[str, Any] = {}
    for name in NAMED:
        ids, values = [], report.texts().get(name, [])
        names.read(NAMED[name], values)
        for value in values:
            try:
                thing = names.find(NAMED[name], value)
                if name == "incident_type" and not thing.enabled:
                    raise ValidationError(f"the incident type “{thing.display_name}” is disabled in PagerDuty.")
                ids.append(thing.name if name == "incident_type" else thing.pk)
            except ValidationError as error:
                problems.append(f"From the link: {error.message}")
        answers[name] = tuple(ids) if name in SEVERAL else "".join(ids)
    return replace(report, **answers), problems


class Combobox(forms.TextInput):
    """A search box over a look-up address. Without JavaScript it is a text box that takes exact names and ids."""

    template_name = "incidents/combobox.html"
    names: Names  # given by the form

    def __init__(self, model: type[Mirrored]) -> None:
        super().__init__(attrs={"class": "form-control", "autocomplete": "off"})
        self.model, self.maximum = model, 1
        self.url = reverse_lazy("directory:lookup", args=[model.kind])

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        """What was picked and typed, one a line (Report.from_draft) or one a value."""
        lines = (line.strip() for value in data.getlist(name) for line in value.split("\n", MOST_LINES))
        return [line for line in lines if line]

    def get_context(self, name: str, value: list[str], attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, None, attrs)
        rows = self.names.read(self.model, value[:50])
        selected = [(given, rows[given].name if given in rows else given) for given in value]
        typed = ", ".join(given for given in value if given not in rows)
        context["widget"].update(
            url=self.url, multiple=self.maximum > 1, maximum=self.maximum, selected=selected, typed=typed
        )
        return context


class DirectoryField(forms.Field):
    """Objects of the directory, by id or exact name, at most `widget.maximum`. The cleaned value is their ids."""

    widget: Combobox
    names: Names  # given by the form

    def __init__(self, model: type[Mirrored], **options: Any) -> None:
        super().__init__(widget=Combobox(model), **options)
        self.model = model

    def to_python(self, value: list[str] | None) -> tuple[str, ...]:
        values, maximum = list(dict.fromkeys(value or [])), self.widget.maximum
        if len(values) > maximum:
            many = "one" if maximum == 1 else f"at most {maximum}"
            raise ValidationError(f"Choose {many} {self.model._meta.verbose_name}: {len(values)} were sent.")
        self.names.read(self.model, values)
        return tuple(self.names.find(self.model, value).pk for value in values)


class OneOf(DirectoryField):
    """A single object: the cleaned value is its id; empty for none."""

    def clean(self, value: list[str]) -> str:
        ids: tuple[str, ...] = super().clean(value)
        return ids[0] if ids else ""


class Segments(forms.RadioSelect):
    """A few choices side by side."""

    template_name = "incidents/segments.html"


class Pills(forms.RadioSelect):
    """Priorities, each with its color and what it means."""

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
