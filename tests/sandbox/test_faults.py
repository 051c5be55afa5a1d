"""Each way to break, on a real socket: what the caller sees, and whether the call took effect."""

import http.client
import json
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import pytest

from sandbox import TOKEN, Fault, Sandbox
from sandbox.faults import KINDS
from tests.sandbox.base import ADA, Reply, an_incident, ask, connect, create

# kind: the status (None: no answer), how the body begins, whether the incident exists afterwards
ANSWERED: dict[str, tuple[int, bytes, bool]] = {
    "429": (429, b'{"error":{"message":"Rate Limit Exceeded","code":2020}}', False),
    "429 bare": (429, b"Too many requests", False),
    "500": (500, b'{"error":{"message":"An internal error has occurred. PagerDuty team has been', False),
    "500 after": (500, b'{"error":{"message":"An internal error has occurred. PagerDuty team has been', True),
    "502": (502, b"<html>", False),
    "502 after": (502, b"<html>", True),
    "503": (503, b"", False),
    "408": (408, b'{"error":{"message":"The request took too long to process","code":2016}}', False),
    "401": (401, b"", False),
    "401 json": (401, b'{"error":{"message":"Authentication failed","code":2006}}', False),
    "403": (403, b'{"error":{"message":"Token missing required scopes","required_scopes":', False),
    "403 denied": (403, b'{"error":{"message":"Access Denied","code":2010}}', False),
    "402": (402, b'{"error":{"message":"Missing Account Ability","code":2014}}', False),
    "429 after": (429, b'{"error":{"message":"Rate Limit Exceeded","code":2020}}', True),
    "409": (409, b'{"error":{"message":"Conflict","code":2001,"errors":["An open incident already uses', False),
    "409 after": (409, b'{"error":{"message":"Conflict","code":2001,"errors":["An open incident already uses', True),
    "in use": (400, b'{"error":{"message":"Invalid Input Provided","code":2001,"errors":["Incident key is', False),
    "in use after": (400, b'{"error":{"message":"Invalid Input Provided","code":2001,"errors":["Incident key is', True),
    "other service": (201, b'{"incident":', True),
    "other service before": (201, b'{"incident":', False),
    "other key": (201, b'{"incident":', True),
    "other key before": (201, b'{"incident":', False),
    "garbage": (200, b"<!doctype html>", True),
    "redirect": (302, b"", False),
    "late": (201, b'{"incident":', True),
    "slow body": (201, b'{"incident":', True),
    "drip headers": (201, b'{"incident":', True),
    "continue": (201, b'{"incident":', True),
    "half surrogate": (201, b'{"incident":', True),
    "nul": (201, b'{"incident":', True),
    "wrong types": (201, b'{"incident":', True),
    # Only lists can be untrue in these ways; `test_lies.py` has them.
    "filter ignored": (201, b'{"incident":', True),
    "other rows": (201, b'{"incident":', True),
    "empty list": (201, b'{"incident":', True),
}
CUT = {"drop before": False, "drop after": True, "late before": False, "cut off": True}


def broken(sandbox: Sandbox, kind: str, seconds: float = 0.05) -> Reply:
    sandbox.faults = [Fault(kind, seconds=seconds)]
    return ask(sandbox, "POST /incidents", an_incident(sandbox))


@pytest.mark.parametrize("kind", ANSWERED)
def test_an_answer_of_another_kind(sandbox: Sandbox, kind: str) -> None:
    status, content, has_effect = ANSWERED[kind]
    reply = broken(sandbox, kind)
    assert (reply.status, reply.content[: len(content)]) == (status, content)
    assert (reply.content == b"") is (content == b"")
    assert (len(sandbox.incidents), sandbox.requests[-1].status) == (int(has_effect), status)
    assert sandbox.faults == []
    assert ask(sandbox, "POST /incidents", an_incident(sandbox)).status == 201  # the next call is answered


@pytest.mark.parametrize("kind", CUT)
def test_a_connection_that_is_cut(sandbox: Sandbox, kind: str) -> None:
    with pytest.raises((http.client.RemoteDisconnected, http.client.IncompleteRead, ConnectionResetError)):
        broken(sandbox, kind)
    assert len(sandbox.incidents) == int(CUT[kind])
    assert sandbox.requests[-1].status == (201 if kind == "cut off" else 0)
    assert create(sandbox)["status"] == "triggered"


def test_every_kind_is_tested_here() -> None:
    assert set(ANSWERED) | set(CUT) == KINDS


def test_an_answer_is_cut_in_the_middle(sandbox: Sandbox) -> None:
    sandbox.faults = [Fault("cut off")]
    with pytest.raises(http.client.IncompleteRead) as caught:
        ask(sandbox, "POST /incidents", an_incident(sandbox))
    assert caught.value.partial.startswith(b'{"incident":')
    assert len(caught.value.partial) > 1000
    assert caught.value.expected is not None
    assert caught.value.expected > 1000


