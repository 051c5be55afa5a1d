"""The two outcomes besides success, and how PagerDuty's many shapes of an error become one of them.

    Problem
    ├── Rejected      it will say no again: show a person why
    └── Unavailable   no usable answer: it may or may not have happened, look before you try again

Sources: developer.pagerduty.com, "Errors" and "Rate Limits"; deviating shapes were recorded from live calls.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

import requests
import urllib3

from incidentportal.pagerduty.reading import storable

SHOWN = 300  # characters of a text that we do not know
RATE_LIMITED = "PagerDuty is taking no more requests for the moment (rate limit)."
ACCESS_SENTENCES = {
    401: "PagerDuty refused the portal's access token: nothing can be sent until an operator fixes it.",
    403: "PagerDuty denied the portal access: an operator must check the token's rights.",
}
SERVICE_ACCESS = 1018  # comes with 403 as well, but is about one service, not about our token

# PagerDuty's own error numbers, or its sentences (lower case, no underscores) where the number does not tell: the form
# field that each is about, empty for none, and what to do next. Where there is no advice, PagerDuty's text is shown.
KNOWN: dict[int | str | None, tuple[str, str]] = {
    1007: ("assignees", "PagerDuty does not know this person any more. Choose another assignee."),
    1008: ("", "PagerDuty does not know your e-mail address. Ask an operator to correct it in your account here."),
    1014: ("escalation_policy", "PagerDuty does not know this escalation policy any more. Choose another one."),
    1015: ("escalation_policy", "Nobody is on call in this escalation policy. Choose another one, or an assignee."),
    SERVICE_ACCESS: (
        "service",
        "PagerDuty does not let you create incidents on this service. Choose another one, or ask your administrator.",
    ),
    1020: ("priority", "PagerDuty does not know this priority any more. Choose another one."),
    1028: ("", "PagerDuty cannot read your e-mail address. Ask an operator to correct it in your account here."),
    2010: ("", "PagerDuty denies access. Ask an operator to check the portal's token and your role in PagerDuty."),
    2014: ("", "The PagerDuty account lacks the ability that this needs. Ask your PagerDuty administrator."),
    2016: ("", ""),
    "service not found": ("service", "PagerDuty does not know this service any more. Choose another one."),
}
# What other sentences are about. The first that fits counts.
FIELD_OF_TEXT = {
    "title": "title",
    "service not found": "service",
    "service is": "service",
    "body is invalid": "details",
    "assign": "assignees",
    "escalation policy": "escalation_policy",
    "priority": "priority",
    "incident type": "incident_type",
    "urgency": "urgency",
    "matching dedup key": "incident_key",
    "incident key": "incident_key",
    "conference number": "conference_number",
    "conference url": "conference_url",
}


class Problem(Exception):
    """Anything but success. `str(problem)` is fit for the screen.

    status      PagerDuty's HTTP status; 0 where no answer came
    request_id  what PagerDuty's support asks for; empty where no answer came
    """

    def __init__(self, sentence: str, *, status: int = 0, request_id: str = "") -> None:
        super().__init__(sentence)
        self.status, self.request_id = status, request_id

    @property
    def facts(self) -> dict[str, Any]:
        """What PagerDuty gave besides words, to carry on into another problem."""
        return {"status": self.status, "request_id": self.request_id}


class Rejected(Problem):
    """PagerDuty will say no again.

    field_errors       sentences by form field; an empty name for what is about no field
    is_duplicate_key   an open incident with this key exists on the service: by us or by somebody else
    is_access_problem  the portal's token was refused: an operator must act, not the person
    """

    def __init__(self, sentence: str, *, field_errors: dict[str, list[str]] | None = None, **facts: Any) -> None:
        super().__init__(sentence, **facts)
        self.field_errors = field_errors or {"": [sentence]}
        self.is_duplicate_key = "matching dedup key already exists" in sentence.lower()
        self.is_access_problem = self.status in ACCESS_SENTENCES


class Unavailable(Problem):
    """No usable answer.

    wait     seconds that PagerDuty asked us to wait; None where it did not ask
    is_sent  whether the request may have been heard; False only where it surely never left
    """

    def __init__(self, sentence: str, *, wait: float | None = None, is_sent: bool = True, **facts: Any) -> None:
        super().__init__(sentence, **facts)
        self.wait, self.is_sent = wait, is_sent


def no_answer(error: Exception, silence: float) -> Unavailable:
    """The problem that a call without an answer means. `silence`: the seconds that PagerDuty was given."""
    if isinstance(error, requests.ConnectTimeout):
        return Unavailable("PagerDuty could not be reached in time.", is_sent=False)
    if isinstance(error, requests.Timeout | urllib3.exceptions.TimeoutError):
        return Unavailable(f"PagerDuty did not answer within {silence:.0f} s.")
    reason = getattr(next(iter(error.args), None), "reason", None)
    is_connected = not isinstance(reason, urllib3.exceptions.NewConnectionError)
    return Unavailable("PagerDuty could not be reached.", is_sent=is_connected)


def problem_from(status: int, headers: Mapping[str, str], text: str) -> Problem:
    """The problem that an answer other than 200 or 201 means."""
    message, code, details = parse(text)
    facts: dict[str, Any] = {"status": status, "request_id": headers.get("x-request-id", "")[:100]}
    if status == 429:  # PagerDuty turns a request away before anything is done with it
        return Unavailable(RATE_LIMITED, wait=wait_from(headers), is_sent=False, **facts)
    if status == 408 or not 400 <= status < 500:  # PagerDuty has not said no
        quoted = f" ({message})" if message else ""
        return Unavailable(f"PagerDuty did not give a usable answer: status {status}{quoted}.", **facts)
    if status in ACCESS_SENTENCES and code != SERVICE_ACCESS:
        quoted = f" (It said: {message})" if message else ""
        return Rejected(ACCESS_SENTENCES[status] + quoted, **facts)
    sentences = details or ([message] if message else [])
    if not sentences:
        return Rejected(f"PagerDuty refused this with status {status} and no reason.", **facts)
    return Rejected(" ".join(sentences), field_errors=by_field(sentences, code), **facts)


def parse(text: str) -> tuple[str, int | None, list[str]]:
    """Message, code and details of an error body, whatever its shape; text that is not JSON becomes the message."""
    try:
        body = storable(json.loads(text))
    except (ValueError, RecursionError):
        body = text
    found = body.get("error", body) if isinstance(body, dict) else body
    error = found if isinstance(found, dict) else {"message": found}
    message, code = readable(" ".join(texts(error.get("message")))), error.get("code")
    scopes = readable(str(error.get("required_scopes") or ""))
    if scopes:
        message = f"{message} (needs {scopes})"
    details = [readable(detail) for detail in texts(error.get("errors"))]
    return message, code if isinstance(code, int) else None, [detail for detail in details if detail]


def texts(value: Any, name: str = "") -> list[str]:
    """Every string in a string, a list or a map; a map's names stay with its texts."""
    if isinstance(value, dict):
        return [text for key, item in value.items() for text in texts(item, str(key))]
    if isinstance(value, list):
        return [text for item in value for text in texts(item, name)]
    if value is None or isinstance(value, bool):
        return []
    return [f"{name} {value}".strip()]


