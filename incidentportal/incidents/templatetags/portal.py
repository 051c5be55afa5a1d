"""What the pages need beyond Django's own filters."""

import re
from datetime import UTC, datetime
from typing import Any

from django import template
from django.conf import settings
from django.forms.utils import flatatt
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.timesince import timesince
from django.utils.timezone import now

from incidentportal import pagerduty
from incidentportal.wording import plain_line

register = template.Library()
register.filter(plain_line)
register.filter("attributes", flatatt)
NUMBER = re.compile(r"\+?\d[\d \-().]{5,}\d")
SHAPES = {"": "{0:%H:%M}", "seconds": "{0:%H:%M:%S}", "full": "{0.day} {0:%b %Y, %H:%M:%S}"}


@register.inclusion_tag("incidents/access.html")
def access_banner() -> dict[str, Any]:
    """Whether PagerDuty responds and accepts our token, as the latest calls show, and whom to call if not."""
    return {
        "down_since": pagerduty.down_since(),
        "refused_since": pagerduty.refused_since(),
        "emergency_contact": settings.EMERGENCY_CONTACT,
    }


@register.filter
def contact(text: str) -> SafeString:
    """A contact with its telephone numbers to tap on, all else escaped."""

    def link(number: re.Match[str]) -> str:
        return f'<a href="tel:{re.sub(r"[^+\d]", "", number[0])}">{number[0]}</a>'

    return mark_safe(NUMBER.sub(link, escape(text)))  # noqa: S308  (escaped, and a number needs no escaping)


@register.filter
def local_time(at: datetime, shape: str = "") -> SafeString:
    """A time in UTC, which time.js turns into the reader's own; `shape` is "", "seconds" or "full"."""
    utc = at.astimezone(UTC)
    shown = SHAPES[shape].format(utc)
    return format_html('<time datetime="{}" data-local="{}">{} UTC</time>', utc.isoformat(), shape, shown)


@register.filter
def since(at: datetime) -> SafeString:
    """How long ago. time.js counts it on, so that a screen reader is told the time of day instead."""
    age = int((now() - at).total_seconds())
    shown = f"{age} second{'' if age == 1 else 's'}" if age < 120 else timesince(at)
    return format_html(
        '<span class="visually-hidden">at {} UTC</span>'
        ' <time datetime="{}" data-since="{}" aria-hidden="true">{} ago</time>',
        SHAPES["seconds"].format(at.astimezone(UTC)),
        at.isoformat(),
        age,
        shown,
    )
