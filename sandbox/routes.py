"""Which call is answered by what, and what every call goes through before: rights and rate limits.

Sources: PagerDuty, "Authentication", "REST API Rate Limits".
"""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass

from sandbox import changes, followups, incidents, lookups, oncalls
from sandbox.access import Caller
from sandbox.errors import access_denied, missing_scopes
from sandbox.wire import Answer, Call, Request
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
    """`{name}` in a path is one part of it."""
    method, _, path = call.partition(" ")
    return Route(method, re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path)), handler, scope, limit)


# The first that fits counts: /incidents/types is no incident.
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
    _route("GET /incidents/types", lookups.list_types, "incident_types.read"),
    _route("GET /incidents/types/{type}", lookups.get_type, "incident_types.read"),
    _route("GET /incidents/types/{type}/custom_fields", lookups.list_type_fields, "custom_fields.read"),
    _route("POST /incidents", incidents.create_incident, "incidents.write", 300),
    _route("GET /incidents", incidents.list_incidents, "incidents.read"),
    _route("GET /incidents/{id}", incidents.get_incident, "incidents.read"),
    _route("PUT /incidents/{id}", changes.update_incident, "incidents.write"),
    _route("GET /incidents/{id}/log_entries", followups.list_log, "incidents.read"),
    _route("POST /incidents/{id}/notes", followups.add_note, "incidents.write"),
    _route("GET /incidents/{id}/notes", followups.list_notes, "incidents.read"),
    _route("PUT /incidents/{id}/custom_fields/values", followups.set_values, "incidents.write"),
    _route("GET /incidents/{id}/custom_fields/values", followups.list_values, "incidents.read"),
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
    """Tokens of an app are held to their scopes, keys of an account to reading or writing."""
    if caller.scopes is not None and route.scope not in caller.scopes:
        raise missing_scopes(route.scope, " ".join(sorted(caller.scopes)))
    if route.method != "GET" and not caller.may_write:
        raise access_denied()


class RateLimits:
    """Counts calls by token and limit, for each minute of the sandbox's clock."""

    def __init__(self) -> None:
        self._minute = 0
        self._counts: dict[tuple[str, int], int] = {}

    def count(self, world: World, caller: Caller, limit: int) -> tuple[dict[str, str], bool]:
        """Count one call. Returns the headers that tell of it, and whether the limit is kept."""
        now = world.clock.now().timestamp()
        if int(now // 60) != self._minute:
            self._minute, self._counts = int(now // 60), {}
        key = (caller.token, limit)
        used = self._counts[key] = self._counts.get(key, 0) + 1
        return limit_headers(limit, max(limit - used, 0), 60 - now % 60), used <= limit


def limit_headers(limit: int, remaining: int, seconds: float) -> dict[str, str]:
    return {
        "ratelimit-limit": str(limit),
        "ratelimit-remaining": str(remaining),
        "ratelimit-reset": str(max(math.ceil(seconds), 1)),
    }
