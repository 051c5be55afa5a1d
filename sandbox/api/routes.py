"""Which function answers which call, and who may make it. Source: PagerDuty, "Authentication"."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from sandbox.api import creation, custom_fields, followups, incidents, lookups, oncalls, updates
from sandbox.api.access import Caller
from sandbox.api.errors import access_denied, missing_scopes
from sandbox.api.messages import Answer, Call, Request
from sandbox.world import World

Handler = Callable[[World, Call], Answer]


@dataclass(frozen=True)
class Route:
    method: str
    pattern: re.Pattern[str]
    handler: Handler
    scope: str
    limit: int = 960


def _route(call: str, handler: Handler, scope: str, limit: int = 960) -> Route:
    """`{name}` stands for one segment of the path."""
    method, _, path = call.partition(" ")
    return Route(method, re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path)), handler, scope, limit)


# The first match wins: /incidents/types is not an incident.
ROUTES = [
    _route("GET /services", lookups.list_services, "services.read"),
    _route("GET /services/{id}", lookups.get_service, "services.read"),
    _route("GET /escalation_policies", lookups.list_policies, "escalation_policies.read"),
    _route("GET /escalation_policies/{id}", lookups.get_policy, "escalation_policies.read"),
    _route("GET /users", lookups.list_users, "users.read"),
    _route("GET /users/me", lookups.get_me, "users.read"),
    _route("GET /users/{id}", lookups.get_user, "users.read"),
    _route("GET /priorities", lookups.list_priorities, "priorities.read"),
    _route("GET /teams", lookups.list_teams, "teams.read"),
    _route("GET /abilities", lookups.list_abilities, "abilities.read"),
    _route("GET /maintenance_windows", lookups.list_windows, "services.read"),
    _route("GET /schedules", lookups.list_schedules, "schedules.read"),
    _route("GET /oncalls", oncalls.list_oncalls, "oncalls.read", 125),
    _route("GET /incidents/types", custom_fields.list_types, "incident_types.read"),
    _route("GET /incidents/types/{type}", custom_fields.get_type, "incident_types.read"),
    _route("GET /incidents/types/{type}/custom_fields", custom_fields.list_type_fields, "custom_fields.read"),
    _route("POST /incidents", creation.create_incident, "incidents.write", 300),
    _route("GET /incidents", incidents.list_incidents, "incidents.read"),
    _route("GET /incidents/{id}", incidents.get_incident, "incidents.read"),
    _route("PUT /incidents/{id}", updates.update_incident, "incidents.write"),
    _route("GET /incidents/{id}/log_entries", followups.list_log, "incidents.read"),
    _route("POST /incidents/{id}/notes", followups.add_note, "incidents.write"),
    _route("GET /incidents/{id}/notes", followups.list_notes, "incidents.read"),
    _route("PUT /incidents/{id}/custom_fields/values", custom_fields.set_values, "incidents.write"),
    _route("GET /incidents/{id}/custom_fields/values", custom_fields.list_values, "incidents.read"),
    _route("POST /incidents/{id}/responder_requests", followups.request_responders, "incidents.write"),
    _route("POST /incidents/{id}/status_updates", followups.add_status_update, "incidents.write"),
    _route("POST /incidents/{id}/status_updates/subscribers", followups.add_subscribers, "subscribers.write"),
]


def route_of(request: Request) -> tuple[Route, dict[str, str]] | None:
    for route in ROUTES:
        if route.method == request.method and (match := route.pattern.fullmatch(request.path)):
            return route, match.groupdict()
    return None


def check_rights(route: Route, caller: Caller) -> None:
    """An app's token is limited to its scopes, an account's key to reading or writing."""
    if caller.scopes is not None and route.scope not in caller.scopes:
        raise missing_scopes(route.scope, " ".join(sorted(caller.scopes)))
    if route.method != "GET" and not caller.may_write:
        raise access_denied()
