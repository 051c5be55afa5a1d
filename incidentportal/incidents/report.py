"""Report: what a person reports, and every way into it and out of it.

A report holds plain text and PagerDuty's ids, never rows of the directory: so each way is a pure function of what it
is given, a report can be compared and stored, and whoever shows it looks up the names. An empty text means "left out".

Sources: developer.pagerduty.com, "Incident Creation API".
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Self
from urllib.parse import urlencode
from uuid import UUID

from django.http import QueryDict

from incidentportal.pagerduty import JSON


@dataclass(frozen=True)
class Report:
    """The answers, in the order in which the form asks for them. To add one, see `tests/incidents/test_report.py`."""

    title: str = ""
    service: str = ""
    urgency: str = ""
    priority: str = ""
    details: str = ""
    escalation_policy: str = ""
    assignees: tuple[str, ...] = ()
    incident_type: str = ""  # its name: PagerDuty refers to types by name
    conference_number: str = ""
    conference_url: str = ""
    incident_key: str = ""

    @classmethod
    def from_form(cls, data: QueryDict) -> Self:
        """What was typed into a form, unchecked; objects of the directory by id or by name."""
        return cls.from_draft(dict(data.lists()))

    def to_form(self, form_key: UUID | str) -> QueryDict:
        """The form that was filled in like this, as a browser would send it."""
        data = QueryDict(mutable=True)
        for name, texts in self.texts().items():
            data.setlist(name, texts)
        data["form_key"] = str(form_key)
        return data

    @classmethod
    def from_draft(cls, answers: Mapping[str, list[str]]) -> Self:
        """What was typed. An answer that was sent several times stays whole, one text a line: nothing is lost."""
        typed: dict[str, Any] = {}
        for name in FIELDS:
            texts = [text for text in answers.get(name, []) if text.strip()]
            typed[name] = tuple(texts) if name in SEVERAL else "\n".join(texts)
        return cls(**typed)

    def to_draft(self) -> dict[str, list[str]]:
        """What was typed, as it is stored: without null characters, which a database cannot hold."""
        storable = {name: [text.replace("\x00", "") for text in texts] for name, texts in self.texts().items()}
        return {name: texts for name, texts in storable.items() if any(text.strip() for text in texts)}

    @classmethod
    def from_link(cls, query: QueryDict) -> tuple[Self, list[str]]:
        """The answers that a link suggests, and a sentence for each thing in it that cannot be used."""
        answers: dict[str, list[str]] = {}
        problems: list[str] = []
        for name in FIELDS:
            given = [value for value in query.getlist(name) if value.strip()]
            most, used = (MOST_NAMED, f"first {MOST_NAMED} are") if name in SEVERAL else (1, "first is")
            if len(given) > most:
                problems.append(f"The link gives {name} {len(given)} times; only the {used} used.")
                given = given[:most]
            answers[name] = [value.replace("\x00", "") for value in given]
            if answers[name] != given:
                problems.append(f"The link contains a character in {name} that can't be shown; it was left out.")
        if answers["urgency"] not in ([], ["high"], ["low"]):
            asked = answers.pop("urgency")[0]
            problems.append(f"The link asks for the urgency “{asked[:80]}”; there is only high and low.")
        if unknown := [name[:40] for name in query if name not in FIELDS]:
            problems.append(f"The link has names that this form does not know: {', '.join(unknown[:10])}.")
        return cls.from_draft(answers), problems

    def to_link(self) -> str:
        """The query string of a link to this form. Details stay out: links end up in histories. So do long answers."""
        answers = replace(self, details="").texts().items()
        return urlencode({name: texts for name, texts in answers if len("".join(texts)) <= LINK_LIMIT}, doseq=True)

    @classmethod
    def from_request(cls, incident: JSON) -> Self:
        """The report that made this request."""
        bridge, people = incident.get("conference_bridge", {}), incident.get("assignments", [])
        return cls(
            title=incident.get("title", ""),
            service=incident.get("service", {}).get("id", ""),
            urgency=incident.get("urgency", ""),
            priority=incident.get("priority", {}).get("id", ""),
            details=incident.get("body", {}).get("details", ""),
            escalation_policy=incident.get("escalation_policy", {}).get("id", ""),
            assignees=tuple(item["assignee"]["id"] for item in people),
            incident_type=incident.get("incident_type", {}).get("name", ""),
            conference_number=bridge.get("conference_number", ""),
            conference_url=bridge.get("conference_url", ""),
            incident_key=incident.get("incident_key", ""),
        )

    def to_request(self, *, incident_key: str) -> JSON:
        """The incident to create: the body of PagerDuty's `POST /incidents`. What was left out is left out."""
        bridge = {"conference_number": self.conference_number, "conference_url": self.conference_url}
        incident = {
            "type": "incident",
            "title": self.title,
            "service": reference("service", self.service),
            "priority": reference("priority", self.priority),
            "urgency": self.urgency,
            "incident_key": incident_key,
            "incident_type": {"name": self.incident_type} if self.incident_type else None,
            "body": {"type": "incident_body", "details": self.details} if self.details else None,
            "escalation_policy": reference("escalation_policy", self.escalation_policy),
            "assignments": [{"assignee": reference("user", person)} for person in self.assignees],
            "conference_bridge": {name: value for name, value in bridge.items() if value},
        }
        return {name: value for name, value in incident.items() if value or name == "title"}

    def texts(self) -> dict[str, list[str]]:
        """The answers that were given, each as a list of texts."""
        given: dict[str, Any] = {name: value for name, value in asdict(self).items() if value}
        return {name: list(value) if name in SEVERAL else [value] for name, value in given.items()}


FIELDS = tuple(field.name for field in fields(Report))
SEVERAL = {"assignees"}  # the answers that may name several things
MOST_NAMED = 20  # things in one of them: more are not looked up
LINK_LIMIT = 2000  # characters of an answer in a link


def made_key(part: object) -> str:
    """The incident key of a report whose author typed none."""
    return f"portal-{part}"


def repeated_in(data: QueryDict) -> set[str]:
    """The fields that a form sent several times, and that take one answer."""
    sent = {name: [value for value in data.getlist(name) if value.strip()] for name in FIELDS}
    return {name for name, values in sent.items() if name not in SEVERAL and len(values) > 1}


def reference(kind: str, thing: str) -> JSON | None:
    """PagerDuty's way to name an object of its own; None for none."""
    return {"id": thing, "type": f"{kind}_reference"} if thing else None
