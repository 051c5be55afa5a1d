"""What the pages need beyond Django's own filters."""

import re
from typing import Any

from django import template
from django.conf import settings
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from incidentportal import pagerduty

register = template.Library()
NUMBER = re.compile(r"\+?\d[\d \-().]{5,}\d")


@register.inclusion_tag("incidents/access.html")
def access_banner() -> dict[str, Any]:
    """Whether PagerDuty can be reached and lets the portal in, as the latest calls show, and whom to call if not."""
    return {
        "down_since": pagerduty.down_since(),
        "refused_since": pagerduty.refused_since(),
        "emergency_contact": settings.EMERGENCY_CONTACT,
    }


@register.filter
def contact(text: str) -> SafeString:
    """A contact with its telephone numbers to tap on, all else escaped."""
    parts, end = [], 0
    for found in NUMBER.finditer(text):
        dialled = re.sub(r"[^+\d]", "", found[0])
        parts += [
            conditional_escape(text[end : found.start()]),
            format_html('<a href="tel:{}">{}</a>', dialled, found[0]),
        ]
        end = found.end()
    return mark_safe("".join([*parts, conditional_escape(text[end:])]))  # noqa: S308  (each part is escaped)
