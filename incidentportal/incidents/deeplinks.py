"""Answers to and from a query string, for wikis. A link fills in; it never submits."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import QueryDict

from incidentportal.directory.models import EscalationPolicy, IncidentType, Person, Priority, Service
from incidentportal.incidents.fields import find

NAMES = [
    "title",
    "service",
    "urgency",
    "priority",
    "escalation_policy",
    "assignees",
    "incident_type",
    "details",
    "conference_number",
    "conference_url",
    "incident_key",
]
OBJECTS: dict[str, tuple[Any, str]] = {
    "service": (Service, "service"),
    "escalation_policy": (EscalationPolicy, "escalation policy"),
    "assignees": (Person, "person"),
    "priority": (Priority, "priority"),
    "incident_type": (IncidentType, "incident type"),
}


def answers_in(query: QueryDict) -> tuple[dict[str, Any], list[str]]:
    """The answers that a link gives, and a sentence for each thing in it that we could not use."""
    answers: dict[str, Any] = {}
    notices: list[str] = []
    for name in NAMES:
        values = [value for value in query.getlist(name) if value.strip()]
        if not values:
            continue
        if name != "assignees" and len(values) > 1:
            notices.append(f"The link gives {name} {len(values)} times; only the first is used.")
        if name not in OBJECTS:
            answers[name] = values[0].replace("\x00", "")
            if answers[name] != values[0]:
                notices.append(f"The link has a sign in {name} that cannot be shown; it was left out.")
            continue
        found = [resolve(name, value, notices) for value in (values if name == "assignees" else values[:1])]
        known = [value for value in found if value]
        if known:
            answers[name] = known if name == "assignees" else known[0]
    if answers.get("urgency") not in {None, "high", "low"}:
        notices.append(f"The link asks for the urgency “{answers.pop('urgency')[:80]}”; there is only high and low.")
    unknown = [name for name in query if name not in NAMES]
    if unknown:
        names = ", ".join(name[:40] for name in unknown[:10])
        notices.append(f"The link has names that this form does not know: {names}.")
    return answers, notices


def resolve(name: str, value: str, notices: list[str]) -> str | None:
    """The form's value for what a link names by id or by exact name; None, and a notice, where nothing matches."""
    model, noun = OBJECTS[name]
    try:
        thing = find(model, value, noun)
    except ValidationError as error:
        notices.append("From the link: " + " ".join(error.messages))
        return None
    if name == "incident_type" and not thing.enabled:
        notices.append(f"From the link: the incident type “{thing.display_name}” is disabled in PagerDuty.")
        return None
    return str(thing.name if name == "incident_type" else thing.id)


def link_query(raw: Any) -> str:
    """The query string of a link to this form, as it is filled in. Details stay out: links end up in histories."""
    query = QueryDict(mutable=True)
    for name in NAMES:
        value = raw(name)
        values = value if isinstance(value, list) else [value] if value else []
        if name != "details" and values:
            query.setlist(name, [str(item) for item in values])
    return query.urlencode()


def answers_of(incident: dict[str, Any]) -> QueryDict:
    """The form's values that make this incident: to send it again, or to mend it."""
    query = QueryDict(mutable=True)
    bridge, body = incident.get("conference_bridge") or {}, incident.get("body") or {}
    values = {
        "title": incident.get("title"),
        "urgency": incident.get("urgency"),
        "details": body.get("details"),
        "incident_type": (incident.get("incident_type") or {}).get("name"),
        "incident_key": incident.get("incident_key"),
        **bridge,
        **{name: (incident.get(name) or {}).get("id") for name in ("service", "priority", "escalation_policy")},
    }
    for name, value in values.items():
        if value:
            query[name] = value
    query.setlist("assignees", [item["assignee"]["id"] for item in incident.get("assignments") or []])
    return query
