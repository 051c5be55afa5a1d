"""Answers that are not true, although they look like PagerDuty's: about something else, or with texts nobody can store.

    other service, other key   the answer is about another incident; "… before": and nothing was done
    filter ignored             a list of everything there is, whatever was asked for
    other rows                 a list of everything but what was asked for, and two incidents that are nearly that
    empty list                 a list without rows
    half surrogate, nul        every text that people write has half a character, or a NUL, at its end
    wrong types                every text that people write is an object, and every object that is mentioned a text

What is put in place of an incident is a real one where the account has one, else one that exists nowhere.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sandbox.account import Row
from sandbox.api.creation import row_of
from sandbox.api.creation_rules import CheckedIncident
from sandbox.api.incidents import shown
from sandbox.api.messages import Answer, Call
from sandbox.world import World

Handler = Callable[[World, Call], Answer]

WRITTEN_BY_PEOPLE = {"title", "summary", "description", "name", "job_title", "details", "content", "message", "errors"}
_NO_FILTER = {"limit", "offset", "total", "sort_by", "include[]", "date_range"}


def answer_untruly(world: World, call: Call, handler: Handler, kind: str) -> Answer:
    """Make the call and answer as this kind of fault does; truly, if it is no lie."""
    if kind == "filter ignored":
        call = without_filter(call)
    answer = handler(world, call)
    body = answer.body
    if kind in {"other service", "other key"} and "incident" in body:
        body["incident"] = another_incident(world, call, kind, body["incident"])
    name = next((name for name, rows in body.items() if isinstance(rows, list)), "")
    if kind == "empty list" and name:
        answer.body = {**body, name: [], "more": False}
    if kind == "other rows" and name:
        everything = handler(world, without_filter(call)).body[name]
        nearly = near_misses(world, call) if name == "incidents" else []
        answer.body = {**body, name: nearly + [row for row in everything if row not in body[name]]}
    return answer


def answer_without_doing(world: World, call: Call, kind: str) -> Answer:
    """For "other … before": nothing is done, and another incident is said to have been created."""
    return Answer({"incident": another_incident(world, call, kind)}, 201) if kind.startswith("other ") else Answer()


def without_filter(call: Call) -> Call:
    kept = {name: values for name, values in call.request.query.items() if name in _NO_FILTER}
    return replace(call, request=replace(call.request, query=kept))


def another_incident(world: World, call: Call, kind: str, true: Row | None = None) -> Row:
    """The newest open incident of another service, or of the same service under another key."""
    asked = (call.request.json or {}).get("incident") if isinstance(call.request.json, dict) else None
    asked = true or (asked if isinstance(asked, dict) else {})
    service_id, key = (asked.get("service") or {}).get("id"), asked.get("incident_key")
    is_of_service = kind.startswith("other key")
    for row in reversed(world.incidents):
        is_same = row["service"]["id"] == service_id
        if is_same == is_of_service and row["incident_key"] != key and row["status"] != "resolved":
            return shown(world, row, [])
    return made_up(world, next(s for s in world.account.services if (s["id"] == service_id) == is_of_service))


def near_misses(world: World, call: Call) -> list[Row]:
    """The key that was asked for on another service, and the service under another key. Neither exists."""
    service_ids, key = call.request.many("service_ids"), call.request.one("incident_key")
    services = world.account.services
    asked = next((service for service in services if service["id"] in service_ids), services[0])
    other = next(service for service in services if service["id"] not in {*service_ids, asked["id"]})
    return [made_up(world, other, key), made_up(world, asked)]


def made_up(world: World, service: Row, key: str = "") -> Row:
    """An open incident that the account does not have."""
    policy = world.account.find("escalation_policies", service["escalation_policy"]["id"])
    incident = CheckedIncident(
        title="Something else is broken",
        service=service,
        policy=policy or world.account.escalation_policies[0],
        assignee=None,
        priority=None,
        incident_type="incident_default",
        urgency="high",
        key=key or world.ids.key(),
        details=None,
        bridge=None,
    )
    return row_of(world, incident, world.clock.now())


def spoil_texts(kind: str, content: bytes) -> bytes:
    """The same answer with its texts spoilt, where the kind does that. What is not JSON stays as it is."""
    spoil = _SPOILERS.get(kind)
    if spoil is None or not content.startswith((b"{", b"[")):
        return content
    return json.dumps(_spoilt(json.loads(content), spoil, kind == "wrong types")).encode()


def _spoilt(value: Any, spoil: Callable[[str], Any], mixes_types: bool, name: str = "", is_inside: bool = False) -> Any:
    if isinstance(value, list):
        return [_spoilt(item, spoil, mixes_types, name, is_inside) for item in value]
    if isinstance(value, dict):
        if mixes_types and is_inside and "summary" in value:
            return value["summary"]
        is_row = "id" in value
        return {key: _spoilt(item, spoil, mixes_types, key, is_inside or is_row) for key, item in value.items()}
    return spoil(value) if isinstance(value, str) and name in WRITTEN_BY_PEOPLE else value


_SPOILERS: dict[str, Callable[[str], Any]] = {
    "half surrogate": lambda text: f"{text} \ud83d",
    "nul": lambda text: f"{text}\0",
    "wrong types": lambda text: {"text": text},
}
