"""Makes rows in the shape in which PagerDuty lists them. Configuration times carry the account's UTC offset."""

from typing import Any

from sandbox.account import API, WEB, Row, reference
from sandbox.account.ids import Ids

_TIMES = {"created_at": "2026-01-12T09:30:00+01:00", "updated_at": "2026-01-12T09:30:00+01:00"}
_PATHS = {"service": "service-directory", "maintenance_window": "service-directory/maintenance-windows"}
_PLURALS = {"escalation_policy": "escalation_policies", "priority": "priorities"}


def _base(ids: Ids, kind: str, name: str) -> Row:
    id, plural = ids.object(), _PLURALS.get(kind, f"{kind}s")
    return {
        "id": id,
        "type": kind,
        "summary": name,
        "self": f"{API}/{plural}/{id}",
        "html_url": f"{WEB}/{_PATHS.get(kind, plural)}/{id}",
        "name": name,
    }


def team(ids: Ids, name: str, description: str) -> Row:
    return {**_base(ids, "team", name), "description": description, "default_role": "manager", "parent": None}


def user(ids: Ids, name: str, email: str, time_zone: str, role: str, title: str, teams: list[Row]) -> Row:
    base = _base(ids, "user", name)
    return {
        **base,
        "email": email,
        "time_zone": time_zone,
        "color": "teal",
        "avatar_url": f"{WEB}/avatars/blank.png",
        "billed": True,
        "role": role,
        "description": None,
        "invitation_sent": False,
        "job_title": title,
        "teams": teams,
        "created_via_sso": False,
        "contact_methods": [contact_method(base, kind) for kind in ("email", "phone", "sms", "push_notification")],
        "notification_rules": [],
        "coordinated_incidents": [],
        "locale": "en-GB",
    }


def contact_method(owner: Row, kind: str) -> Row:
    """A reference to a contact method. Its id derives from its owner's, so that big accounts build fast."""
    id = "P" + {"email": "E", "phone": "T", "sms": "S", "push_notification": "N"}[kind] + owner["id"][2:]
    return {
        "id": id,
        "type": f"{kind}_contact_method_reference",
        "summary": kind.replace("_", " "),
        "self": f"{owner['self']}/contact_methods/{id}",
        "html_url": None,
    }


def schedule(ids: Ids, name: str, time_zone: str, people: list[Row], teams: list[Row]) -> Row:
    base = _base(ids, "schedule", name)
    return {
        **base,
        "description": "Weekly, changing over on Mondays.",
        "time_zone": time_zone,
        "escalation_policies": [],
        "users": [reference(person) for person in people],
        "teams": teams,
        "http_cal_url": f"{WEB}/private/{base['id']}/feed",
        "web_cal_url": f"webcal://sandbox.pagerduty.example/private/{base['id']}/feed",
        "personal_http_cal_url": None,
        "personal_web_cal_url": None,
    }


def rule(ids: Ids, delay: int, targets: list[Row], *, round_robin: bool = False) -> Row:
    """One level of an escalation policy: people or schedules, and the minutes until the next level."""
    return {
        "id": ids.object(),
        "escalation_delay_in_minutes": delay,
        "targets": [reference(target) for target in targets],
        "escalation_rule_assignment_strategy": "round_robin" if round_robin else "assign_to_everyone",
    }


def policy(ids: Ids, name: str, rules: list[Row], teams: list[Row], *, num_loops: int = 0) -> Row:
    return {
        **_base(ids, "escalation_policy", name),
        "escalation_rules": rules,
        "services": [],
        "num_loops": num_loops,
        "teams": teams,
        "description": None,
        "on_call_handoff_notifications": "if_has_services",
        "send_ochons_through_level": None,
        "privilege": None,
        **_TIMES,
    }


def service(ids: Ids, name: str, description: str | None, of: Row, **changes: Any) -> Row:
    """A service under the escalation policy `of`, whose teams are its teams."""
    row = {
        **_base(ids, "service", name),
        "description": description,
        **_TIMES,
        "status": "active",
        "teams": list(of["teams"]),
        "alert_creation": "create_alerts_and_incidents",
        "addons": [],
        "scheduled_actions": [],
        "support_hours": None,
        "last_incident_timestamp": None,
        "escalation_policy": reference(of),
        "incident_urgency_rule": {"type": "constant", "urgency": "high"},
        "acknowledgement_timeout": None,
        "auto_resolve_timeout": None,
        "alert_grouping": None,
        "alert_grouping_timeout": None,
        "alert_grouping_parameters": None,
        "integrations": [],
        **changes,
    }
    of["services"].append(reference(row))
    return row


def priority(ids: Ids, name: str, color: str, description: str, order: int) -> Row:
    return {
        **_base(ids, "priority", name),
        "html_url": None,
        "account_id": "P54WKDZ",
        "color": color,
        **_TIMES,
        "description": description,
        "order": order,
        "schema_version": 0,
    }


def incident_type(
    ids: Ids, name: str, display_name: str, description: str | None, enabled: bool, parent: Row | None
) -> Row:
    return {
        "type": "incident_type",
        "name": name,
        "id": ids.object(),
        "created_at": "2026-01-12T08:30:00.000Z",
        "updated_at": "2026-01-12T08:30:00.000Z",
        "description": description,
        "display_name": display_name,
        "enabled": enabled,
        "parent": {"id": parent["id"], "type": "incident_type_reference"} if parent else None,
    }


def maintenance_window(ids: Ids, number: int, times: tuple[str, str], about: str, services: list[Row], by: Row) -> Row:
    base = _base(ids, "maintenance_window", about)
    del base["name"]
    teams = {team["id"]: team for service in services for team in service["teams"]}
    return {
        **base,
        "sequence_number": number,
        "start_time": times[0],
        "end_time": times[1],
        "description": about,
        "created_by": reference(by),
        "services": [reference(service) for service in services],
        "teams": list(teams.values()),
    }


def custom_field(ids: Ids, of: Row, row: tuple[str, str, str, str, list[str], object]) -> Row:
    """A field of an incident type; the options of a pick list are part of it."""
    name, display_name, data_type, field_type, options, default = row
    id = ids.object()
    return {
        "id": id,
        "type": "field",
        "summary": display_name,
        "self": f"{API}/incidents/types/{of['id']}/custom_fields/{id}",
        "name": name,
        "display_name": display_name,
        "description": None,
        "data_type": data_type,
        "field_type": field_type,
        "default_value": default,
        "enabled": True,
        "incident_type": of["id"],
        "created_at": "2026-01-12T08:30:00Z",
        "updated_at": "2026-01-12T08:30:00Z",
        "field_options": [
            {"id": ids.object(), "type": "field_option", "data": {"value": option, "data_type": "string"}}
            for option in options
        ],
    }
