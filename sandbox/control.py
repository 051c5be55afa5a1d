"""The sandbox's own addresses below /sandbox/, where other processes queue faults and look inside. No token."""

import json
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any
from urllib.parse import parse_qs

from sandbox.account import reference
from sandbox.api.messages import Answer, Request
from sandbox.api.updates import set_status
from sandbox.escalation import catch_up, show_in_service
from sandbox.faults import KINDS, Chaos, Fault
from sandbox.world import World


def answer(world: World, request: Request) -> Answer:
    with world.lock:
        catch_up(world)
        parts = request.path.split("/")
        if request.method == "POST" and len(parts) == 5 and parts[2] == "incidents":
            return _press_button(world, request, parts[3], parts[4])
        handler = _CONTROLS.get(f"{request.method} {request.path}")
        if handler is None:
            return Answer({"error": f"Not found. There are: {', '.join(_CONTROLS)}"}, 404)
        try:
            content = handler(world, request)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            return Answer({"error": str(error)}, 400)
        return Answer(raw=json.dumps(content, ensure_ascii=False).encode())


def _list_faults(world: World, request: Request) -> Any:
    return [fault.as_json() for fault in world.faults]


def _queue_faults(world: World, request: Request) -> Any:
    world.faults = [*world.faults, *(Fault(**item) for item in request.json)]
    return _list_faults(world, request)


def _list_incidents(world: World, request: Request) -> Any:
    return world.incidents


def _count_requests(world: World, request: Request) -> Any:
    return world.counts()


def _reset(world: World, request: Request) -> Any:
    world.reset()
    return {"reset": True}


def _set_chaos(world: World, request: Request) -> Any:
    """{"share": 0.4, "seed": 1, "kinds": [...], "seconds": 1, "pace": 0.2}; a share of 0 ends it."""
    asked = request.json
    share = float(asked["share"])
    seconds, pace = float(asked.get("seconds", 1)), float(asked.get("pace", 0.2))
    world.chaos = Chaos(share, asked.get("kinds") or sorted(KINDS), seconds, int(asked.get("seed", 0)), pace)
    return {"share": share}


def _set_habits(world: World, request: Request) -> Any:
    """{"lists_lag": 40}: change some of the account's habits; the others stay as they are."""
    world.habits = replace(world.habits, **request.json)
    return asdict(world.habits)


def _advance(world: World, request: Request) -> Any:
    """{"minutes": 30}: move the clock forward, or back where they are negative."""
    world.clock.advance(minutes=float(request.json["minutes"]))
    catch_up(world)
    return {"now": world.clock.now().isoformat()}


_CONTROLS: dict[str, Callable[[World, Request], Any]] = {
    "GET /sandbox/faults": _list_faults,
    "POST /sandbox/faults": _queue_faults,
    "GET /sandbox/incidents": _list_incidents,
    "GET /sandbox/requests": _count_requests,
    "POST /sandbox/reset": _reset,
    "POST /sandbox/chaos": _set_chaos,
    "POST /sandbox/habits": _set_habits,
    "POST /sandbox/clock": _advance,
}
_VERBS = {"acknowledge": "acknowledged", "resolve": "resolved"}


def _press_button(world: World, request: Request, id: str, verb: str) -> Answer:
    """A button on the sandbox's page: somebody acknowledges or resolves the incident. Leads back to it."""
    incident = world.account.find("incidents", id)
    user = parse_qs(request.body.decode("ascii", "replace")).get("user", [""])[0]
    person = world.account.find("users", user) or world.account.users[0]
    if incident is None or verb not in _VERBS:
        return Answer({"error": "There is no such incident or button."}, 404)
    if incident["status"] != "resolved":
        world.remember(incident, dict(incident))
        set_status(world, incident, _VERBS[verb], reference(person), world.clock.now())
        show_in_service(world, incident)
    return Answer(status=303, raw=b"", content_type="text/plain", headers={"location": f"/incidents/{id}"})
