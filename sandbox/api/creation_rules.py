"""The rules for `POST /incidents`, in the order in which they are checked.

Sources: PagerDuty, "Incident Creation API", "Errors". Where these do not give the order or the text of a refusal, the
sandbox has chosen one; such texts are marked "assumed".
"""

from dataclasses import dataclass
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from sandbox.account import Row
from sandbox.account.shifts import on_call
from sandbox.api.checks import assignments_in, check_bridge, check_urgency, find, incident_type_of, priority_of
from sandbox.api.errors import NO_SERVICE, NO_TITLE, arguments, invalid, refusal
from sandbox.world import World


@dataclass
class CheckedIncident:
    """A creation that has passed every check."""

    title: str
    service: Row
    policy: Row
    assignee: Row | None
    priority: Row | None
    incident_type: str
    urgency: str
    key: str
    details: str | None
    bridge: Row | None


def check_creation(world: World, incident: Row) -> CheckedIncident:
    """Check a creation against every rule. The first rule that it breaks is the refusal."""
    title = incident.get("title")
    if not isinstance(title, str) or not title.strip():
        raise invalid(NO_TITLE)
    service = find(world, "service", "services", incident.get("service"))
    if service is None:
        raise arguments(NO_SERVICE)
    _check_service_is_open(world, service)
    _check_shapes(incident)
    policy = _policy(world, incident, service)
    assignee, priority = _assignee(world, incident), priority_of(world, incident.get("priority"))
    incident_type = incident_type_of(world, incident.get("incident_type"))
    if world.rules.refuse_nobody_on_call and not assignee and not _is_anybody_on_call(world, policy):
        raise refusal(400, 1015, "Escalation Policy Has No User On Call", empty=True)
    key = incident.get("incident_key") or ""
    _check_key_is_free(world, service, key)
    return CheckedIncident(
        title=title,
        service=service,
        policy=policy,
        assignee=assignee,
        priority=priority,
        incident_type=incident_type,
        urgency=incident.get("urgency") or urgency_of(service, world.clock.now()),
        key=key or world.ids.key(),
        details=(incident.get("body") or {}).get("details"),
        bridge=incident.get("conference_bridge") or None,
    )


def _check_service_is_open(world: World, service: Row) -> None:
    if world.rehearsal:
        return
    if service["status"] == "disabled" and world.rules.refuse_disabled:
        raise invalid("Service is disabled.")  # assumed
    if service["status"] == "maintenance" and world.rules.refuse_maintenance:
        raise invalid("Service is in maintenance mode.")  # assumed


def _check_shapes(incident: Row) -> None:
    """Texts assumed, apart from "Body is invalid." and "Assignee cannot be empty."."""
    assignments = assignments_in(incident)
    if assignments and incident.get("escalation_policy"):
        raise invalid("Cannot specify both assignments and escalation_policy.")
    if len(assignments) > 1:
        raise invalid("Only one assignee is supported.")
    check_urgency(incident)
    body = incident.get("body")
    if body is not None and not (isinstance(body, dict) and isinstance(body.get("details"), str)):
        raise invalid("Body is invalid.")
    if len(incident["title"]) > 1024:
        raise invalid("Title is too long (maximum is 1024 characters)")
    key = incident.get("incident_key")
    if key is not None and not isinstance(key, str):
        raise invalid("Incident key is invalid.")
    if key and len(key) > 255:
        raise invalid("Incident key is too long (maximum is 255 characters)")
    check_bridge(incident)


def _policy(world: World, incident: Row, service: Row) -> Row:
    mentioned = incident.get("escalation_policy") or service["escalation_policy"]
    policy = find(world, "escalation_policy", "escalation_policies", mentioned)
    if policy is None:
        raise refusal(400, 1014, "Escalation Policy Not Found", empty=True)
    return policy


def _assignee(world: World, incident: Row) -> Row | None:
    assignments = incident.get("assignments") or []
    if not assignments:
        return None
    person = find(world, "user", "users", assignments[0]["assignee"])
    if person is None:
        raise refusal(400, 1007, "Assigned To User Not Found", empty=True)
    return person


def _is_anybody_on_call(world: World, policy: Row) -> bool:
    now = world.clock.now()
    return world.rehearsal or any(on_call(world.account, rule, now) for rule in policy["escalation_rules"])


def _check_key_is_free(world: World, service: Row, key: str) -> None:
    """A key is taken while an incident with it is open on the same service."""
    earlier = world.incident_of_key.get((service["id"], key)) if key else None
    if earlier and earlier["status"] != "resolved" and world.account.find("incidents", earlier["id"]) is earlier:
        raise world.habits.duplicate()


def urgency_of(service: Row, now: datetime) -> str:
    """The service's urgency, for callers that give none. Without a severity, a severity-based one counts as high."""
    rule = service.get("incident_urgency_rule") or {}
    if rule.get("type") == "use_support_hours":
        hours = service.get("support_hours")
        rule = rule["during_support_hours" if hours and _is_within(hours, now) else "outside_support_hours"]
    return "low" if rule.get("urgency") == "low" else "high"


def _is_within(hours: Row, now: datetime) -> bool:
    local = now.astimezone(ZoneInfo(hours["time_zone"]) if hours.get("time_zone") else UTC)
    start, end = time.fromisoformat(hours["start_time"]), time.fromisoformat(hours["end_time"])
    return local.isoweekday() in hours["days_of_week"] and start <= local.time() < end