@pytest.mark.parametrize(("kind", "has_effect"), [("late", True), ("late before", False)])
def test_a_late_answer_is_still_out_when_other_calls_are_answered(kind: str, has_effect: bool) -> None:
    """It is a day late, so it is cut off when the sandbox stops."""
    with ThreadPoolExecutor(1) as pool:
        with Sandbox() as sandbox:
            sandbox.faults = [Fault(kind, seconds=86_400)]
            waiting = pool.submit(ask, sandbox, "POST /incidents", an_incident(sandbox))
            sandbox.wait_for_calls(1)
            assert [ask(sandbox, "GET /teams").status for _ in range(5)] == [200] * 5
            assert (waiting.done(), len(sandbox.incidents)) == (False, int(has_effect))
        assert isinstance(waiting.exception(), http.client.RemoteDisconnected)


def test_a_slow_body_begins_at_once_and_ends_late() -> None:
    with ThreadPoolExecutor(1) as pool:
        with Sandbox() as sandbox:
            sandbox.faults = [Fault("slow body", call="*", seconds=86_400)]
            connection = connect(sandbox)
            connection.request("GET", "/teams", headers={"Authorization": f"Token token={TOKEN}"})
            answer = connection.getresponse()
            waiting = pool.submit(answer.read)
            assert [ask(sandbox, "GET /teams").status for _ in range(5)] == [200] * 5
            assert (answer.status, waiting.done()) == (200, False)
        assert isinstance(waiting.exception(), http.client.IncompleteRead)
        connection.close()
        answer.close()


@pytest.mark.parametrize("kind", ["late", "slow body", "drip headers", "continue"])
def test_a_caller_that_does_not_wait_has_paged_nevertheless(sandbox: Sandbox, capfd: Any, kind: str) -> None:
    sandbox.faults = [Fault(kind, seconds=0.5)]
    connection = connect(sandbox)
    headers = {"Authorization": f"Token token={TOKEN}", "From": ADA, "Content-Type": "application/json"}
    connection.request("POST", "/incidents", json.dumps(an_incident(sandbox)), headers)
    sandbox.wait_for_calls(1)
    connection.close()
    assert len(sandbox.incidents) == 1
    sandbox.wait_until_idle()  # by now the sandbox has found nobody at the other end
    assert capfd.readouterr().err == ""


def test_too_many_requests_tell_when_to_come_again(sandbox: Sandbox) -> None:
    reply = broken(sandbox, "429", seconds=20)
    assert [reply.headers[f"ratelimit-{name}"] for name in ("limit", "remaining", "reset")] == ["300", "0", "20"]
    assert broken(sandbox, "429").headers["ratelimit-reset"] == "1"
    assert broken(sandbox, "429 after", seconds=20).headers["ratelimit-reset"] == "20"
    bare = broken(sandbox, "429 bare")
    assert [name for name in bare.headers if name.startswith("ratelimit")] == []


def test_a_redirect_leads_elsewhere(sandbox: Sandbox) -> None:
    assert broken(sandbox, "redirect").headers["location"].startswith("https://elsewhere.example/")


@pytest.mark.parametrize("kind", ["drip headers", "continue"])
def test_an_answer_whose_first_line_takes_a_day(kind: str) -> None:
    """Meanwhile other calls are answered, and stopping cuts it off."""
    with Sandbox() as sandbox:
        sandbox.faults = [Fault(kind, call="*", seconds=86_400)]
        connection = connect(sandbox)
        connection.request("GET", "/teams", headers={"Authorization": f"Token token={TOKEN}"})
        sandbox.wait_for_calls(1)
        assert [ask(sandbox, "GET /teams").status for _ in range(5)] == [200] * 5
    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        connection.getresponse()
    connection.close()


def lines_of(sandbox: Sandbox, kind: str) -> list[bytes]:
    """An answer, as it comes line by line."""
    sandbox.faults = [Fault(kind, call="*", seconds=0.01)]
    with socket.create_connection(("127.0.0.1", urlsplit(sandbox.url).port or 0)) as line:
        line.sendall(f"GET /teams HTTP/1.1\r\nAuthorization: Token token={TOKEN}\r\nHost: x\r\n\r\n".encode())
        line.shutdown(socket.SHUT_WR)
        return line.makefile("rb").read().splitlines()


def test_go_on_ten_times_and_then_the_answer(sandbox: Sandbox) -> None:
    lines = lines_of(sandbox, "continue")
    assert lines[:20] == [b"HTTP/1.1 100 Continue", b""] * 10
    assert lines[20] == b"HTTP/1.1 200 OK"
    assert json.loads(lines[-1])["teams"][0]["type"] == "team"


