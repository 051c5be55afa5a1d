"""The server around the account: headers, limits, what tests can inspect, the controls, and how it ends."""

import http.client
import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from sandbox import TOKEN, Sandbox
from tests.sandbox.base import an_incident, ask, connect, create


def test_headers(sandbox: Sandbox) -> None:
    reply = ask(sandbox, "POST /incidents", an_incident(sandbox))
    assert re.fullmatch(r"[0-9a-f]{32}", reply.headers["x-request-id"])
    assert re.fullmatch(r'W/"[0-9a-f]{32}"', reply.headers["etag"])
    assert (reply.headers["x-sandbox"], reply.headers["content-type"]) == ("1", "application/json")
    assert "x-rehearsal" not in reply.headers
    assert int(reply.headers["content-length"]) == len(reply.content)
    assert ask(sandbox, "GET /nowhere").headers["x-sandbox"] == "1"


@pytest.mark.parametrize(("call", "limit"), [("POST /incidents", 300), ("GET /oncalls", 125), ("GET /services", 960)])
def test_rate_limits_are_shown(sandbox: Sandbox, call: str, limit: int) -> None:
    body = an_incident(sandbox) if call.startswith("POST") else None
    first, second = ask(sandbox, call, body), ask(sandbox, call, body)
    assert [reply.headers["ratelimit-limit"] for reply in (first, second)] == [str(limit)] * 2
    assert [reply.headers["ratelimit-remaining"] for reply in (first, second)] == [str(limit - 1), str(limit - 2)]
    assert 1 <= int(first.headers["ratelimit-reset"]) <= 60


def test_rate_limits_hold_when_they_are_switched_on(sandbox: Sandbox) -> None:
    for _ in range(125):
        ask(sandbox, "GET /oncalls?limit=1")
    assert ask(sandbox, "GET /oncalls?limit=1").status == 200
    sandbox.rate_limits = True
    reply = ask(sandbox, "GET /oncalls?limit=1")
    assert (reply.status, reply.json) == (429, {"error": {"message": "Rate Limit Exceeded", "code": 2020}})
    assert (reply.headers["ratelimit-remaining"], ask(sandbox, "GET /teams").status) == ("0", 200)
    sandbox.clock.advance(minutes=1)
    assert ask(sandbox, "GET /oncalls?limit=1").status == 200


def test_requests_are_kept_to_look_at(sandbox: Sandbox) -> None:
    ask(sandbox, "POST /incidents", an_incident(sandbox), {"X-Who": "me"})
    ask(sandbox, "GET /services?team_ids[]=P1&team_ids[]=P2&query=", headers={"Authorization": None})
    ask(sandbox, "GET /sandbox/requests")
    first, second = sandbox.requests
    assert (first.method, first.path, first.query, first.status) == ("POST", "/incidents", {}, 201)
    assert first.json == an_incident(sandbox)
    assert (first.headers["x-who"], first.headers["FROM"], first.headers.get("nothing")) == (
        "me",
        "ada@example.com",
        None,
    )
    assert (second.query, second.json, second.status) == ({"team_ids[]": ["P1", "P2"], "query": [""]}, None, 401)


def test_controls_for_other_processes(sandbox: Sandbox) -> None:
    incident = create(sandbox)
    assert ask(sandbox, "GET /sandbox/incidents").json == [incident]
    ask(sandbox, "GET /teams")
    assert ask(sandbox, "GET /sandbox/requests").json == {"POST /incidents": 1, "GET /teams": 1}
    ask(sandbox, "POST /sandbox/clock", {"minutes": 11})
    assert ask(sandbox, f"GET /incidents/{incident['id']}/log_entries?total=true").json["total"] == 4
    services = sandbox.account.services
    sandbox.account.services.clear()
    assert ask(sandbox, "POST /sandbox/reset").json == {"reset": True}
    assert (sandbox.incidents, sandbox.requests, len(sandbox.account.services)) == ([], [], 64)
    assert sandbox.account.services is not services
    assert create(sandbox)["id"] == incident["id"]
    assert ask(sandbox, "GET /sandbox/nonsense").status == 404


def test_many_callers_at_once_make_one_incident_of_one_key(sandbox: Sandbox) -> None:
    body = an_incident(sandbox, incident_key="once")
    with ThreadPoolExecutor(16) as pool:
        statuses = [reply.status for reply in pool.map(lambda _: ask(sandbox, "POST /incidents", body), range(48))]
    assert (statuses.count(201), statuses.count(400), len(sandbox.incidents)) == (1, 47, 1)


@pytest.mark.parametrize(("size", "status"), [(5 * 1024 * 1024, 400), (5 * 1024 * 1024 + 1, 413)])
def test_a_body_has_a_size(sandbox: Sandbox, size: int, status: int) -> None:
    assert ask(sandbox, "POST /incidents", b"x" * size).status == status


def test_a_body_without_a_length_is_refused(sandbox: Sandbox) -> None:
    connection = connect(sandbox)
    connection.request("POST", "/incidents", iter([b"{}"]), {"Transfer-Encoding": "chunked"}, encode_chunked=True)
    assert connection.getresponse().status == 411


def test_stopping_cuts_every_connection() -> None:
    with Sandbox() as sandbox:
        connection = connect(sandbox)
        _teams(connection)
    with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
        _teams(connection)
    with pytest.raises(ConnectionRefusedError):
        ask(sandbox, "GET /teams")


def test_stopping_does_not_wait_for_a_late_answer() -> None:
    with ThreadPoolExecutor(1) as pool:
        with Sandbox() as sandbox:
            ask(sandbox, "POST /sandbox/faults", [{"kind": "late", "call": "*", "seconds": 86_400}])
            waiting = pool.submit(ask, sandbox, "GET /teams")
            sandbox.wait_for_calls(1)
        assert isinstance(waiting.exception(), http.client.RemoteDisconnected)


def _teams(connection: http.client.HTTPConnection) -> None:
    connection.request("GET", "/teams", headers={"Authorization": f"Token token={TOKEN}"})
    connection.getresponse().read()


def test_two_sandboxes_know_nothing_of_each_other(sandbox: Sandbox) -> None:
    with Sandbox() as other:
        create(other)
        assert (len(other.incidents), sandbox.incidents, other.url == sandbox.url) == (1, [], False)


def test_a_port_that_is_taken(sandbox: Sandbox) -> None:
    with pytest.raises(OSError, match="in use"):
        Sandbox(port=int(sandbox.url.rpartition(":")[2]))
