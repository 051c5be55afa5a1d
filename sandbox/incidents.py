"""Incidents: create one, read them, find them, change them. Source: PagerDuty, "Incidents" in the API reference."""

from datetime import datetime, timedelta
from typing import Any

from sandbox.account import API, WEB, Row, reference
from sandbox.clock import parse, stamp
from sandbox.creation import Wanted, actor_of, hash_in, wanted
from sandbox.errors import NO_TITLE, invalid, not_found, refusal
from sandbox.log import notify, record
from sandbox.paging import assign, page_level, show_in_service, stop
from sandbox.shelves import by_teams
from sandbox.wire import Answer, Call, Request, expanded, page
from sandbox.world import World

_MONTH, _LONGEST = timedelta(days=31), timedelta(days=184)
_PARTS = {
    "services": ("service", "services"),
    "escalation_policies": ("escalation_policy", "escalation_policies"),
    "teams": ("teams", "teams"),
    "priorities": ("priority", "priorities"),
}
_SORTABLE = {"incident_number", "created_at", "resolved_at", "urgency"}


def create_incident(world: World, call: Call) -> Answer:
    incident = hash_in(call.request, "incident")
    if incident is None:
        raise invalid(NO_TITLE)
    row = open_incident(world, incident, actor_of(world, call.request, call.caller))
    return Answer({"incident": row}, 201, {"x-rehearsal": "1"} if world.rehearsal else {})


def open_incident(world: World, incident: Row, actor: Row | None) -> Row:
    """Check it, page people, keep it. A rehearsal pages nobody and keeps nothing."""
    checked = wanted(world, incident)
    now = world.clock.now()
    row = _row(world, checked, now)
    _begin(world, row, checked, actor, now)
    if world.rehearsal:
        stop(world, row)
        del world.logs[row["id"]]
        return row
    world.incidents.append(row)
    world.keys[checked.service["id"], checked.key] = row
    checked.service["last_incident_timestamp"] = stamp(now)
    show_in_service(world, row)
    return row


def _row(world: World, checked: Wanted, now: datetime) -> Row:
    id, at, service = world.ids.incident(), stamp(now), reference(checked.service)
    number = max((row["incident_number"] for row in world.incidents[-1:]), default=0) + 1
    return {
        "incident_number": number,
        "title": checked.title,
        "description": checked.title,
        "created_at": at,
        "updated_at": at,
        "incident_key": checked.key,
        "service": service,
        "assigned_via": "direct_assignment" if checked.assignee else "escalation_policy",
        "last_status_change_at": at,
        "first_trigger_log_entry": _first_entry(world, id),
        "incident_type": {"name": checked.incident_type},
        "escalation_policy": reference(checked.policy),
        "teams": list(checked.policy["teams"]),
        "impacted_services": [service],
        "last_status_change_by": service,
        "priority": reference(checked.priority) if checked.priority else None,
        "urgency": checked.urgency,
        "id": id,
        "type": "incident",
        "summary": f"[#{number}] {checked.title}",
        "self": f"{API}/incidents/{id}",
        "html_url": f"{world.url}/incidents/{id}",
        **_nothing_yet(),
        **_optional(checked),
    }


def _first_entry(world: World, incident_id: str) -> Row:
    """PagerDuty says "through the website" even of what was created through its API."""
    id = world.ids.log_entry()
    return {
        "id": id,
        "type": "trigger_log_entry_reference",
        "summary": "Triggered through the website.",
        "self": f"{API}/log_entries/{id}",
        "html_url": f"{WEB}/incidents/{incident_id}/log_entries/{id}",
    }


def _nothing_yet() -> Row:
    """What an incident that has just been opened has not."""
    return {
        "status": "triggered",
        "assignments": [],
        "resolved_at": None,
        "alert_counts": {"all": 0, "triggered": 0, "resolved": 0},
        "is_mergeable": True,
        "pending_actions": [],
        "acknowledgements": [],
        "basic_alert_grouping": None,
        "alert_grouping": None,
        "incidents_responders": [],
        "responder_requests": [],
        "subscriber_requests": [],
    }


def _optional(checked: Wanted) -> Row:
    """What is left out, rather than null, where it was not given."""
    optional: Row = {}
    if checked.details is not None:
        optional["body"] = {"details": checked.details}
    if checked.bridge:
        optional["conference_bridge"] = dict(checked.bridge)
    return optional


def _begin(world: World, row: Row, checked: Wanted, actor: Row | None, now: datetime) -> None:
    """Page level 1 of the policy, or just the assignee. Who assigns it to themselves has it acknowledged at once."""
    agent = reference(actor) if actor else row["service"]
    entry = record(world, row, "trigger", now, "Triggered through the website.", agent, channel={"type": "website"})
    entry |= {key: row["first_trigger_log_entry"][key] for key in ("id", "self", "html_url")}
    if checked.assignee is None and checked.policy["escalation_rules"]:
        page_level(world, row, checked.policy, 0, checked.policy["num_loops"], now)
    if checked.assignee is None:
        return
    assign(row, [checked.assignee], now)
    mentioned = reference(checked.assignee)
    record(world, row, "assign", now, f"Assigned to {mentioned['summary']}", agent, assignees=[mentioned])
    if actor and actor["id"] == checked.assignee["id"]:
        row["status"] = "acknowledged"
        row["acknowledgements"] = [{"at": stamp(now), "acknowledger": mentioned}]
        row["last_status_change_by"] = mentioned
        record(world, row, "acknowledge", now, f"Acknowledged by {mentioned['summary']}", mentioned)
    else:
        notify(world, row, checked.assignee, now)


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
    """An incident as it is read later on: with a reason of its end, without its body unless asked for."""
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
    rows = by_teams(world.account, rows, request.many("team_ids"))
    answer = page(call, "incidents", _sorted(request, rows))
    include = request.many("include")
    answer.body["incidents"] = [shown(world, row, include) for row in answer.body["incidents"]]
    return answer


def _in_time(world: World, request: Request) -> list[Row]:
    """`date_range=all`, else from since until until: a month until now if not given, half a year at most."""
    if request.one("date_range") == "all":
        return world.incidents
    until = _time(request, "until") or world.clock.now()
    since = _time(request, "since") or until - _MONTH
    if since > until or until - since > _LONGEST:
        raise refusal(400, 2005, "Invalid Query Date Range")
    first, last = stamp(since), stamp(until)
    return [row for row in world.incidents if first <= row["created_at"] <= last]


def _time(request: Request, name: str) -> datetime | None:
    text = request.one(name)
    moment = parse(text) if text else None
    if text and moment is None:
        raise refusal(400, 2004, "Invalid time values in 'since' and/or 'until' parameters")
    return moment


def _is_wanted(request: Request, row: Row) -> bool:
    """An empty filter is no filter. Filters that PagerDuty does not know are ignored, `priorities[]` among them."""
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
