"""Incidents, on-calls and maintenance windows as PagerDuty gives them, read once.

Whatever came, they hold only what can be stored and shown.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from incidentportal.pagerduty.reading import (
    JSON,
    id_in,
    moment,
    number,
    object_in,
    objects_in,
    one_line,
    storable,
    text,
    web_address,
)


@dataclass(frozen=True)
class Reference:
    """Something that PagerDuty names beside something else. Both parts are empty where it names nothing."""

    id: str = ""
    name: str = ""

    @classmethod
    def read(cls, raw: Any) -> Self:
        found = object_in(raw)
        return cls(id_in(found), one_line(found.get("summary")) or one_line(found.get("name")) or id_in(found))


@dataclass(frozen=True)
class Acknowledgement:
    """Somebody picked an incident up. `at` is None where PagerDuty gives no time."""

    by: Reference
    at: datetime | None

    @classmethod
    def read(cls, raw: Any) -> Self:
        found = object_in(raw)
        return cls(Reference.read(found.get("acknowledger")), moment(found.get("at")))


@dataclass(frozen=True)
class Incident:
    """Texts are empty, and the number and the time None, where PagerDuty gave none that can be used.

    raw  all that PagerDuty gave, as it is stored; `Incident.read` makes the same incident of it again
    """

    id: str
    number: int | None
    key: str
    title: str
    status: str
    urgency: str
    url: str
    created_at: datetime | None
    service: Reference
    priority: Reference
    assignees: tuple[Reference, ...]
    assigned_via: str
    acknowledgements: tuple[Acknowledgement, ...]
    raw: JSON

    @classmethod
    def read(cls, raw: Any) -> Self:
        found = storable(object_in(raw))
        assignees = [Reference.read(item.get("assignee")) for item in objects_in(found.get("assignments"))]
        return cls(
            id=id_in(found),
            number=number(found.get("incident_number")) or None,
            key=text(found.get("incident_key")),
            title=one_line(found.get("title")) or one_line(found.get("summary")),
            status=one_line(found.get("status")),
            urgency=one_line(found.get("urgency")),
            url=web_address(found.get("html_url")),
            created_at=moment(found.get("created_at")),
            service=Reference.read(found.get("service")),
            priority=Reference.read(found.get("priority")),
            assignees=tuple(assignee for assignee in assignees if assignee.name),
            assigned_via=one_line(found.get("assigned_via")),
            acknowledgements=tuple(Acknowledgement.read(item) for item in objects_in(found.get("acknowledgements"))),
            raw=found,
        )

    @property
    def is_open(self) -> bool:
        """Whether PagerDuty says that it is not resolved yet."""
        return self.status in {"triggered", "acknowledged"}


@dataclass(frozen=True)
class OnCall:
    """A person on call at one level of a policy.

    schedule_name  empty where the policy itself names them
    until          None where it has no end
    """

    policy_id: str
    level: int
    person_id: str
    person_name: str
    schedule_name: str
    until: datetime | None

    @classmethod
    def read(cls, raw: Any) -> Self:
        found = object_in(raw)
        person = Reference.read(found.get("user"))
        return cls(
            policy_id=id_in(found.get("escalation_policy")),
            level=number(found.get("escalation_level")),
            person_id=person.id,
            person_name=person.name,
            schedule_name=Reference.read(found.get("schedule")).name,
            until=moment(found.get("end")),
        )


@dataclass(frozen=True)
class MaintenanceWindow:
    start: datetime
    end: datetime
    description: str

    @classmethod
    def read(cls, raw: Any) -> Self | None:
        """None for a window without a start or an end."""
        found = object_in(raw)
        start, end = moment(found.get("start_time")), moment(found.get("end_time"))
        return cls(start, end, one_line(found.get("description"))) if start and end else None
