"""The sandbox's own addresses, below /sandbox/: for other processes to queue faults and to look inside. No token."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sandbox.account import reference
from sandbox.changes import set_status
from sandbox.faults import KINDS, Chaos, Fault
from sandbox.paging import catch_up, show_in_service
from sandbox.wire import Answer, Request

if TYPE_CHECKING:
    from sandbox.server import Sandbox


def answer(sandbox: "Sandbox", request: Request) -> Answer:
    with sandbox.lock:
        catch_up(sandbox)
        parts = request.path.split("/")
        if request.method == "POST" and len(parts) == 5 and parts[2] == "incidents":
            return _press(sandbox, request, parts[3], parts[4])
        handler = _CONTROLS.get(f"{request.method} {request.path}")
        if handler is None:
            return Answer({"error": f"there are: {', '.join(_CONTROLS)}"}, 404)
        try:
            said = handler(sandbox, request)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            return Answer({"error": str(error)}, 400)
        return Answer(raw=json.dumps(said, ensure_ascii=False).encode())


def _list_faults(sandbox: "Sandbox", request: Request) -> Any:
    return [fault.as_json() for fault in sandbox.faults]


def _queue_faults(sandbox: "Sandbox", request: Request) -> Any:
    sandbox.faults = [*sandbox.faults, *(Fault(**item) for item in request.json)]
    return _list_faults(sandbox, request)


def _list_incidents(sandbox: "Sandbox", request: Request) -> Any:
    return sandbox.incidents


def _count_requests(sandbox: "Sandbox", request: Request) -> Any:
    return sandbox.counts()


def _reset(sandbox: "Sandbox", request: Request) -> Any:
    sandbox.reset()
    return {"reset": True}


def _set_chaos(sandbox: "Sandbox", request: Request) -> Any:
    """{"share": 0.4, "seed": 1, "kinds": [...], "seconds": 1}; a share of 0 ends it."""
    asked = request.json
    share = float(asked["share"])
    kinds = asked.get("kinds") or sorted(KINDS)
    sandbox.chaos = Chaos(share, kinds, float(asked.get("seconds", 1)), int(asked.get("seed", 0)))
    return {"share": share}


def _advance(sandbox: "Sandbox", request: Request) -> Any:
    """{"minutes": 30}: let time pass."""
    sandbox.clock.advance(minutes=float(request.json["minutes"]))
    catch_up(sandbox)
    return {"now": sandbox.clock.now().isoformat()}


_CONTROLS: dict[str, Callable[["Sandbox", Request], Any]] = {
    "GET /sandbox/faults": _list_faults,
    "POST /sandbox/faults": _queue_faults,
    "GET /sandbox/incidents": _list_incidents,
    "GET /sandbox/requests": _count_requests,
    "POST /sandbox/reset": _reset,
    "POST /sandbox/chaos": _set_chaos,
    "POST /sandbox/clock": _advance,
}
_VERBS = {"acknowledge": "acknowledged", "resolve": "resolved"}


def _press(sandbox: "Sandbox", request: Request, id: str, verb: str) -> Answer:
    """A button on the sandbox's page: somebody acknowledges or resolves. Leads back to the incident."""
    incident = sandbox.account.find("incidents", id)
    who = dict(pair.split("=", 1) for pair in request.body.decode("ascii", "replace").split("&") if "=" in pair)
    person = sandbox.account.find("users", who.get("user")) or sandbox.account.users[0]
    if incident is None or verb not in _VERBS:
        return Answer({"error": "no such incident or button"}, 404)
    if incident["status"] != "resolved":
        set_status(sandbox, incident, _VERBS[verb], reference(person), sandbox.clock.now())
        show_in_service(sandbox, incident)
    return Answer(status=303, raw=b"", content_type="text/plain", headers={"location": f"/incidents/{id}"})
