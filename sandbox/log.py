"""An incident's log: what happened, and who was notified. Shapes: PagerDuty, "List log entries for an incident"."""

from datetime import datetime
from typing import Any

from sandbox.account import API, WEB, Row, reference
from sandbox.clock import stamp
from sandbox.world import World

AUTO = {"type": "auto"}
_METHODS = ("push_notification", "sms", "phone", "email")
_METHOD_NAMES = {"push_notification": "push notification", "sms": "SMS", "phone": "phone", "email": "e-mail"}


def record(world: World, incident: Row, kind: str, at: datetime, summary: str, agent: Row, **more: Any) -> Row:
    """Add an entry. `kind` is PagerDuty's: trigger, assign, notify, escalate, acknowledge, resolve, annotate …"""
    id = world.ids.log_entry()
    entry = {
        "id": id,
        "type": f"{kind}_log_entry",
        "summary": summary,
        "self": f"{API}/log_entries/{id}",
        "html_url": f"{WEB}/incidents/{incident['id']}/log_entries/{id}",
        "created_at": stamp(at),
        "agent": agent,
        "channel": AUTO,
        "service": incident["service"],
        "incident": reference(incident),
        "teams": incident["teams"],
        "contexts": [],
        **more,
    }
    world.logs.setdefault(incident["id"], []).append(entry)
    return entry


def notify(world: World, incident: Row, person: Row, at: datetime) -> None:
    """Page one person, and record how: by email if the urgency is low, else by the method that this person uses."""
    method = "email" if incident["urgency"] == "low" else _METHODS[int(person["id"], 36) % len(_METHODS)]
    notification = {
        "type": f"{method.removesuffix('_notification')}_notification",
        "address": person["email"] if method == "email" else f"{person['name']}'s {_METHOD_NAMES[method]} device",
        "status": "success",
        "started_at": stamp(at),
        "user": reference(person),
    }
    summary = f"Notified {person['name']} via {_METHOD_NAMES[method]}"
    channel = {"type": "auto", "notification": notification}
    record(world, incident, "notify", at, summary, incident["service"], user=reference(person), channel=channel)


def notifications_of(world: World, incident: Row) -> list[Row]:
    """The entries that say who was paged, oldest first."""
    return [entry for entry in world.logs.get(incident["id"], []) if entry["type"] == "notify_log_entry"]
