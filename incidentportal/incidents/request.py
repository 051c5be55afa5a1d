"""What a filled-in form looks like on the wire: the body of PagerDuty's `POST /incidents`, and how we show it.

Source of the shapes: developer.pagerduty.com, "Incident Creation API".
"""

import json
import shlex
from typing import Any

from incidentportal import pagerduty

MASK = "********"
WRITTEN_LATER = "(made when you submit)"


def reference(kind: str, thing: Any) -> dict[str, str]:
    """PagerDuty's way to name an object of its own."""
    return {"id": thing.id, "type": f"{kind}_reference"}


def as_incident(answers: dict[str, Any], *, incident_key: str) -> pagerduty.JSON:
    """The incident to create. A field that was left empty is left out."""
    bridge = {name: answers[name] for name in ("conference_number", "conference_url") if answers.get(name)}
    people = answers.get("assignees") or []
    service, priority, policy = (answers.get(name) for name in ("service", "priority", "escalation_policy"))
    incident = {
        "type": "incident",
        "title": answers.get("title") or "",
        "service": reference("service", service) if service else None,
        "priority": reference("priority", priority) if priority else None,
        "urgency": answers.get("urgency"),
        "incident_key": incident_key,
        "incident_type": {"name": answers["incident_type"].name} if answers.get("incident_type") else None,
        "body": {"type": "incident_body", "details": answers["details"]} if answers.get("details") else None,
        "escalation_policy": reference("escalation_policy", policy) if policy else None,
        "assignments": [{"assignee": reference("user", person)} for person in people],
        "conference_bridge": bridge,
    }
    return {name: value for name, value in incident.items() if value or name == "title"}


def describe(client: pagerduty.Client, incident: pagerduty.JSON, *, from_email: str) -> dict[str, Any]:
    """The request as it would be sent, for people to read: the token is masked."""
    prepared = client.prepare_incident(incident, from_email=from_email)
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
    """Hide a token, but leave the kind of it to see."""
    if name != "Authorization":
        return value
    return f"Token token={MASK}" if value.startswith("Token ") else f"Bearer {MASK}"
