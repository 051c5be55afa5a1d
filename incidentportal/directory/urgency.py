"""The urgency that a service gives to an incident that names none: pure functions of what PagerDuty says of it.

Source: developer.pagerduty.com, `incident_urgency_rule` and `support_hours` of a service. A person's report has no
severity, and what has no severity counts as high.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from incidentportal.wording import zone_of

HIGH, LOW = "high", "low"
AHEAD = timedelta(days=8)  # support hours repeat every week
Interval = tuple[datetime, datetime]


@dataclass(frozen=True)
class OwnUrgency:
    """The urgency that a service gives now; where it changes, when and to what."""

    now: str
    until: datetime | None = None
    then: str = ""
    raises_open: bool = False  # incidents that are open at the change become high too
    is_by_severity: bool = False
    are_hours_unreadable: bool = False  # so support hours are left out of it


@dataclass(frozen=True)
class SupportHours:
    """The hours of a week in which a team works, in its own time zone. 1 is Monday."""

    zone: ZoneInfo
    days: frozenset[int]
    start: time
    end: time

    def intervals(self, at: datetime) -> list[Interval]:
        """The stretches of support hours around `at`, in UTC; stretches that touch are one."""
        first = at.astimezone(self.zone).date() - timedelta(days=2)
        merged: list[Interval] = []
        for day in (first + timedelta(days=number) for number in range(AHEAD.days + 5)):
            if day.isoweekday() not in self.days:
                continue
            start, end = self.utc(day, self.start), self.utc(self.last_day(day), self.end)
            if merged and start <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
            elif start < end:
                merged.append((start, end))
        return merged

    def last_day(self, day: date) -> date:
        """Hours that end before they start run past midnight."""
        return day if self.end > self.start else day + timedelta(days=1)

    def utc(self, day: date, clock: time) -> datetime:
        # Through UTC, because two times of one zone would be compared by their clocks, ignoring a change of the clock.
        return datetime.combine(day, clock, tzinfo=self.zone).astimezone(UTC)


def urgency_at(rule: Any, support_hours: Any, at: datetime) -> str:
    """The urgency that an incident created then would get."""
    during, outside = choices_of(rule)
    if during == outside:
        return during
    hours = hours_of(support_hours)
    if hours is None:
        return HIGH  # rather page once too often than not at all
    return during if is_within(hours.intervals(at), at) else outside


def next_change(rule: Any, support_hours: Any, at: datetime) -> datetime | None:
    """When that urgency changes next; None where it never does."""
    during, outside = choices_of(rule)
    hours = hours_of(support_hours)
    if during == outside or hours is None:
        return None
    edges = [edge for interval in hours.intervals(at) for edge in interval if at < edge <= at + AHEAD]
    return min(edges, default=None)


def own_urgency(rule: Any, support_hours: Any, scheduled_actions: Any, at: datetime) -> OwnUrgency:
    """The urgency that a service gives then, until when, and what follows."""
    now, (during, outside) = urgency_at(rule, support_hours, at), choices_of(rule)
    if isinstance(rule, dict) and rule.get("urgency") == "severity_based":
        return OwnUrgency(now, is_by_severity=True)
    if during != outside and hours_of(support_hours) is None:
        return OwnUrgency(now, are_hours_unreadable=True)
    change = next_change(rule, support_hours, at)
    if change is None:
        return OwnUrgency(now)
    then = urgency_at(rule, support_hours, change)
    return OwnUrgency(now, change, then, raises_open=then == HIGH and raises_at_start(scheduled_actions))


def choices_of(rule: Any) -> tuple[str, str]:
    """The urgencies during and outside support hours; the same one twice where they play no part."""
    if not isinstance(rule, dict):
        return HIGH, HIGH
    if rule.get("type") != "use_support_hours":
        return of_constant(rule), of_constant(rule)
    return of_constant(rule.get("during_support_hours")), of_constant(rule.get("outside_support_hours"))


def of_constant(rule: Any) -> str:
    return LOW if isinstance(rule, dict) and rule.get("urgency") == LOW else HIGH


def hours_of(value: Any) -> SupportHours | None:
    """Support hours as PagerDuty writes them; None if they cannot be read."""
    if not isinstance(value, dict) or not isinstance(value.get("days_of_week"), list):
        return None
    name = value.get("time_zone")
    zone = zone_of(name) if isinstance(name, str) else None
    start, end = clock_of(value.get("start_time")), clock_of(value.get("end_time"))
    if zone is None or start is None or end is None:
        return None
    days = frozenset(day for day in value["days_of_week"] if isinstance(day, int) and 1 <= day <= 7)
    if end.second == 59:  # 23:59:59 means to the end of the day, not a second without support
        end = (datetime.combine(date.min, end) + timedelta(seconds=1)).time()
    return SupportHours(zone, days, start, end)


def clock_of(value: Any) -> time | None:
    try:
        return time.fromisoformat(value).replace(tzinfo=None)
    except (TypeError, ValueError):
        return None


def is_within(intervals: list[Interval], at: datetime) -> bool:
    return any(start <= at < end for start, end in intervals)


def raises_at_start(scheduled_actions: Any) -> bool:
    """Whether incidents that are open when support hours start become high then."""
    actions = scheduled_actions if isinstance(scheduled_actions, list) else []
    return any(isinstance(action, dict) and action.get("to_urgency") == HIGH for action in actions)
