"""Incident types, their custom fields, and the values of fields on an incident. Source: PagerDuty's API reference."""

from typing import Any

from sandbox.account import Row
from sandbox.api.errors import NOT_A_HASH, invalid, not_found
from sandbox.api.incidents import incident_of
from sandbox.api.messages import Answer, Call
from sandbox.world import World

_TYPES: dict[str, tuple[type, ...]] = {"boolean": (bool,), "integer": (int,), "float": (int, float)}


def list_types(world: World, call: Call) -> Answer:
    """All on one page; without a filter, only the enabled ones."""
    wanted = {"disabled": {False}, "all": {True, False}}.get(call.request.one("filter"), {True})
    return Answer({"incident_types": [row for row in world.account.incident_types if row["enabled"] in wanted]})


def _type(world: World, call: Call) -> Row:
    wanted = call.args["type"]
    for row in world.account.incident_types:
        if wanted in {row["id"], row["name"]}:
            return row
    raise not_found()


def get_type(world: World, call: Call) -> Answer:
    return Answer({"incident_type": _type(world, call)})


def fields_of(world: World, kind: Row) -> list[Row]:
    """The fields of an incident type, including those it inherits."""
    owners = {kind["id"], (kind["parent"] or {}).get("id")}
    return [row for row in world.account.custom_fields if row["incident_type"] in owners]


def list_type_fields(world: World, call: Call) -> Answer:
    """Options are included only on request."""
    fields = fields_of(world, _type(world, call))
    if "field_options" not in call.request.many("include"):
        fields = [{key: row[key] for key in row if key != "field_options"} for row in fields]
    return Answer({"fields": fields})


def list_values(world: World, call: Call) -> Answer:
    row = incident_of(world, call)
    return Answer({"custom_fields": [_value(world, row, field) for field in _fields(world, row)]})


def set_values(world: World, call: Call) -> Answer:
    """Change the listed fields, all or none of them; null clears a field."""
    row, request = incident_of(world, call), call.request
    listed = request.json.get("custom_fields") if isinstance(request.json, dict) else None
    if not isinstance(listed, list) or not all(isinstance(item, dict) for item in listed):
        raise invalid(NOT_A_HASH)
    fields = {key: field for field in _fields(world, row) for key in (field["id"], field["name"])}
    changes: dict[str, Any] = {}
    for item in listed:
        key = item.get("id") or item.get("name")
        field = fields.get(key) if isinstance(key, str) else None
        if field is None:
            raise invalid("field.name: doesn't match any valid key")
        _check_value(field, item.get("value"))
        changes[field["id"]] = item.get("value")
    world.field_values.setdefault(row["id"], {}).update(changes)
    return Answer({"custom_fields": [_value(world, row, field) for field in _fields(world, row)]}, 201)


def _fields(world: World, row: Row) -> list[Row]:
    """The enabled fields of the incident's type."""
    kind = next((kind for kind in world.account.incident_types if kind["name"] == row["incident_type"]["name"]), None)
    return [field for field in fields_of(world, kind) if field["enabled"]] if kind else []


def _value(world: World, row: Row, field: Row) -> Row:
    keys = ("id", "name", "display_name", "description", "data_type", "field_type")
    value = world.field_values.get(row["id"], {}).get(field["id"], field["default_value"])
    return {**{key: field[key] for key in keys}, "type": "field_value", "value": value}


def _check_value(field: Row, value: Any) -> None:
    """The texts are assumed, in the style of the documented one."""
    if value is None:
        return
    is_multi = field["field_type"].startswith("multi")
    if is_multi is not isinstance(value, list):
        raise invalid(f"{field['name']}: has the wrong type")
    options = {option["data"]["value"] for option in field["field_options"]}
    for item in value if is_multi else [value]:
        allowed = _TYPES.get(field["data_type"], (str,))
        if not isinstance(item, allowed) or (isinstance(item, bool) and bool not in allowed):
            raise invalid(f"{field['name']}: has the wrong type")
        if options and item not in options:
            raise invalid(f"{field['name']}: is not one of the options")
