"""The order and the groups of the form's fields. What is drawn around them is in the templates."""

from typing import Any

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Div, Layout

FIRST = ("title", "service", "urgency", "priority", "details")
WHO = ("escalation_policy", "assignees")
WHAT = ("incident_type", "conference_number", "conference_url", "incident_key")


class More(Div):
    """Fields that are folded away until one of them matters."""

    template = "incidents/more.html"

    def __init__(self, *fields: Any, is_open: bool) -> None:
        super().__init__(*fields)
        self.is_open = is_open


def helper_for(*, is_open: bool) -> FormHelper:
    helper = FormHelper()
    helper.form_tag = False
    helper.include_media = False
    helper.disable_csrf = True
    helper.form_show_errors = False  # they are in the summary and at the fields
    helper.field_template = "incidents/field.html"
    first, who, what = (Div(*names, css_class="form-section") for names in (FIRST, WHO, WHAT))
    helper.layout = Layout("form_key", first, More(who, what, is_open=is_open))
    return helper
