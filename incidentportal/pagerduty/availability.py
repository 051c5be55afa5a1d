"""Who is on call, and what is in maintenance, as PagerDuty gives it, read once."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from incidentportal.pagerduty.incident import Reference
from incidentportal.pagerduty.reading import id_in, moment, number, object_in, one_line


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
