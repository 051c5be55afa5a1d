"""From PagerDuty's JSON to our columns, whatever is missing, null, unknown or not what it should be.

Only what stands here is stored: the addresses of calendars and pictures of people are secrets, and stay out.
"""

import re
from collections.abc import Callable
from typing import Any

from incidentportal.directory.models import ID_LENGTH
from incidentportal.directory.text import clean, fold, key_of, one_line, plain

JSON = dict[str, Any]
ID = re.compile(rf"[A-Za-z0-9_-]{{1,{ID_LENGTH}}}")
COLOR = re.compile(r"[0-9A-Fa-f]{6}")
NUMBER_LIMIT = 2**31 - 1
SEARCHED_LIMIT = 2000  # characters of a description that can be searched


def columns_of(kind: str, raw: JSON) -> JSON | None:
    """The columns of a row of this kind; None for what has no usable id."""
    pk = id_in(raw)
    if not pk:
        return None
    name = one_line(raw.get("name")) or one_line(raw.get("summary")) or pk
    base = {"id": pk, "name": name, "name_key": key_of(name), "html_url": web_address(raw.get("html_url"))}
    columns = {**base, **SHAPES[kind](raw, base)}
    columns["searched"] = searched(columns)
    return columns


def of_team(raw: JSON, base: JSON) -> JSON:
    return {"description": clean(raw.get("description"))}


def of_policy(raw: JSON, base: JSON) -> JSON:
    return {
        "description": clean(raw.get("description")),
        "num_loops": number(raw.get("num_loops")),
        "rules": [rule_of(rule) for rule in dicts(raw.get("escalation_rules"))],
        **teams_of(raw),
    }


def of_service(raw: JSON, base: JSON) -> JSON:
    return {
        "description": clean(raw.get("description")),
        "status": clean(raw.get("status"))[:20],
        "escalation_policy_id": id_in(raw.get("escalation_policy")) or None,
        "urgency_rule": plain(dict_in(raw.get("incident_urgency_rule"))),
        "support_hours": plain(dict_in(raw.get("support_hours"))) or None,
        "scheduled_actions": plain(dicts(raw.get("scheduled_actions"))),
        **teams_of(raw),
    }


def of_person(raw: JSON, base: JSON) -> JSON:
    email = one_line(raw.get("email"))
    return {
        "email": email,
        "email_key": key_of(email),
        "time_zone": clean(raw.get("time_zone"))[:64],
        "role": clean(raw.get("role"))[:40],
        "job_title": one_line(raw.get("job_title")),
        **teams_of(raw),
    }


def of_priority(raw: JSON, base: JSON) -> JSON:
    color = clean(raw.get("color")).removeprefix("#")
    return {
        "description": clean(raw.get("description")),
        "color": color.lower() if COLOR.fullmatch(color) else "",
        "order": number(raw.get("order")),
    }


def of_incident_type(raw: JSON, base: JSON) -> JSON:
    display_name = one_line(raw.get("display_name")) or base["name"]
    return {
        "display_name": display_name,
        "display_key": key_of(display_name),
        "description": clean(raw.get("description")),
        "enabled": raw.get("enabled") is not False,
    }


def rule_of(raw: JSON) -> JSON:
    """One level of an escalation policy."""
    strategy = raw.get("escalation_rule_assignment_strategy")
    if isinstance(strategy, list):
        strategy = next(iter(strategy), None)
    if isinstance(strategy, dict):
        strategy = strategy.get("type")
    return {
        "id": id_in(raw),
        "delay_minutes": number(raw.get("escalation_delay_in_minutes")),
        "strategy": "round_robin" if strategy == "round_robin" else "assign_to_everyone",
        "targets": [target_of(target) for target in dicts(raw.get("targets")) if id_in(target)],
    }


def target_of(raw: JSON) -> JSON:
    kind = "user" if clean(raw.get("type")).startswith("user") else "schedule"
    return {
        "id": id_in(raw),
        "type": kind,
        "name": one_line(raw.get("summary")) or one_line(raw.get("name")) or id_in(raw),
    }


def teams_of(raw: JSON) -> JSON:
    teams = [team for team in dicts(raw.get("teams")) if id_in(team)]
    names = [one_line(team.get("summary")) or one_line(team.get("name")) for team in teams]
    return {"team_ids": [id_in(team) for team in teams], "team_names": ", ".join(filter(None, names))}


def searched(columns: JSON) -> str:
    """All that a query is compared with. Line breaks separate the parts, so that no word runs over two of them."""
    parts = [columns["name"], columns.get("email"), columns.get("team_names"), columns.get("job_title")]
    parts.append((columns.get("description") or "")[:SEARCHED_LIMIT])
    return "\n".join(fold(part) for part in parts if part)


def id_in(value: Any) -> str:
    """The id of an object or of a reference to it; empty where there is none that could stand in an address."""
    found = value.get("id") if isinstance(value, dict) else None
    return found if isinstance(found, str) and ID.fullmatch(found) else ""


def dict_in(value: Any) -> JSON:
    return value if isinstance(value, dict) else {}


def dicts(value: Any) -> list[JSON]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def number(value: Any) -> int:
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return min(max(value, 0), NUMBER_LIMIT) if is_number else 0


def web_address(value: Any) -> str:
    url = clean(value)
    return url if url.startswith(("https://", "http://")) else ""


SHAPES: dict[str, Callable[[JSON, JSON], JSON]] = {
    "teams": of_team,
    "escalation-policies": of_policy,
    "services": of_service,
    "people": of_person,
    "priorities": of_priority,
    "incident-types": of_incident_type,
}
