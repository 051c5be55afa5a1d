"""IncidentForm: what a person must tell us. It reads the directory, never the network."""

import uuid
from typing import Any, cast

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Div, Layout
from django import forms
from django.conf import settings
from django.core.validators import MaxLengthValidator, ProhibitNullCharactersValidator
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import mark_safe

from incidentportal.directory.models import EscalationPolicy, IncidentType, Person, Priority, Service
from incidentportal.incidents.fields import DirectoryField, OneOf, choices_of
from incidentportal.incidents.outlook.facts import EITHER_OR
from incidentportal.incidents.outlook.hints import Hint
from incidentportal.incidents.validators import (
    DETAILS_LIMIT,
    KEY_LIMIT,
    NUL,
    TITLE_LIMIT,
    is_visible,
    phone_number,
    too_long,
    visible_line,
    web_address,
)

URGENCIES = {"high": "High", "low": "Low"}
TEXTS = {"title", "details", "conference_number", "conference_url", "incident_key"}
BRIDGE = ("conference_number", "conference_url")


class IncidentForm(forms.Form):
    """Every field of `POST /incidents`, with the rules that PagerDuty would apply."""

    form_key = forms.UUIDField(
        widget=forms.HiddenInput,
        error_messages=dict.fromkeys(("required", "invalid"), "This page was incomplete, so nothing was sent."),
    )
    title = forms.CharField(
        label="Title",
        validators=[too_long(TITLE_LIMIT)],
        help_text="What is broken, in one line. This is what the responder's phone shows.",
        error_messages={"required": "Write a title: the responder's phone shows it."},
    )
    service = OneOf(
        Service,
        "services",
        "service",
        label="Service",
        help_text="The thing that is broken. It decides who is paged.",
        error_messages={"required": "Choose the service that is broken: it decides who is paged."},
    )
    urgency = forms.ChoiceField(label="Urgency", required=False, widget=forms.RadioSelect)
    priority = forms.ChoiceField(label="Priority", required=False)
    details = forms.CharField(
        label="Details",
        required=False,
        strip=False,
        validators=[too_long(DETAILS_LIMIT)],
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="What you see, since when, who is affected. Plain text; incomplete is fine.",
    )
    escalation_policy = OneOf(
        EscalationPolicy,
        "escalation-policies",
        "escalation policy",
        label="Escalation policy",
        required=False,
        help_text="Empty: the service's own.",
    )
    assignees = DirectoryField(
        Person,
        "people",
        "person",
        label="Assignee",
        required=False,
        maximum=settings.PAGERDUTY_MAX_ASSIGNEES,
        help_text="Only for one particular person. Otherwise leave it to the policy.",
    )
    incident_type = forms.ChoiceField(label="Incident type", required=False)
    conference_number = forms.CharField(
        label="Conference number",
        required=False,
        validators=[too_long(255), phone_number],
        help_text="Such as +1 415-555-1212,,,,1234# (a comma waits one second).",
    )
    conference_url = forms.CharField(
        label="Conference link",
        required=False,
        validators=[too_long(2000), web_address],
        widget=forms.TextInput(attrs={"inputmode": "url"}),
        help_text="A web meeting or a chat channel, beginning with https://",
    )
    incident_key = forms.CharField(
        label="Incident key",
        required=False,
        validators=[too_long(KEY_LIMIT), visible_line],
        help_text="While one with this key is open on the service, a second is refused. Empty: we make one.",
    )

    def __init__(self, *args: Any, sender: Person | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sender = sender
        self.repeated = self.repeated_names()
        if self.repeated:
            self.data = joined(cast(QueryDict, self.data), TEXTS & self.repeated)
        self.fields["form_key"].initial = uuid.uuid4
        self.priorities = {row.id: row for row in Priority.objects.current()}
        self.types = {row.name: row for row in IncidentType.objects.current().filter(enabled=True)}
        self.offer("urgency", [("", "As the service decides"), *URGENCIES.items()])
        self.offer("priority", choices_of(self.priorities.values(), "None"))
        types = [(row.name, row.display_name) for row in self.types.values()]
        self.offer("incident_type", [("", "Default"), *types])
        if not self.priorities and not self.raw("priority"):
            self.fields["priority"].widget = forms.HiddenInput()
        if len(self.types) < 2 and not self.raw("incident_type"):
            self.fields["incident_type"].widget = forms.HiddenInput()
        for field in self.fields.values():
            limits = (v.limit_value for v in field.validators if isinstance(v, MaxLengthValidator))
            field.limit = next(limits, None)  # type: ignore[attr-defined]  # the page counts down to it
            for validator in field.validators:
                if isinstance(validator, ProhibitNullCharactersValidator):
                    validator.message = NUL
        self.helper = helper_for(self)

    def offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        """Give a field what this account has, and a sentence for anything else."""
        field = cast(forms.ChoiceField, self.fields[name])
        field.choices = choices
        sentence = f"“%(value).80s” is no {name.replace('_', ' ')} of this account. Choose one of those shown."
        field.error_messages["invalid_choice"] = sentence

    def clean_title(self) -> str:
        """One line: line breaks are folded into spaces."""
        title = " ".join(self.cleaned_data["title"].split())
        if not is_visible(title):
            raise forms.ValidationError(self.fields["title"].error_messages["required"])
        return title

    def clean_service(self) -> Service:
        service: Service = self.cleaned_data["service"]
        if service.disabled_reason:
            raise forms.ValidationError(f"{service.disabled_reason} Choose another service.")
        return service

    def clean_priority(self) -> Priority | None:
        return self.priorities.get(self.cleaned_data["priority"])

    def clean_incident_type(self) -> IncidentType | None:
        return self.types.get(self.cleaned_data["incident_type"])

    def clean_details(self) -> str:
        details: str = self.cleaned_data["details"]
        return details.replace("\r\n", "\n") if details.strip() else ""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for name in self.fields:
            if name in self.repeated and name not in self.errors:
                self.add_error(name, "This field was sent more than once. Fill it in again.")
        if self.raw("escalation_policy") and self.raw("assignees"):
            for name in ("escalation_policy", "assignees"):
                self.add_error(name, EITHER_OR)
        return cleaned

    def repeated_names(self) -> set[str]:
        """The fields that were sent several times and take one answer."""
        if not hasattr(self.data, "getlist"):
            return set()
        sent = {name: [value for value in self.data.getlist(name) if value.strip()] for name in self.fields}
        return {name for name, values in sent.items() if name != "assignees" and len(values) > 1}

    def raw(self, name: str) -> Any:
        """What was typed into a field, as it was."""
        return self[name].value()

    def blocks(self) -> dict[str, str]:
        """Why the escalation policy or the assignees cannot be filled in now; empty where they can."""
        policy, people = self.raw("escalation_policy"), self.raw("assignees")
        return {
            "escalation_policy": "" if policy or not people else "Blocked: you chose an assignee.",
            "assignees": "" if people or not policy else "Blocked: you chose an escalation policy.",
        }

    @property
    def confirmations(self) -> list[str]:
        """The verdicts that the person has confirmed, where one asks for it (outlook.py). No part of the request."""
        return self.data.getlist("confirmed") if hasattr(self.data, "getlist") else []

    @property
    def answers(self) -> dict[str, Any]:
        """The valid part of what was filled in; of a form that was only drawn, of what it starts with."""
        if self.is_bound:
            return self.cleaned_data if hasattr(self, "cleaned_data") else {}
        return self.started.cleaned_data if self.initial else {}

    @cached_property
    def started(self) -> "IncidentForm":
        """What a form starts with, as if it had been sent."""
        started = IncidentForm(MultiValueDict({name: as_list(value) for name, value in self.initial.items()}))
        started.is_valid()
        return started

    def notices(self) -> list[str]:
        """What is wrong with what a form starts with, in sentences; what is missing is nothing wrong."""
        return self.started.wrong(only=set(self.initial)) if self.initial else []

    def wrong(self, *, only: set[str] | None = None) -> list[str]:
        """What is wrong with the fields, each with its label, in sentences."""
        names = [name for name in self.fields if name in self.errors and (only is None or name in only)]
        return [f"{self[name].label}: {' '.join(str(error) for error in self.errors[name])}" for name in names]

    def show_hints(self, hints: dict[str, list[Hint]]) -> None:
        """Say beside each field what its answer means."""
        for name, field in self.fields.items():
            field.hints = hints.get(name, [])  # type: ignore[attr-defined]


def joined(data: QueryDict, names: set[str]) -> QueryDict:
    """A copy in which texts that were sent several times stand whole, so that nothing is lost."""
    copy = data.copy()
    for name in names:
        copy[name] = "\n".join(copy.getlist(name))
    return copy


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def helper_for(form: IncidentForm) -> FormHelper:
    """The order and the groups of the fields. What stands around them is in the templates."""
    helper = FormHelper()
    helper.form_tag = False
    helper.include_media = False
    helper.disable_csrf = True
    helper.form_show_errors = False  # they stand in the summary and at the fields
    helper.field_template = "incidents/field.html"
    who, what = ("escalation_policy", "assignees"), ("incident_type", *BRIDGE, "incident_key")
    is_open = any(form.raw(name) or form.errors.get(name) for name in (*who, *what))
    more = '<details class="form-more" id="more"{}><summary>More options: who, type, bridge, key</summary>'
    helper.layout = Layout(
        "form_key",
        Div("title", "service", "urgency", "priority", "details", css_class="form-section"),
        HTML(format_html(more, mark_safe(" open") if is_open else "")),
        Div(*who, css_class="form-section"),
        Div(*what, css_class="form-section"),
        HTML("</details>"),
    )
    return helper
