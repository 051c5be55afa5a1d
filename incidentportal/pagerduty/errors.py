"""The two outcomes besides success, and how PagerDuty's many shapes of an error become one of them.

    Problem
    ├── Rejected      it will say no again: show a person why
    └── Unavailable   no usable answer: it may or may not have happened, look before you try again
        └── Busy      it was not even tried

Sources: developer.pagerduty.com, "Errors" and "Rate Limits"; deviating shapes were recorded from live calls.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from incidentportal.pagerduty.reading import storable

SHOWN = 300  # characters of a text that we do not know
MOST_SENTENCES = 10  # of one answer
RATE_LIMITED = "PagerDuty is taking no more requests for the moment (rate limit)."
ACCESS_STATUSES = {401, 403}

# PagerDuty's own error numbers, or its sentences (lower case, no underscores) where the number does not tell: the form
# field that each is about, empty for none, and what to do next.
KNOWN: dict[int | str | None, tuple[str, str]] = {
    1007: ("assignees", "PagerDuty does not know this person any more. Choose another assignee."),
    1008: ("", "PagerDuty does not know your e-mail address. Ask an operator to correct it in your account here."),
    1014: ("escalation_policy", "PagerDuty does not know this escalation policy any more. Choose another one."),
    1015: ("escalation_policy", "Nobody is on call in this escalation policy. Choose another one, or an assignee."),
    1018: (
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
# What to do next where the status alone tells.
ADVICE_BY_STATUS = {
    401: "PagerDuty refused the portal's access token: nothing can be sent until an operator fixes it.",
    402: KNOWN[2014][1],
    403: "PagerDuty denied the portal access: an operator must check the token's rights.",
}
# PagerDuty's texts that say no more than our advice. Any other one is shown beside the advice.
STOCK = {
    "assigned to user not found",
    "requester user not found",
    "escalation policy not found",
    "escalation policy has no user on call",
    "requester not authorized to perform action",
    "invalid priority",
    'malformed "from" header',
    "access denied",
    "missing account ability",
    "service not found",
}
# What other sentences are about. The first that fits counts.
FIELD_OF_TEXT = {
    "dedup": "incident_key",
    "incident key": "incident_key",
    "title": "title",
    "service not found": "service",
    "service is": "service",
    "body is invalid": "details",
    "assign": "assignees",
    "escalation policy": "escalation_policy",
    "priority": "priority",
    "incident type": "incident_type",
    "urgency": "urgency",
    "conference number": "conference_number",
    "conference url": "conference_url",
}
# How a refusal may speak of the incident key: its words are documented nowhere. One that is taken for such a refusal
# only costs a look; one that is missed may page twice. A refusal for lack of access may mean the API key instead.
OUR_KEY = re.compile(r"incident ?key|dedup")
KEY_IN_USE = re.compile(rf"{OUR_KEY.pattern}|duplicate|already|taken|in use|(?<!api )(?<!access )\bkey\b")


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
    is_key_in_use      it may mean that our incident key is in use: look whose incident has it
    is_access_problem  the portal's token was refused: an operator must act, not the person
    """

    def __init__(
        self,
        sentence: str,
        *,
        field_errors: dict[str, list[str]] | None = None,
        is_key_in_use: bool = False,
        **facts: Any,
    ) -> None:
        super().__init__(sentence, **facts)
        self.field_errors = field_errors or {"": [sentence]}
        self.is_key_in_use = is_key_in_use
        self.is_access_problem = self.status in ACCESS_STATUSES


class Unavailable(Problem):
    """No usable answer.

    wait     seconds that PagerDuty asked us to wait; None where it did not ask
    is_sent  whether the request may have been heard; False only where it surely never left
    """

    def __init__(self, sentence: str, *, wait: float | None = None, is_sent: bool = True, **facts: Any) -> None:
        super().__init__(sentence, **facts)
        self.wait, self.is_sent = wait, is_sent


class Busy(Unavailable):
    """It was not even tried: as many threads as may wait for PagerDuty do so already."""

    def __init__(self) -> None:
        super().__init__("Too many people are waiting for PagerDuty at this moment.", is_sent=False)


