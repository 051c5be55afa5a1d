"""What is added to an incident after its creation: notes, responders, subscribers, status updates; and its log.

Sources: PagerDuty's API reference; the shapes of responder requests as they are on the wire.
"""

from typing import Any

from sandbox.account import Row, reference
from sandbox.api.checks import actor_of, wrapped_object
from sandbox.api.errors import NOT_A_HASH, access_denied, invalid, missing_ability, not_found
from sandbox.api.incidents import incident_of
from sandbox.api.messages import Answer, Call, paginate
from sandbox.clock import stamp
from sandbox.log import record
from sandbox.world import World

MOST_NOTES = 2000
_TYPES: dict[str, tuple[type, ...]] = {"boolean": (bool,), "integer": (int,), "float": (int, float)}


def list_log(world: World, call: Call) -> Answer:
    """Newest first."""
    row = incident_of(world, call)
    return paginate(call, "log_entries", world.logs.get(row["id"], [])[::-1])


def add_note(world: World, call: Call) -> Answer:
    row, note = incident_of(world, call), wrapped_object(call.request, "note")
    actor = actor_of(world, call.request, call.caller)
    content = (note or {}).get("content")
    if not isinstance(content, str) or not content.strip():
        raise invalid("Content cannot be empty.")
    notes, now = world.notes.setdefault(row["id"], []), world.clock.now()
    if len(notes) >= MOST_NOTES:
        raise invalid("Incident has too many notes.")
    user = reference(actor) if actor else row["service"]
    kept = {
        "id": world.ids.object(),
        "user": user,
        "content": content,
        "created_at": stamp(now),
        "updated_at": stamp(now),
        "channel": {"summary": "The PagerDuty website or APIs"},
    }
    notes.append(kept)
    channel = {"type": "note", "summary": content}
    record(world, row, "annotate", now, f"Note added by {user['summary']}", user, channel=channel, note=content)
    return Answer({"note": kept})


def list_notes(world: World, call: Call) -> Answer:
    return Answer({"notes": world.notes.get(incident_of(world, call)["id"], [])})


def request_responders(world: World, call: Call) -> Answer:
    if "coordinated_responding" not in world.account.abilities:
        raise missing_ability()
    row, asked = incident_of(world, call), call.request.json
    if not isinstance(asked, dict):
        raise invalid(NOT_A_HASH)
    requester = world.account.find("users", asked.get("requester_id"))
    targets = asked.get("responder_request_targets")
    if requester is None or not isinstance(targets, list) or not targets:
        raise not_found()
    found = [_target(world, item) for item in targets]
    at, message = stamp(world.clock.now()), str(asked.get("message") or "")
    asked_of = [_asked(row, target, requester, message, at) for target in found]
    request = {
        "incident": reference(row),
        "requester": reference(requester),
        "requested_at": at,
        "message": message,
        "responder_request_targets": asked_of,
    }
    row["responder_requests"] = [*row["responder_requests"], request]
    for item in asked_of:
        row["incidents_responders"] = [
            *row["incidents_responders"],
            *item["responder_request_target"]["incidents_responders"],
        ]
    return Answer({"responder_request": request})


def _target(world: World, item: Any) -> Row:
    """Without the wrapper PagerDuty answers an unhelpful 404, and without a type a 403."""
    mentioned = item.get("responder_request_target") if isinstance(item, dict) else None
    if not isinstance(mentioned, dict):
        raise not_found()
    kind = {"user": "users", "escalation_policy": "escalation_policies"}.get(
        str(mentioned.get("type") or "").removesuffix("_reference")
    )
    if kind is None:
        raise access_denied()
    found = world.account.find(kind, mentioned.get("id"))
    if found is None:
        raise not_found()
    return found


def _asked(row: Row, target: Row, requester: Row, message: str, at: str) -> Row:
    responder = {
        "state": "pending",
        "user": reference(target),
        "incident": reference(row),
        "updated_at": at,
        "message": message,
        "requester": reference(requester),
        "requested_at": at,
    }
    responders = [responder] if target["type"] == "user" else []
    return {
        "responder_request_target": {
            "type": target["type"],
            "id": target["id"],
            "summary": None,
            "incidents_responders": responders,
        }
    }


def add_subscribers(world: World, call: Call) -> Answer:
    row, asked = incident_of(world, call), call.request.json
    listed = asked.get("subscribers") if isinstance(asked, dict) else None
    if not isinstance(listed, list) or not all(isinstance(item, dict) for item in listed):
        raise invalid(NOT_A_HASH)
    known = world.subscribers.setdefault(row["id"], set())
    results = []
    for item in listed:
        one = (str(item.get("subscriber_type")), str(item.get("subscriber_id")))
        exists = world.account.find(f"{one[0]}s", one[1]) if one[0] in {"user", "team"} else None
        result = "duplicate" if one in known else "success" if exists else "unauthorized"
        if exists:
            known.add(one)
        results.append(
            {
                "result": result,
                "account_id": "P54WKDZ",
                "subscribable_id": row["id"],
                "subscribable_type": "incident",
                "subscriber_id": one[1],
                "subscriber_type": one[0],
            }
        )
    return Answer({"subscriptions": results}, content_type="application/vnd.pagerduty+json; charset=UTF-8")


def add_status_update(world: World, call: Call) -> Answer:
    row = incident_of(world, call)
    actor = actor_of(world, call.request, call.caller)
    message = call.request.json.get("message") if isinstance(call.request.json, dict) else None
    if not isinstance(message, str) or not message.strip():
        raise invalid("Message cannot be empty.")
    now = world.clock.now()
    sender = reference(actor) if actor else row["service"]
    update = {"id": world.ids.object(), "message": message, "sender": sender, "created_at": stamp(now)}
    record(world, row, "status_update", now, f"Status update by {sender['summary']}", sender, message=message)
    return Answer({"status_update": update})
