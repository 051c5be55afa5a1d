"""What all calls that change something check: the body, who makes the change, and the objects it refers to.

Sources: PagerDuty, "Incident Creation API", "Errors". Where these do not give the text of a refusal, the sandbox has
chosen one; such texts are marked "assumed".
"""

import re
from typing import Any

from sandbox.account import WEB, Row, reference
from sandbox.account.ids import is_well_formed
from sandbox.api.access import Caller
from sandbox.api.errors import MALFORMED_FROM, NO_FROM, NOT_A_HASH, access_denied, invalid, refusal
from sandbox.api.messages import Request
from sandbox.world import World

EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
READ_ONLY_ROLES = {"observer", "read_only_user", "read_only_limited_user"}


def wrapped_object(request: Request, name: str) -> Any:
    """The object that the body wraps in `name`, or None if the wrapper is missing."""
    is_json = (request.headers.get("Content-Type") or "").partition(";")[0].strip().lower().endswith("json")
    if not is_json or not isinstance(request.json, dict) or not isinstance(request.json.get(name, {}), dict):
        raise invalid(NOT_A_HASH)
    return request.json.get(name)


def actor_of(world: World, request: Request, caller: Caller) -> Row | None:
    """The person who makes a change: the owner of the key, else the person in the `From` header."""
    if not caller.needs_from:
        return world.account.person(caller.email) if caller.email else None
    header = request.headers.get("From")
    if header is None:
        raise refusal(400, 2016, NO_FROM)
    if not EMAIL.fullmatch(header):
        raise refusal(400, 1028, MALFORMED_FROM)
    person = world.account.person(header) or (_stand_in(world, "user", header) if world.rehearsal else None)
    if person is None:
        raise refusal(400, 1008, "Requester User Not Found", empty=True)
    if person["role"] in READ_ONLY_ROLES and not world.rehearsal:
        raise access_denied()
    return person


def find(world: World, kind: str, plural: str, mentioned: Any) -> Row | None:
    """The object that is mentioned. In a rehearsal every well-formed id is an object of the account."""
    id = mentioned.get("id") if isinstance(mentioned, dict) else None
    found = world.account.find(plural, id) if isinstance(id, str) else None
    if found is None and world.rehearsal and is_well_formed(id):
        return _stand_in(world, kind, str(id))
    return found


def _stand_in(world: World, kind: str, name: str) -> Row:
    """A stand-in for an object that a rehearsal does not know."""
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
