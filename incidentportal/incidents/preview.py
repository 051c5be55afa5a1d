"""The request, visible: what would be sent, and a rehearsal of it."""

import json
import shlex
from contextlib import suppress
from typing import Any

from django.conf import settings

from incidentportal import pagerduty

MASK = "********"
REHEARSAL_TOKEN = "rehearsal-no-token-0"  # noqa: S105  (the account's own token never leaves for a rehearsal)


def describe(incident: pagerduty.JSON, *, from_email: str) -> dict[str, Any]:
    """The request as it would be sent, for people to read: the token is masked."""
    prepared = pagerduty.connect().prepare_incident(incident, from_email=from_email)
    shown = {"Accept", "Content-Type", "Authorization", "From"}
    headers = [(name, mask(name, str(value))) for name, value in prepared.headers.items() if name in shown]
    body = json.dumps({"incident": incident}, indent=2, ensure_ascii=False)
    curl = ["curl", "--request", "POST", str(prepared.url)]
    for name, value in headers:
        curl += ["--header", f"{name}: {value}"]
    curl += ["--data", body]
    return {
        "method": prepared.method,
        "url": prepared.url,
        "headers": headers,
        "json": body,
        "curl": " ".join(shlex.quote(word) for word in curl),
    }


def mask(name: str, value: str) -> str:
    """Hide a token, but show of which kind it is."""
    if name != "Authorization":
        return value
    return f"Token token={MASK}" if value.startswith("Token ") else f"Bearer {MASK}"


def rehearse(incident: pagerduty.JSON, *, from_email: str) -> dict[str, Any]:
    """Send the request to the rehearsal address and tell what it answered. Nobody is paged by it."""
    if not settings.REHEARSAL_API_URL:
        return {"problem": "There is nowhere to rehearse: an operator can set REHEARSAL_API_URL. Nothing was sent."}
    client = pagerduty.Client(settings.REHEARSAL_API_URL, REHEARSAL_TOKEN, read_timeout=5.0)
    try:
        status, reason, headers, body = client.try_incident(incident, from_email=from_email)
    except pagerduty.Problem as error:
        return {"problem": str(error)}
    with suppress(ValueError):  # what is not JSON is shown as it came
        body = json.dumps(json.loads(body), indent=2, ensure_ascii=False)
    return {"status": status, "reason": reason, "headers": headers, "body": body[:20_000], "problem": ""}
