"""The urgency that a service gives to an incident that names none: pure functions of what PagerDuty says of it.

Source: developer.pagerduty.com, `incident_urgency_rule` and `support_hours` of a service. A person's report has no
severity, and what has no severity counts as high.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from incidentportal.pagerduty.reading import JSON, object_in, text
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


def own_urgency(rule: JSON, support_hours: JSON, scheduled_actions: list[JSON], at: datetime) -> OwnUrgency:
    """The urgency that a service gives then, until when, and what follows."""
    if rule.get("type") != "use_support_hours":
        return OwnUrgency(of_constant(rule), is_by_severity=rule.get("urgency") == "severity_based")
    during, outside = of_constant(rule.get("during_support_hours")), of_constant(rule.get("outside_support_hours"))
    if during == outside:
        return OwnUrgency(during)
    hours = hours_around(at, support_hours)
    if hours is None:
        return OwnUrgency(HIGH, are_hours_unreadable=True)  # rather page once too often than not at all
    is_within = any(start <= at < end for start, end in hours)
    now, then = (during, outside) if is_within else (outside, during)
    change = min((edge for interval in hours for edge in interval if at < edge <= at + AHEAD), default=None)
    if change is None:
        return OwnUrgency(now)
    raises_open = then == HIGH and any(action.get("to_urgency") == HIGH for action in scheduled_actions)
    return OwnUrgency(now, change, then, raises_open=raises_open)


def of_constant(rule: Any) -> str:
    return LOW if object_in(rule).get("urgency") == LOW else HIGH


def hours_around(at: datetime, support_hours: JSON) -> list[Interval] | None:
    """The stretches of support hours around `at`, in UTC; stretches that touch are one. None if they cannot be read."""
    days, zone = support_hours.get("days_of_week"), zone_of(text(support_hours.get("time_zone")))
    start, end = clock_of(support_hours.get("start_time")), clock_of(support_hours.get("end_time"))
    if not isinstance(days, list) or zone is None or start is None or end is None:
        return None
    if end.second == 59:  # 23:59:59 means to the end of the day, not a second without support
        end = (datetime.combine(date.min, end) + timedelta(seconds=1)).time()
    over_midnight = timedelta(days=0 if end > start else 1)  # hours that end before they start
    merged: list[Interval] = []
    first = at.astimezone(zone).date() - timedelta(days=2)
    for day in (first + timedelta(days=number) for number in range(AHEAD.days + 5)):
        if day.isoweekday() not in days:
            continue
        # Through UTC, because two times of one zone would be compared by their clocks, ignoring a change of the clock.
        begins = datetime.combine(day, start, tzinfo=zone).astimezone(UTC)
        ends = datetime.combine(day + over_midnight, end, tzinfo=zone).astimezone(UTC)
        if merged and begins <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(ends, merged[-1][1]))
        elif begins < ends:
            merged.append((begins, ends))
    return merged


def clock_of(value: Any) -> time | None:
    try:
        return time.fromisoformat(text(value)).replace(tzinfo=None)
    except ValueError:
        return None
