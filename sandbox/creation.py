"""`POST /incidents`: the rules in the order in which they are checked, then the incident.

Sources: PagerDuty, "Incident Creation API", "Errors". Where these do not give the order or the text of a refusal, the
sandbox has chosen one; such texts are marked "assumed".
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.access import Caller
from sandbox.account import WEB, Row, reference
from sandbox.errors import (
    DUPLICATE,
    MALFORMED_FROM,
    NO_FROM,
    NO_SERVICE,
    NO_TITLE,
    NOT_A_HASH,
    access_denied,
    arguments,
    invalid,
    refusal,
)
from sandbox.ids import is_well_formed
from sandbox.shifts import on_call
from sandbox.wire import Request
from sandbox.world import World

ADDRESS = re.compile(r"[^@\s]+@[^@\s]+")
ONLY_LOOKING = {"observer", "read_only_user", "read_only_limited_user"}


@dataclass
class Wanted:
    """A creation that nothing speaks against."""

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


def hash_in(request: Request, name: str) -> Any:
    """The object that the body wraps in `name`, or None where the wrapper is missing."""
    is_json = (request.headers.get("Content-Type") or "").partition(";")[0].strip().lower().endswith("json")
    if not is_json or not isinstance(request.json, dict) or not isinstance(request.json.get(name, {}), dict):
        raise invalid(NOT_A_HASH)
    return request.json.get(name)


def actor_of(world: World, request: Request, caller: Caller) -> Row | None:
    """On whose behalf a write is made: the owner of the key, else the person in the `From` header."""
    if not caller.needs_from:
        return world.account.person(caller.email) if caller.email else None
    header = request.headers.get("From")
    if header is None:
        raise refusal(400, 2016, NO_FROM)
    if not ADDRESS.fullmatch(header):
        raise refusal(400, 1028, MALFORMED_FROM)
    person = world.account.person(header) or (_pretended(world, "user", header) if world.rehearsal else None)
    if person is None:
        raise refusal(400, 1008, "Requester User Not Found", empty=True)
    if person["role"] in ONLY_LOOKING and not world.rehearsal:
        raise access_denied()
    return person


def wanted(world: World, incident: Row) -> Wanted:
    """Check a creation against every rule; the first that speaks against it is the refusal."""
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
    return Wanted(
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


def find(world: World, kind: str, plural: str, mentioned: Any) -> Row | None:
    """The object that is mentioned. A rehearsal takes every well-formed id for an object of the account."""
    id = mentioned.get("id") if isinstance(mentioned, dict) else None
    found = world.account.find(plural, id) if isinstance(id, str) else None
    if found is None and world.rehearsal and is_well_formed(id):
        return _pretended(world, kind, str(id))
    return found


def _pretended(world: World, kind: str, name: str) -> Row:
    """Stands in for an object that a rehearsal does not know."""
    id = name if is_well_formed(name) else "PREHEAR"
    base = {"id": id, "type": kind, "summary": name, "self": None, "html_url": f"{WEB}/rehearsal/{id}", "name": name}
    if kind == "service":
        return {
            **base,
            "status": "active",
            "escalation_policy": reference(world.account.escalation_policies[0]),
            "teams": [],
        }
    return {**base, "email": name, "role": "user", "teams": [], "escalation_rules": [], "num_loops": 0}


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


def assignments_in(incident: Row) -> list[Row]:
    assignments = incident.get("assignments") or []
    if not isinstance(assignments, list):
        raise invalid("Assignments is invalid.")
    if any(not isinstance(item, dict) or not item.get("assignee") for item in assignments):
        raise invalid("Assignee cannot be empty.")
    return assignments


def check_urgency(incident: Row) -> None:
    if incident.get("urgency") is not None and incident["urgency"] not in ("high", "low"):
        raise invalid("Urgency is not included in the list")


def check_bridge(incident: Row) -> None:
    bridge = incident.get("conference_bridge")
    if bridge is None:
        return
    texts = (
        [bridge.get(name, "") for name in ("conference_number", "conference_url")]
        if isinstance(bridge, dict)
        else [None]
    )
    if not all(isinstance(text, str) for text in texts):
        raise invalid("Conference bridge is invalid.")


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


def priority_of(world: World, mentioned: Any) -> Row | None:
    if not mentioned:
        return None
    priority = find(world, "priority", "priorities", mentioned)
    if priority is None:
        raise refusal(400, 1020, "Invalid Priority", empty=True)
    return priority


def incident_type_of(world: World, mentioned: Any) -> str:
    """Types are mentioned by name, never by id."""
    if not mentioned:
        return "incident_default"
    name = mentioned.get("name") if isinstance(mentioned, dict) else None
    is_known = any(row["name"] == name and row["enabled"] for row in world.account.incident_types)
    if not isinstance(name, str) or not (is_known or world.rehearsal):
        raise invalid("Incident type not found")  # assumed
    return name


def _is_anybody_on_call(world: World, policy: Row) -> bool:
    now = world.clock.now()
    return world.rehearsal or any(on_call(world.account, rule, now) for rule in policy["escalation_rules"])


def _check_key_is_free(world: World, service: Row, key: str) -> None:
    """A key is taken while an incident with it is open on the same service."""
    earlier = world.keys.get((service["id"], key)) if key else None
    if earlier and earlier["status"] != "resolved" and world.account.find("incidents", earlier["id"]) is earlier:
        raise arguments(DUPLICATE)


def urgency_of(service: Row, now: datetime) -> str:
    """What the service says where the caller does not. What is made by hand has no severity, which counts as high."""
    rule = service.get("incident_urgency_rule") or {}
    if rule.get("type") == "use_support_hours":
        hours = service.get("support_hours")
        rule = rule["during_support_hours" if hours and _is_within(hours, now) else "outside_support_hours"]
    return "low" if rule.get("urgency") == "low" else "high"


def _is_within(hours: Row, now: datetime) -> bool:
    local = now.astimezone(ZoneInfo(hours["time_zone"]) if hours.get("time_zone") else UTC)
    start, end = time.fromisoformat(hours["start_time"]), time.fromisoformat(hours["end_time"])
    return local.isoweekday() in hours["days_of_week"] and start <= local.time() < end