def test_headers_that_drip_are_the_usual_ones(sandbox: Sandbox) -> None:
    dripped, usual = (
        [line.partition(b":")[0] for line in lines_of(sandbox, kind)[:-1]] for kind in ("drip headers", "late")
    )
    assert dripped == usual
    assert len(usual) > 10


def test_a_fault_waits_for_its_call(sandbox: Sandbox) -> None:
    incident = create(sandbox)
    sandbox.faults = [
        Fault("500"),
        Fault("503", call="GET /oncalls"),
        Fault("502", call="GET /incidents/*"),
        Fault("408", call="PUT /incidents/"),
        Fault("402", call="* /teams"),
    ]
    assert ask(sandbox, "GET /incidents").status == 200
    assert ask(sandbox, f"GET /incidents/{incident['id']}").status == 502
    assert ask(sandbox, f"GET /incidents/{incident['id']}").status == 200
    assert ask(sandbox, f"PUT /incidents/{incident['id']}/custom_fields/values").status == 408
    assert ask(sandbox, f"POST /incidents/{incident['id']}/notes", {"note": {"content": "x"}}).status == 200
    assert ask(sandbox, "GET /teams").status == 402
    assert ask(sandbox, "GET /oncalls?limit=1").status == 503
    assert ask(sandbox, "POST /incidents", an_incident(sandbox)).status == 500
    assert sandbox.faults == []


def test_faults_come_in_their_order(sandbox: Sandbox) -> None:
    sandbox.faults = [Fault("500"), Fault("503", call="*")]
    sandbox.faults.append(Fault("408", call="*"))
    assert [ask(sandbox, "GET /teams").status for _ in range(3)] == [503, 408, 200]
    assert ask(sandbox, "POST /incidents", an_incident(sandbox)).status == 500


def test_a_wrong_token_does_not_use_up_a_fault(sandbox: Sandbox) -> None:
    sandbox.faults = [Fault("500", call="*")]
    assert ask(sandbox, "GET /teams", headers={"Authorization": None}).status == 401
    assert len(sandbox.faults) == 1


def test_an_unknown_fault() -> None:
    with pytest.raises(ValueError, match="no fault is called 'explode'"):
        Fault("explode")


def test_faults_from_outside(sandbox: Sandbox) -> None:
    open_door = {"Authorization": None, "From": None}
    queued = ask(
        sandbox, "POST /sandbox/faults", [{"kind": "500"}, {"kind": "late", "call": "*", "seconds": 9}], open_door
    )
    assert queued.json == [
        {"kind": "500", "call": "POST /incidents", "seconds": 1.0},
        {"kind": "late", "call": "*", "seconds": 9},
    ]
    assert [fault.kind for fault in sandbox.faults] == ["500", "late"]
    assert ask(sandbox, "POST /sandbox/faults", [{"kind": "explode"}], open_door).status == 400
    assert ask(sandbox, "POST /sandbox/faults", {"kind": "500"}, open_door).status == 400
    assert ask(sandbox, "POST /sandbox/faults", b"nonsense", open_door).status == 400
    assert len(ask(sandbox, "GET /sandbox/faults", None, open_door).json) == 2


def statuses_in_chaos(seed: int) -> list[int]:
    with Sandbox() as sandbox:
        chaos = {"share": 0.4, "seed": seed, "kinds": ["500", "503", "408"]}
        assert ask(sandbox, "POST /sandbox/chaos", chaos).status == 200
        statuses = [ask(sandbox, "GET /teams").status for _ in range(100)]
        ask(sandbox, "POST /sandbox/chaos", {"share": 0})
        assert {ask(sandbox, "GET /teams").status for _ in range(20)} == {200}
        return statuses


def test_chaos() -> None:
    first = statuses_in_chaos(1)
    assert set(first) == {200, 500, 503, 408}
    assert 40 <= first.count(200) <= 80
    assert statuses_in_chaos(1) == first
    assert statuses_in_chaos(2) != first


def test_a_connection_is_kept_until_it_breaks(sandbox: Sandbox) -> None:
    connection = connect(sandbox)
    sandbox.faults = [Fault("500", call="GET /incidents/1"), Fault("drop before", call="GET /incidents/2")]
    headers = {"Authorization": f"Token token={TOKEN}"}
    for path, status in (("/incidents/1", 500), ("/teams", 200)):
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        answer.read()
        assert (answer.status, answer.version) == (status, 11)
    socket = connection.sock
    connection.request("GET", "/incidents/2", headers=headers)
    assert connection.sock is socket
    with pytest.raises(http.client.RemoteDisconnected):
        connection.getresponse()
