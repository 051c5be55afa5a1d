"""`GET /oncalls`: a row for each person, policy, level and shift. Source: PagerDuty, "List all of the on-calls"."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sandbox.account import Row, reference
from sandbox.account.shifts import Shift, shifts
from sandbox.api.errors import Refusal, refusal
from sandbox.api.messages import Answer, Call, Request, expanded, paginate
from sandbox.clock import parse, stamp
from sandbox.world import World

_LONGEST = timedelta(days=90)
_PARTS = {
    "users": ("user", "users"),
    "escalation_policies": ("escalation_policy", "escalation_policies"),
    "schedules": ("schedule", "schedules"),
}


def list_oncalls(world: World, call: Call) -> Answer:
    """Without since and until: who is on call right now."""
    request = call.request
    since, until = _range(request, world.clock.now())
    rows = [row for row in _rows(world, request, since, until) if _is_wanted(request, row)]
    if request.one("earliest") in {"true", "1"}:
        rows = list(_earliest(rows))
    answer = paginate(call, "oncalls", rows)
    answer.body["oncalls"] = [
        expanded(world.account, row, request.many("include"), _PARTS) for row in answer.body["oncalls"]
    ]
    return answer


def _range(request: Request, now: datetime) -> tuple[datetime, datetime]:
    since = _time(request, "since", now)
    until = _time(request, "until", max(since, now))
    if until < since:
        raise _bad_times()
    return max(since, now - _LONGEST), min(until, now + _LONGEST)


def _time(request: Request, name: str, default: datetime) -> datetime:
    text = request.one(name)
    moment = parse(text) if text else default
    if moment is None:
        raise _bad_times()
    return moment


def _bad_times() -> Refusal:
    return refusal(400, 2004, "Invalid time values in 'since' and/or 'until' parameters")


def _rows(world: World, request: Request, since: datetime, until: datetime) -> Iterator[Row]:
    account, wanted = world.account, request.many("escalation_policy_ids")
    policies = (
        [account.find("escalation_policies", id) for id in dict.fromkeys(wanted)]
        if wanted
        else account.escalation_policies
    )
    for policy in filter(None, policies):
        for level, rule in enumerate(policy["escalation_rules"], start=1):
            for target in rule["targets"]:
                for shift in shifts(account, target, since, until):
                    yield _row(policy, level, shift)


def _row(policy: Row, level: int, shift: Shift) -> Row:
    return {
        "escalation_policy": reference(policy),
        "escalation_level": level,
        "schedule": reference(shift.schedule) if shift.schedule else None,
        "user": reference(shift.user),
        "start": stamp(shift.start) if shift.start else None,
        "end": stamp(shift.end) if shift.end else None,
    }


def _is_wanted(request: Request, row: Row) -> bool:
    people, schedules = request.many("user_ids"), request.many("schedule_ids")
    schedule = row["schedule"]["id"] if row["schedule"] else "null"
    return (not people or row["user"]["id"] in people) and (not schedules or schedule in schedules)


def _earliest(rows: list[Row]) -> Iterator[Row]:
    """The first shift of each person on each level of each policy."""
    seen = set()
    for row in sorted(rows, key=lambda row: row["start"] or ""):
        key = (row["escalation_policy"]["id"], row["escalation_level"], row["user"]["id"])
        if key not in seen:
            seen.add(key)
            yield row