def problem_from(status: int, headers: Mapping[str, str], text: str) -> Problem:
    """The problem that an answer other than 200 or 201 means."""
    message, code, details = parse(text)
    facts: dict[str, Any] = {"status": status, "request_id": request_id_in(headers)}
    if status == 429:  # a proxy, too, may send it, and after PagerDuty has acted
        return Unavailable(RATE_LIMITED, wait=wait_from(headers), **facts)
    if status == 408 or not 400 <= status < 500:  # PagerDuty has not said no
        quoted = f" ({message})" if message else ""
        return Unavailable(f"PagerDuty did not give a usable answer: status {status}{quoted}.", **facts)
    said = [message, *details] if status in ADVICE_BY_STATUS else details or [message]
    errors = by_field([sentence for sentence in said if sentence], code, status)
    shown = " ".join(sentence for sentences in errors.values() for sentence in sentences)
    return Rejected(shown, field_errors=errors, is_key_in_use=is_about_key(status, text), **facts)


def is_about_key(status: int, text: str) -> bool:
    """Whether a refusal may mean that an incident with our key exists: by us or by somebody else."""
    words = OUR_KEY if status in ADVICE_BY_STATUS else KEY_IN_USE
    return status == 409 or words.search(plain(text)) is not None


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
    by_name = {} if message else {name: value for name, value in error.items() if name not in {"code", "message"}}
    details = [readable(detail) for detail in texts(error.get("errors") or by_name)]
    return message, code if isinstance(code, int) else None, [detail for detail in details if detail][:MOST_SENTENCES]


def texts(value: Any, name: str = "") -> list[str]:
    """Every string in a string, a list or a map; a map's names stay with its texts."""
    if isinstance(value, dict):
        return [text for key, item in value.items() for text in texts(item, str(key))]
    if isinstance(value, list):
        return [text for item in value for text in texts(item, name)]
    if value is None or value == "" or isinstance(value, bool):
        return []
    return [f"{name} {value}".strip()]


def readable(text: str) -> str:
    """One short line: HTML tags and control characters taken out."""
    if "<" in text:
        text = re.sub(r"(?s)<(script|style|title)\b.*?</\1\s*>|<[^>]{0,500}>", " ", text[:20_000])
    line = " ".join("".join(char if char.isprintable() else " " for char in text[:20_000]).split())
    return line if len(line) <= SHOWN else f"{line[:SHOWN]}…"


def by_field(sentences: list[str], code: int | None, status: int) -> dict[str, list[str]]:
    """Under the form field that it is about: what to do next, and what PagerDuty said where that tells more."""
    said: dict[tuple[str, str], list[str]] = {}
    for sentence in sentences or [""]:
        field, advice = about(sentence, code, status)
        quoted = said.setdefault((field, advice), [])
        if sentence and sentence not in quoted and not (advice and plain(sentence) in STOCK):
            quoted.append(sentence)
    found: dict[str, list[str]] = {}
    for (field, advice), quoted in said.items():
        words = " ".join(quoted)
        advised = [f"{advice} (It said: {words})" if words else advice]
        found.setdefault(field, []).extend(advised if advice else [f"PagerDuty says: {text}" for text in quoted])
    return found if any(found.values()) else {"": [f"PagerDuty refused this with status {status} and no reason."]}


def about(sentence: str, code: int | None, status: int) -> tuple[str, str]:
    """The form field that a refusal is about, and what to do next; each is empty where we do not know."""
    text = plain(sentence)
    named = next((field for words, field in FIELD_OF_TEXT.items() if words in text), "")
    by_text = KNOWN.get(text, ("" if status in ADVICE_BY_STATUS else named, ""))
    field, advice = KNOWN.get(code, by_text)
    return field, advice or by_text[1] or ADVICE_BY_STATUS.get(status, "")


def plain(sentence: str) -> str:
    """As the tables above have it."""
    return sentence.lower().replace("_", " ")


def request_id_in(headers: Mapping[str, str]) -> str:
    return headers.get("x-request-id", "")[:100]


def wait_from(headers: Mapping[str, str]) -> float | None:
    """Seconds until the rate limit is reset, from `ratelimit-reset`; None where it is missing or absurd."""
    text = headers.get("ratelimit-reset") or headers.get("retry-after") or ""
    return float(text) if re.fullmatch(r"[0-9]{1,5}(\.[0-9]+)?", text) else None
