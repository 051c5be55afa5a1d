"""How the form is drawn: the order and the groups of its fields, and what the page says of each answer."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Div, Layout
from django import forms
from django.core.validators import MaxLengthValidator

from incidentportal.incidents.outlook.hints import Hint

if TYPE_CHECKING:
    from incidentportal.incidents.forms import IncidentForm

FIRST = ("title", "service", "urgency", "priority", "details")
WHO = ("escalation_policy", "assignees")
WHAT = ("incident_type", "conference_number", "conference_url", "incident_key")


def helper_for(*, is_open: bool) -> FormHelper:
    """How crispy draws the form. All but the first group is folded away, unless `is_open`."""
    first, who, what = (Div(*names, css_class="form-section") for names in (FIRST, WHO, WHAT))
    helper = FormHelper()
    helper.field_template = "incidents/field.html"
    helper.layout = Layout("form_key", first, Div(who, what, template="incidents/more.html", open=is_open))
    return helper


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


class Answer(forms.BoundField):
    """A field of the form that is drawn, with what the page says of it besides its rules."""

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
