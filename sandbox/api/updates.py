"""`PUT /incidents/{id}`: acknowledge, resolve, reopen, reassign, escalate, edit.

Source: PagerDuty, "Update an incident".
"""

from datetime import datetime

from sandbox.account import Row, reference
from sandbox.api.checks import (
    actor_of,
    assignments_in,
    check_bridge,
    check_urgency,
    find,
    incident_type_of,
    priority_of,
    wrapped_object,
)
from sandbox.api.errors import NO_TITLE, NOT_A_HASH, invalid, refusal
from sandbox.api.incidents import incident_of, shown
from sandbox.api.messages import Answer, Call
from sandbox.clock import stamp
from sandbox.escalation import assign, page_level, show_in_service, stop
from sandbox.log import notify, record
from sandbox.world import World

_STATUSES = ("triggered", "acknowledged", "resolved")


def update_incident(world: World, call: Call) -> Answer:
    row = incident_of(world, call)
    change = wrapped_object(call.request, "incident")
    if change is None:
        raise invalid(NOT_A_HASH)
    actor = actor_of(world, call.request, call.caller)
    by = reference(actor) if actor else row["service"]
    _check(world, row, change)
    now = world.clock.now()
    world.remember(row, dict(row))
    _edit(world, row, change)
    row["updated_at"] = stamp(now)
    if row["urgency"] == "low":  # does not escalate by itself
        stop(world, row)
    if "status" in change:
        set_status(world, row, change["status"], by, now)
    if change.get("assignments"):
        _reassign(world, row, change["assignments"], by, now)
    elif change.get("escalation_policy") or change.get("escalation_level"):
        _escalate(world, row, change, now)
    show_in_service(world, row)
    return Answer({"incident": shown(world, row, call.request.many("include"))})


def _check(world: World, row: Row, change: Row) -> None:
    """Refuse before anything is changed."""
    if change.get("status", "triggered") not in _STATUSES:
        raise refusal(400, 1003, "Invalid Status Provided", empty=True)
    stays_resolved = row["status"] == "resolved" and change.get("status", "resolved") == "resolved"
    if stays_resolved and {"status", "assignments", "escalation_policy", "escalation_level"} & set(change):
        raise refusal(400, 1001, "Incident Already Resolved", empty=True)
    if "title" in change and not str(change["title"] or "").strip():
        raise invalid(NO_TITLE)
    check_urgency(change)
    check_bridge(change)
    for item in assignments_in(change):
        if find(world, "user", "users", item["assignee"]) is None:
            raise refusal(400, 1007, "Assigned To User Not Found", empty=True)
    _check_escalation(world, row, change)


def _check_escalation(world: World, row: Row, change: Row) -> None:
    policy = find(
        world, "escalation_policy", "escalation_policies", change.get("escalation_policy") or row["escalation_policy"]
    )
    if change.get("escalation_policy") and policy is None:
        raise refusal(400, 1014, "Escalation Policy Not Found", empty=True)
    level = change.get("escalation_level") or 1
    is_level = policy is not None and isinstance(level, int) and 0 < level <= len(policy["escalation_rules"])
    if change.get("escalation_level") and not is_level:
        raise refusal(400, 1006, "Cannot Escalate", empty=True)


def _edit(world: World, row: Row, change: Row) -> None:
    """The changes that page nobody. A priority may also be given by its name."""
    if "priority" in change:
        wanted = change["priority"]
        if isinstance(wanted, str):
            wanted = next((p for p in world.account.priorities if p["name"] == wanted), {"id": wanted})
        priority = priority_of(world, wanted)
        row["priority"] = reference(priority) if priority else None
    if "incident_type" in change:
        row["incident_type"] = {"name": incident_type_of(world, change["incident_type"])}
    if "title" in change:
        row["title"] = row["description"] = str(change["title"])
        row["summary"] = f"[#{row['incident_number']}] {row['title']}"
    for name in ("urgency", "conference_bridge"):
        if change.get(name):
            row[name] = change[name]


def set_status(world: World, row: Row, status: str, by: Row, now: datetime) -> None:
    """Acknowledge (which also assigns), resolve, or page again from the first level."""
    stop(world, row)
    row |= {"status": status, "last_status_change_at": stamp(now), "last_status_change_by": by, "resolved_at": None}
    if status == "triggered":
        row["acknowledgements"] = []
        record(world, row, "unacknowledge", now, f"Triggered again by {by['summary']}", by)
        policy = world.account.find("escalation_policies", row["escalation_policy"]["id"])
        if policy and policy["escalation_rules"]:
            page_level(world, row, policy, 0, policy["num_loops"], now)
        return
    if status == "resolved":
        row |= {"assignments": [], "resolved_at": stamp(now)}
        record(world, row, "resolve", now, f"Resolved by {by['summary']}", by)
        return
    row["acknowledgements"] = [{"at": stamp(now), "acknowledger": by}]
    if by["type"] == "user_reference":
        row["assignments"] = [{"at": stamp(now), "assignee": by}]
    record(world, row, "acknowledge", now, f"Acknowledged by {by['summary']}", by)


def _reassign(world: World, row: Row, assignments: list[Row], by: Row, now: datetime) -> None:
    """Assign to people directly: they are paged, and nobody after them."""
    found = [find(world, "user", "users", item["assignee"]) for item in assignments]
    people = [person for person in found if person]
    stop(world, row)
    row |= {"assigned_via": "direct_assignment", "status": "triggered", "acknowledgements": []}
    assign(row, people, now)
    names = ", ".join(person["name"] for person in people)
    record(world, row, "assign", now, f"Assigned to {names}", by, assignees=[reference(person) for person in people])
    for person in people:
        notify(world, row, person, now)


def _escalate(world: World, row: Row, change: Row, now: datetime) -> None:
    """Escalate to a level of this or of another policy."""
    mentioned = change.get("escalation_policy") or row["escalation_policy"]
    policy = find(world, "escalation_policy", "escalation_policies", mentioned)
    if policy is None:
        return
    stop(world, row)
    row |= {
        "escalation_policy": reference(policy),
        "assigned_via": "escalation_policy",
        "status": "triggered",
        "acknowledgements": [],
    }
    page_level(world, row, policy, int(change.get("escalation_level") or 1) - 1, policy["num_loops"], now)
