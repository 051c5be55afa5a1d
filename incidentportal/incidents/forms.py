"""IncidentForm: what a person must tell us. It reads the directory, never the network."""

from collections.abc import Collection
from typing import Any, cast

from crispy_forms.helper import FormHelper
from django import forms
from django.conf import settings
from django.core.validators import ProhibitNullCharactersValidator
from django.http import QueryDict

from incidentportal.directory.models import EscalationPolicy, IncidentType, Person, Priority, Service
from incidentportal.incidents import fields
from incidentportal.incidents.layout import WHAT, WHO, Answer, helper_for
from incidentportal.incidents.names import Names
from incidentportal.incidents.outlook.hints import Hint
from incidentportal.incidents.outlook.phrases import EITHER_OR
from incidentportal.incidents.report import FIELDS, Report

INCOMPLETE = "This page was incomplete, so nothing was sent."


class IncidentForm(forms.Form):
    """Every field of a report, in its order, with the rules that PagerDuty would apply."""

    bound_field_class = Answer
    form_key = forms.UUIDField(
        widget=forms.HiddenInput,
        error_messages=dict.fromkeys(("required", "invalid"), f"{INCOMPLETE} Press the button again."),
    )
    title = fields.Text(
        fields.TITLE_LIMIT,
        label="Title",
        widget=forms.TextInput(attrs={"class": "form-control", "autofocus": True, "data-live": True}),
        help_text="What is broken, in one line. This is what the responder's phone shows.",
        error_messages={"required": "Write a title: the responder's phone shows it."},
    )
    service = fields.OneOf(
        Service,
        label="Service",
        help_text="The thing that is broken. It decides who is paged.",
        error_messages={"required": "Choose the service that is broken: it decides who is paged."},
    )
    urgency = forms.ChoiceField(label="Urgency", required=False, widget=fields.Segments)
    priority = forms.ChoiceField(label="Priority", required=False, widget=fields.Pills)
    details = fields.Text(
        fields.DETAILS_LIMIT,
        label="Details",
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"class": "form-control", "rows": 5, "data-live": True}),
        help_text="What you see, since when, who is affected. Plain text; incomplete is fine.",
    )
    escalation_policy = fields.OneOf(
        EscalationPolicy,
        label="Escalation policy",
        required=False,
        help_text="Empty: the service's own.",
    )
    assignees = fields.DirectoryField(
        Person,
        label="Assignee",
        required=False,
        help_text="Only for one particular person. Otherwise leave it to the policy.",
    )
    incident_type = forms.ChoiceField(
        label="Incident type", required=False, widget=forms.Select(attrs={"class": "form-select"})
    )
    conference_number = fields.Text(
        255,
        label="Conference number",
        required=False,
        validators=[fields.phone_number],
        widget=forms.TextInput(attrs={"class": "form-control"}),
        help_text="Such as +1 415-555-1212,,,,1234# (a comma waits one second).",
    )
    conference_url = fields.Text(
        2000,
        label="Conference link",
        required=False,
        validators=[fields.web_address],
        widget=forms.TextInput(attrs={"class": "form-control", "inputmode": "url"}),
        help_text="A web meeting or a chat channel, beginning with https://",
    )
    incident_key = fields.Text(
        fields.KEY_LIMIT,
        label="Incident key",
        required=False,
        validators=[fields.visible_line],
        widget=forms.TextInput(attrs={"class": "form-control"}),
        help_text="While one with this key is open on the service, a second is refused. Empty: we make one.",
    )

    def __init__(self, data: QueryDict, *, repeated: Collection[str] = (), names: Names | None = None) -> None:
        """`data` is what was sent, or the answers to start from (Report.to_form)."""
        super().__init__(data, auto_id="control_%s")
        self.typed, self.repeated, self.names = Report.from_form(data), repeated, names or Names()
        self.hints: dict[str, list[Hint]] = {}
        cast(fields.Combobox, self.fields["assignees"].widget).maximum = settings.PAGERDUTY_MAX_ASSIGNEES
        self.offer_choices()
        for field in self.fields.values():
            if isinstance(field, fields.DirectoryField):
                field.names = field.widget.names = self.names
            for validator in field.validators:
                if isinstance(validator, ProhibitNullCharactersValidator):
                    validator.message = fields.NUL

    def offer_choices(self) -> None:
        """Let people choose among what this account has. What it has none of is not asked for, unless it was sent."""
        priorities = {row.id: row for row in self.names.offered(Priority)}
        cast(fields.Pills, self.fields["priority"].widget).priorities = priorities
        types = [(row.name, row.display_name) for row in self.names.offered(IncidentType) if row.enabled]
        offered = {
            "urgency": [("", "As the service decides"), ("high", "High"), ("low", "Low")],
            "priority": [("", "None"), *((row.id, row.name) for row in priorities.values())],
            "incident_type": [("", "Default"), *types],
        }
        for name, choices in offered.items():
            field = cast(forms.ChoiceField, self.fields[name])
            field.choices = choices
            field.error_messages["invalid_choice"] = "“%(value).80s” is not available here. Choose one of those shown."
        if not priorities and not self.typed.priority:
            self.fields["priority"].widget = forms.HiddenInput()
        if len(types) < 2 and not self.typed.incident_type:
            self.fields["incident_type"].widget = forms.HiddenInput()

    @property
    def helper(self) -> FormHelper:
        return helper_for(is_open=any(self.typed.texts().get(name) or self.errors.get(name) for name in WHO + WHAT))

    def clean_title(self) -> str:
        """One line: line breaks are folded into spaces."""
        title = " ".join(self.cleaned_data["title"].split())
        if not fields.is_visible(title):
            raise forms.ValidationError(self.fields["title"].error_messages["required"])
        return title

    def clean_service(self) -> str:
        service: Service = self.names.find(Service, self.cleaned_data["service"])
        if service.disabled_reason:
            raise forms.ValidationError(f"{service.disabled_reason} Choose another service.")
        return service.pk

    def clean_details(self) -> str:
        details: str = self.cleaned_data["details"]
        return details.replace("\r\n", "\n") if details.strip() else ""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name in self.repeated:
            if name not in self.errors:
                self.add_error(name, "This field was sent more than once. Fill it in again.")
        if self.typed.escalation_policy and self.typed.assignees:
            for name in ("escalation_policy", "assignees"):
                self.add_error(name, EITHER_OR)
        return cleaned

    def report(self) -> Report:
        """The valid part of the answers: all of them, where the form is valid."""
        self.is_valid()
        return Report(**{name: self.cleaned_data[name] for name in FIELDS if name in self.cleaned_data})

    def wrong(self) -> dict[str, str]:
        """What is wrong with the answers, each with its label, in sentences by field."""
        sentences = {name: " ".join(map(str, self.errors[name])) for name in self.fields if name in self.errors}
        return {name: f"{self[name].label}: {sentence}" for name, sentence in sentences.items()}
