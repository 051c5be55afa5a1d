"""`POST /incidents`: creates an incident and pages for it. Source: PagerDuty, "Create an incident"."""

from datetime import datetime

from sandbox.account import API, WEB, Row, reference
from sandbox.api.checks import actor_of, wrapped_object
from sandbox.api.creation_rules import CheckedIncident, check_creation
from sandbox.api.errors import NO_TITLE, invalid
from sandbox.api.messages import Answer, Call
from sandbox.clock import stamp
from sandbox.escalation import assign, page_level, show_in_service, stop
from sandbox.log import notify, record
from sandbox.world import World


def create_incident(world: World, call: Call) -> Answer:
    incident = wrapped_object(call.request, "incident")
    if incident is None:
        raise invalid(NO_TITLE)
    row = open_incident(world, incident, actor_of(world, call.request, call.caller))
    return Answer({"incident": row}, 201, {"x-rehearsal": "1"} if world.rehearsal else {})


def open_incident(world: World, incident: Row, actor: Row | None) -> Row:
    """Check it, page people, keep it. A rehearsal pages nobody and keeps nothing."""
    checked = check_creation(world, incident)
    now = world.clock.now()
    row = row_of(world, checked, now)
    _page_first_responders(world, row, checked, actor, now)
    if world.rehearsal:
        stop(world, row)
        del world.logs[row["id"]]
        return row
    world.remember(row, None)
    world.incidents.append(row)
    world.incident_of_key[checked.service["id"], checked.key] = row
    checked.service["last_incident_timestamp"] = stamp(now)
    show_in_service(world, row)
    return row


def row_of(world: World, checked: CheckedIncident, now: datetime) -> Row:
    """The row of a new incident, which is not kept yet. The account's habits show in its title."""
    id, at, service = world.ids.incident(), stamp(now), reference(checked.service)
    title = world.habits.written(checked.title)
    number = max((row["incident_number"] for row in world.incidents[-1:]), default=0) + 1
    return {
        "incident_number": number,
        "title": title,
        "description": title,
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
        "summary": f"[#{number}] {title}",
        "self": f"{API}/incidents/{id}",
        "html_url": f"{world.url}/incidents/{id}",
        **_nothing_yet(),
        **_optional(checked),
    }


def _first_entry(world: World, incident_id: str) -> Row:
    """PagerDuty says "through the website" even for incidents that were created through its API."""
    id = world.ids.log_entry()
    return {
        "id": id,
        "type": "trigger_log_entry_reference",
        "summary": "Triggered through the website.",
        "self": f"{API}/log_entries/{id}",
        "html_url": f"{WEB}/incidents/{incident_id}/log_entries/{id}",
    }


def _nothing_yet() -> Row:
    """What a new incident does not have yet."""
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


def _optional(checked: CheckedIncident) -> Row:
    """Keys that are left out, rather than null, if they were not given."""
    optional: Row = {}
    if checked.details is not None:
        optional["body"] = {"details": checked.details}
    if checked.bridge:
        optional["conference_bridge"] = dict(checked.bridge)
    return optional


def _page_first_responders(world: World, row: Row, checked: CheckedIncident, actor: Row | None, now: datetime) -> None:
    """Page level 1 of the policy, or just the assignee. Assigning it to yourself acknowledges it at once."""
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
