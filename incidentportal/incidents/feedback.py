"""What the form says of what was typed, besides its rules: hints, which answer blocks which, problems with a link."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator

from incidentportal.incidents.fields import NAMED, find
from incidentportal.incidents.outlook.hints import Hint
from incidentportal.incidents.report import SEVERAL, Report

if TYPE_CHECKING:
    from incidentportal.incidents.forms import IncidentForm


@dataclass(frozen=True)
class Block:
    """Why a field cannot be filled in now, and the field to clear so that it can."""

    clears: str
    button: str
    sentence: str


BLOCKS = {  # PagerDuty takes an escalation policy or assignees, not both
    "escalation_policy": Block("assignees", "Clear the assignee", "Blocked: you chose an assignee."),
    "assignees": Block("escalation_policy", "Clear the policy", "Blocked: you chose an escalation policy."),
}

FOLLOWERS = {"service": ("urgency",)}  # the fields of which the form says something else when this one changes


class Answer(forms.BoundField):
    """A field of the form that is drawn, with what the page says of it."""

    form: "IncidentForm"

    @property
    def limit(self) -> int | None:
        """How many characters it takes: the page counts down to it."""
        limits = (v.limit_value for v in self.field.validators if isinstance(v, MaxLengthValidator))
        return next(limits, None)

    @property
    def is_live(self) -> bool:
        """Whether it is checked while it is typed."""
        return "data-live" in self.field.widget.attrs

    @property
    def is_lead(self) -> bool:
        """Whether the cursor starts here."""
        return "autofocus" in self.field.widget.attrs

    @property
    def aria_describedby(self) -> str | None:
        """What a screen reader reads after the label: the help, and what the form says of the answer."""
        hint = f"hint_{self.name} " if self.help_text else ""
        return None if self.is_hidden else f"{hint}feedback_{self.name}"

    def build_widget_attrs(self, attrs: dict[str, Any], widget: forms.Widget | None = None) -> dict[str, Any]:
        attrs = super().build_widget_attrs(attrs, widget)
        return attrs | {"autofocus": False} if self.form.errors else attrs  # the summary of errors has the focus

    @property
    def hints(self) -> list[Hint]:
        return self.form.hints.get(self.name, [])

    @property
    def can_be_blocked(self) -> bool:
        return self.name in BLOCKS

    @property
    def block(self) -> Block | None:
        block = BLOCKS.get(self.name)
        answers = self.form.typed.texts()
        return block if block and block.clears in answers and self.name not in answers else None


def resolve_link(report: Report) -> tuple[Report, list[str]]:
    """A report of a link with ids for the names in it, and a sentence for each that names nothing."""
    problems: list[str] = []
    answers: dict[str, Any] = {}
    for name in NAMED:
        values = report.texts().get(name, [])
        ids = [found for value in values if (found := resolve(name, value, problems))]
        answers[name] = tuple(ids) if name in SEVERAL else "".join(ids)
    return replace(report, **answers), problems


def resolve(name: str, value: str, problems: list[str]) -> str:
    """The form's value for what a link names by id or by exact name; empty, and a problem, where nothing matches."""
    try:
        thing = find(NAMED[name], value)
    except ValidationError as error:
        problems.append("From the link: " + " ".join(error.messages))
        return ""
    if name != "incident_type":
        return str(thing.pk)
    if not thing.enabled:
        problems.append(f"From the link: the incident type “{thing.display_name}” is disabled in PagerDuty.")
        return ""
    return str(thing.name)