def readable(text: str) -> str:
    """One short line: HTML tags and control characters taken out."""
    if "<" in text:
        text = re.sub(r"(?s)<(script|style|title)\b.*?</\1\s*>|<[^>]{0,500}>", " ", text[:20_000])
    line = " ".join("".join(char if char.isprintable() else " " for char in text[:20_000]).split())
    return line if len(line) <= SHOWN else f"{line[:SHOWN]}…"


def by_field(sentences: list[str], code: int | None) -> dict[str, list[str]]:
    """Sentences under the form field that they are about; known ones say what to do next."""
    found: dict[str, list[str]] = {}
    for sentence in sentences:
        lower = sentence.lower().replace("_", " ")
        named = next((field for text, field in FIELD_OF_TEXT.items() if text in lower), "")
        by_text = KNOWN.get(lower, (named, ""))
        field, advice = KNOWN.get(code, by_text)
        shown = advice or by_text[1] or f"PagerDuty says: {sentence}"
        if shown not in found.setdefault(field, []):
            found[field].append(shown)
    return found


def wait_from(headers: Mapping[str, str]) -> float | None:
    """Seconds until the rate limit is reset, from `ratelimit-reset`; None where it is missing or absurd."""
    text = headers.get("ratelimit-reset") or headers.get("retry-after") or ""
    return float(text) if re.fullmatch(r"[0-9]{1,5}(\.[0-9]+)?", text) else None
