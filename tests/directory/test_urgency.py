"""The urgency that a service would choose: rules, time zones, and the nights on which the clock changes."""

from datetime import datetime
from typing import Any

import pytest

from incidentportal.directory.models import Person, Service
from incidentportal.directory.urgency import OwnUrgency

HIGH, LOW = {"type": "constant", "urgency": "high"}, {"type": "constant", "urgency": "low"}
BY_HOURS = {"type": "use_support_hours", "during_support_hours": HIGH, "outside_support_hours": LOW}
WEEK, EVERY_DAY = [1, 2, 3, 4, 5], [1, 2, 3, 4, 5, 6, 7]


def hours(zone: str, start: str = "09:00:00", end: str = "17:00:00", days: Any = WEEK) -> dict[str, Any]:
    return {"type": "fixed_time_per_day", "time_zone": zone, "days_of_week": days, "start_time": start, "end_time": end}


def service(rule: Any, support_hours: Any = None, actions: Any = ()) -> Service:
    return Service(urgency_rule=rule, support_hours=support_hours, scheduled_actions=list(actions))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+00:00")


CONSTANT = [
    (HIGH, None, OwnUrgency("high")),
    (LOW, None, OwnUrgency("low")),
    ({}, None, OwnUrgency("high")),
    (None, None, OwnUrgency("high")),
    ({"type": "constant", "urgency": None}, None, OwnUrgency("high")),
    ({"type": "constant", "urgency": "severity_based"}, None, OwnUrgency("high", is_by_severity=True)),
    (BY_HOURS | {"outside_support_hours": HIGH}, hours("Europe/Berlin"), OwnUrgency("high")),
    (BY_HOURS | {"during_support_hours": LOW}, hours("Europe/Berlin"), OwnUrgency("low")),
    (BY_HOURS, None, OwnUrgency("high", are_hours_unreadable=True)),
    (BY_HOURS, hours("Mars/Phobos"), OwnUrgency("high", are_hours_unreadable=True)),
    (BY_HOURS, hours("Europe/Berlin", start="nine"), OwnUrgency("high", are_hours_unreadable=True)),
    (BY_HOURS, hours("Europe/Berlin", days=None), OwnUrgency("high", are_hours_unreadable=True)),
    (BY_HOURS, hours("Europe/Berlin", days=[]), OwnUrgency("low")),
    (BY_HOURS, hours("Europe/Berlin", "00:00:00", "23:59:59", EVERY_DAY), OwnUrgency("high")),
    (BY_HOURS, hours("Europe/Berlin", "00:00:00", "00:00:00", EVERY_DAY), OwnUrgency("high")),
]


@pytest.mark.parametrize(("rule", "support_hours", "own"), CONSTANT)
def test_what_never_changes(rule: Any, support_hours: Any, own: OwnUrgency) -> None:
    assert service(rule, support_hours).own_urgency(utc("2026-11-24T05:40:00")) == own


NEW_YORK, BERLIN = hours("America/New_York"), hours("Europe/Berlin")
KOLKATA, AUCKLAND = hours("Asia/Kolkata"), hours("Pacific/Auckland")
NIGHTS = hours("Europe/Berlin", "22:00:00", "06:00:00")
SATURDAY_NIGHTS = hours("Europe/Berlin", "22:00:00", "06:00:00", [6])
WEEKENDS, TUESDAYS = hours("Europe/Berlin", days=[6, 7]), hours("Europe/Berlin", days=[2])
ROUND_THE_CLOCK = hours("Europe/Berlin", "00:00:00", "23:59:59")
EARLY_SUNDAYS = hours("Europe/Berlin", "02:30:00", "08:00:00", [7])
# Hours, a moment in UTC, what is chosen then, and until when in UTC. 2026-11-24 is a Tuesday.
BY_CLOCK = [
    (NEW_YORK, "2026-11-24T15:00", "high", "2026-11-24T22:00"),
    (NEW_YORK, "2026-11-24T14:00", "high", "2026-11-24T22:00"),
    (NEW_YORK, "2026-11-24T22:00", "low", "2026-11-25T14:00"),
    (NEW_YORK, "2026-11-24T13:59:59", "low", "2026-11-24T14:00"),
    (NEW_YORK, "2026-07-01T15:00", "high", "2026-07-01T21:00"),
    (BERLIN, "2026-11-27T20:00", "low", "2026-11-30T08:00"),
    (KOLKATA, "2026-11-24T03:29", "low", "2026-11-24T03:30"),
    (AUCKLAND, "2026-11-24T20:30", "high", "2026-11-25T04:00"),
    (NIGHTS, "2026-11-25T00:00", "high", "2026-11-25T05:00"),
    (NIGHTS, "2026-11-28T00:00", "high", "2026-11-28T05:00"),
    (TUESDAYS, "2026-11-24T17:00", "low", "2026-12-01T08:00"),
    (ROUND_THE_CLOCK, "2026-11-24T12:00", "high", "2026-11-27T23:00"),
    # In the night to Sunday 29 March 2026 Berlin's clock jumps from 02:00 to 03:00.
    (WEEKENDS, "2026-03-28T17:00", "low", "2026-03-29T07:00"),
    (EARLY_SUNDAYS, "2026-03-29T00:00", "low", "2026-03-29T01:30"),
    (SATURDAY_NIGHTS, "2026-03-28T23:00", "high", "2026-03-29T04:00"),
    (SATURDAY_NIGHTS, "2026-03-28T22:59", "high", "2026-03-29T04:00"),
    # In the night to Sunday 25 October 2026 the hour from 02:00 to 03:00 comes twice.
    (SATURDAY_NIGHTS, "2026-10-24T23:00", "high", "2026-10-25T05:00"),
    (SATURDAY_NIGHTS, "2026-10-25T01:30", "high", "2026-10-25T05:00"),
]


@pytest.mark.parametrize(("support_hours", "at", "now", "until"), BY_CLOCK)
def test_support_hours_are_those_of_the_service_s_clock(support_hours: Any, at: str, now: str, until: str) -> None:
    then = "low" if now == "high" else "high"
    assert service(BY_HOURS, support_hours).own_urgency(utc(at)) == OwnUrgency(now, utc(until), then)


def test_what_is_open_when_support_starts_becomes_high_too() -> None:
    raised = {
        "type": "urgency_change",
        "at": {"type": "named_time", "name": "support_hours_start"},
        "to_urgency": "high",
    }
    found = service(BY_HOURS, hours("Europe/Berlin"), [raised])
    assert found.own_urgency(utc("2026-11-24T05:00")) == OwnUrgency(
        "low", utc("2026-11-24T08:00"), "high", raises_open=True
    )
    assert not found.own_urgency(utc("2026-11-24T09:00")).raises_open


CLOCKS = [
    ("Europe/Berlin", "03:12 in Berlin"),
    ("America/Argentina/Buenos_Aires", "23:12 in Buenos Aires"),
    ("Asia/Kathmandu", "07:57 in Kathmandu"),
    ("Etc/UTC", "02:12 UTC"),
    ("", ""),
    ("Nowhere/At_all", ""),
    ("../../etc/passwd", ""),
    ("Europe", ""),
]


@pytest.mark.parametrize(("zone", "note"), CLOCKS)
def test_a_person_s_clock(zone: str, note: str) -> None:
    person = Person(time_zone=zone)
    at = utc("2026-11-24T02:12:00")
    assert person.local_note(at) == note
