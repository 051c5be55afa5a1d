"""Pages people over time: level by level up the escalation policy, until somebody acknowledges.

Nothing runs by itself. Whoever is about to look calls `catch_up`, which does what should have happened by now, each
step at the time when it was due. Sources: PagerDuty, "Escalation Policies", "Incident Creation API".
"""

import heapq
from datetime import datetime, timedelta

from sandbox.account import Row, reference
from sandbox.account.shifts import on_call
from sandbox.clock import stamp
from sandbox.log import notify, record
from sandbox.world import Escalation, World


def catch_up(world: World) -> None:
    """Let everything happen that is due by now."""
    now = world.clock.now()
    while world.escalations_due and world.escalations_due[0][0] <= now:
        due, _, id = heapq.heappop(world.escalations_due)
        escalation, incident = world.escalations.get(id), world.account.find("incidents", id)
        if incident and escalation and escalation.due == due and incident["status"] == "triggered":
            _escalate_next(world, incident, escalation)
    for window in world.account.maintenance_windows:
        _follow_window(world, window, stamp(now))


def page_level(world: World, incident: Row, policy: Row, level: int, loops_left: int, at: datetime) -> None:
    """Assign the incident to one level of a policy and page it. A low urgency stays there; a high one escalates."""
    rule = policy["escalation_rules"][level]
    people = on_call(world.account, rule, at)
    if people and rule.get("escalation_rule_assignment_strategy") == "round_robin":
        turn = world.round_robin_turns.get(rule["id"], 0)
        world.round_robin_turns[rule["id"]] = turn + 1
        people = [people[turn % len(people)]]
    assign(incident, people, at)
    if level or loops_left < policy["num_loops"]:
        _record_level(world, incident, level, people, at)
    for person in people:
        notify(world, incident, person, at)
    if incident["urgency"] == "high":
        due = at + timedelta(minutes=rule["escalation_delay_in_minutes"])
        _wait(world, incident, Escalation(policy["id"], level, loops_left, due))
        is_last = level + 1 == len(policy["escalation_rules"]) and not loops_left
        incident["pending_actions"] = [] if is_last else [{"type": "escalate", "at": stamp(due)}]


def assign(incident: Row, people: list[Row], at: datetime) -> None:
    incident["assignments"] = [{"at": stamp(at), "assignee": reference(person)} for person in people]


def stop(world: World, incident: Row) -> None:
    """Nobody else is paged for this incident."""
    world.escalations.pop(incident["id"], None)
    incident["pending_actions"] = []


def show_in_service(world: World, incident: Row) -> None:
    """A service shows its worst open incident. One that is disabled or in maintenance keeps its status."""
    service = world.account.find("services", incident["service"]["id"])
    if service is None or service["status"] in {"disabled", "maintenance"}:
        return
    if incident["status"] == "triggered":
        service["status"] = "critical"
        return
    service["status"] = _status_by_incidents(world, service)


def _status_by_incidents(world: World, service: Row) -> str:
    statuses = {other["status"] for other in world.incidents if other["service"]["id"] == service["id"]}
    return "critical" if "triggered" in statuses else "warning" if "acknowledged" in statuses else "active"


def _escalate_next(world: World, incident: Row, escalation: Escalation) -> None:
    policy = world.account.find("escalation_policies", escalation.policy)
    if policy is None:
        return stop(world, incident)
    level, loops_left = escalation.level + 1, escalation.loops_left
    if level >= len(policy["escalation_rules"]):
        if not loops_left:
            stop(world, incident)
            summary = "Nobody has acknowledged, and there is nobody left to escalate to"
            record(world, incident, "exhaust_escalation_path", escalation.due, summary, incident["service"])
            return None
        level, loops_left = 0, loops_left - 1
        summary = "Starts again at the first level of the escalation policy"
        record(world, incident, "repeat_escalation_path", escalation.due, summary, incident["service"])
    return page_level(world, incident, policy, level, loops_left, escalation.due)


def _record_level(world: World, incident: Row, level: int, people: list[Row], at: datetime) -> None:
    names = ", ".join(person["name"] for person in people) or "nobody: this level is empty"
    summary = f"Escalated to {names} (level {level + 1})"
    assignees = [reference(person) for person in people]
    record(
        world, incident, "escalate", at, summary, incident["service"], channel={"type": "timeout"}, assignees=assignees
    )


def _wait(world: World, incident: Row, escalation: Escalation) -> None:
    world.escalations[incident["id"]] = escalation
    heapq.heappush(world.escalations_due, (escalation.due, incident["incident_number"], incident["id"]))


def _follow_window(world: World, window: Row, now: str) -> None:
    """Put services into maintenance when a window begins, and take them out when it ends; each once."""
    if window["start_time"] > now:
        return
    state = "over" if window["end_time"] <= now else "ongoing"
    if world.window_states.get(window["id"]) == state:
        return
    was_ongoing = world.window_states.get(window["id"]) == "ongoing"
    world.window_states[window["id"]] = state
    for mentioned in window["services"]:
        service = world.account.find("services", mentioned["id"])
        if service and state == "ongoing" and service["status"] != "disabled":
            service["status"] = "maintenance"
        elif service and was_ongoing and service["status"] == "maintenance":
            service["status"] = _status_by_incidents(world, service)
