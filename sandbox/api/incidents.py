"""`GET /incidents`: one incident, or a list of them. Source: PagerDuty, "List incidents", "Get an incident"."""

from datetime import datetime, timedelta
from typing import Any

from sandbox.account import Row
from sandbox.account.filters import filter_by_team
from sandbox.api.errors import not_found, refusal
from sandbox.api.messages import Answer, Call, Request, expanded, paginate
from sandbox.clock import parse, stamp
from sandbox.world import World

_MONTH, _LONGEST = timedelta(days=31), timedelta(days=184)
_PARTS = {
    "services": ("service", "services"),
    "escalation_policies": ("escalation_policy", "escalation_policies"),
    "teams": ("teams", "teams"),
    "priorities": ("priority", "priorities"),
}
_SORTABLE = {"incident_number", "created_at", "resolved_at", "urgency"}


def incident_of(world: World, call: Call) -> Row:
    """By id, or by number."""
    wanted_id = call.args["id"]
    found = world.account.find("incidents", wanted_id)
    if found is None and wanted_id.isascii() and wanted_id.isdigit():
        found = next((row for row in world.incidents if row["incident_number"] == int(wanted_id[:12])), None)
    if found is None:
        raise not_found()
    return found


def shown(world: World, row: Row, include: list[str]) -> Row:
    """An incident as it is read later: with a resolve reason, and without its body unless that is included."""
    row = expanded(world.account, {**row, "resolve_reason": None}, include, _PARTS)
    if "body" not in include:
        row.pop("body", None)
    if {"assignees", "users"} & set(include):
        row["assignments"] = [{**a, "assignee": _user(world, a["assignee"])} for a in row["assignments"]]
    if {"acknowledgers", "users"} & set(include):
        row["acknowledgements"] = [
            {**a, "acknowledger": _user(world, a["acknowledger"])} for a in row["acknowledgements"]
        ]
    if "first_trigger_log_entries" in include and world.logs.get(row["id"]):
        row["first_trigger_log_entry"] = world.logs[row["id"]][0]
    return row


def _user(world: World, mentioned: Row) -> Row:
    return world.account.find("users", mentioned["id"]) or mentioned


def get_incident(world: World, call: Call) -> Answer:
    return Answer({"incident": shown(world, incident_of(world, call), call.request.many("include"))})


def list_incidents(world: World, call: Call) -> Answer:
    request = call.request
    rows = [row for row in _in_time(world, request) if _is_wanted(request, row)]
    rows = filter_by_team(world.account, rows, request.many("team_ids"))
    answer = paginate(call, "incidents", _sorted(request, rows))
    include = request.many("include")
    answer.body["incidents"] = [shown(world, row, include) for row in answer.body["incidents"]]
    return answer


def _in_time(world: World, request: Request) -> list[Row]:
    """`date_range=all`, else `since` to `until`: by default the last month, half a year at most."""
    if request.one("date_range") == "all":
        return world.listed_incidents
    until = _time(request, "until") or world.clock.now()
    since = _time(request, "since") or until - _MONTH
    if since > until or until - since > _LONGEST:
        raise refusal(400, 2005, "Invalid Query Date Range")
    first, last = stamp(since), stamp(until)
    return [row for row in world.listed_incidents if first <= row["created_at"] <= last]


def _time(request: Request, name: str) -> datetime | None:
    text = request.one(name)
    moment = parse(text) if text else None
    if text and moment is None:
        raise refusal(400, 2004, "Invalid time values in 'since' and/or 'until' parameters")
    return moment


def _is_wanted(request: Request, row: Row) -> bool:
    """Empty filters are ignored, and so are filters that PagerDuty does not know, such as `priorities[]`."""
    key = request.one("incident_key")
    checks: list[tuple[list[str], Any]] = [
        ([key] if key else [], row["incident_key"]),
        (request.many("service_ids"), row["service"]["id"]),
        (request.many("statuses"), row["status"]),
        (request.many("urgencies"), row["urgency"]),
        (request.many("priority_ids"), (row["priority"] or {}).get("id")),
    ]
    people = set(request.many("user_ids"))
    is_theirs = not people or any(item["assignee"]["id"] in people for item in row["assignments"])
    return is_theirs and all(not allowed or value in allowed for allowed, value in checks)


def _sorted(request: Request, rows: list[Row]) -> list[Row]:
    orders = [part.partition(":") for part in request.one("sort_by").split(",") if part]
    for name, _, direction in reversed(orders[:2]):
        if name in _SORTABLE:
            rows = sorted(rows, key=lambda row: (row[name] is not None, row[name] or 0), reverse=direction == "desc")
    return rows
