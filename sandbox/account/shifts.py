"""Who is on call when: schedules rotate weekly; people whom a policy names are always on call."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sandbox.account import Account, Row

_FIRST_MONDAY = datetime(2026, 1, 5, 9, tzinfo=UTC)
_WEEK = timedelta(weeks=1)


@dataclass(frozen=True)
class Shift:
    """A person on call; without times if they are always on call."""

    user: Row
    schedule: Row | None = None
    start: datetime | None = None
    end: datetime | None = None


def shifts(account: Account, target: Row, since: datetime, until: datetime) -> Iterator[Shift]:
    """The shifts of one target of an escalation rule that overlap the time from `since` to `until`."""
    if target["type"].startswith("user"):
        person = account.find("users", target["id"])
        if person:
            yield Shift(person)
        return
    schedule = account.find("schedules", target["id"])
    if not schedule or not schedule["users"]:
        return
    week = (since - _FIRST_MONDAY) // _WEEK
    while True:
        start = _FIRST_MONDAY + week * _WEEK
        if start > until or (start == until and since < until):
            return
        person = account.find("users", schedule["users"][week % len(schedule["users"])]["id"])
        if person:
            yield Shift(person, schedule, start, start + _WEEK)
        week += 1


def on_call(account: Account, rule: Row, at: datetime) -> list[Row]:
    """The people whom one level of a policy reaches at that time, each once."""
    reached = {shift.user["id"]: shift.user for target in rule["targets"] for shift in shifts(account, target, at, at)}
    return list(reached.values())
