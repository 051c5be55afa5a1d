"""The client over real sockets: what it sends, to the letter, and what it makes of answers."""

import logging
import socket
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from incidentportal import pagerduty
from incidentportal.pagerduty import Client, Rejected, Unavailable
from tests.pagerduty.conftest import Serve

TOKEN = "abcdefghij0123456789"
BODY = {"type": "incident", "title": "Füße"}


@pytest.fixture
def client(httpserver: HTTPServer) -> Client:
    return Client(httpserver.url_for("").rstrip("/"), TOKEN)


def test_it_sends_what_is_documented(client: Client, httpserver: HTTPServer) -> None:
    seen: list[Request] = []

    def answer(request: Request) -> Response:
        request.get_data()
        seen.append(request)
        return Response('{"incident": {"id": "Q1"}}', status=201)

    httpserver.expect_request("/incidents").respond_with_handler(answer)
    assert client.create_incident(BODY, from_email="ada@example.com").id == "Q1"
    (request,) = seen
    wanted = {
        "Accept": "application/vnd.pagerduty+json;version=2",
        "Content-Type": "application/json",
        "Authorization": f"Token token={TOKEN}",
        "From": "ada@example.com",
    }
    assert {name: request.headers[name] for name in wanted} == wanted
    assert (request.method, request.json) == ("POST", {"incident": BODY})


def test_an_oauth_token_is_a_bearer(httpserver: HTTPServer) -> None:
    client = Client("http://127.0.0.1:9", "pdus+_0XBPWQQ_dfd3c718-4a46-400d-a8ec-45bab1fd417e")
    header = client.prepare_incident(BODY, from_email="a@b.example").headers["Authorization"]
    assert header == "Bearer pdus+_0XBPWQQ_dfd3c718-4a46-400d-a8ec-45bab1fd417e"


def test_an_address_with_a_line_break_is_refused_unsent() -> None:
    with pytest.raises(Rejected, match="cannot be sent"):
        Client("http://127.0.0.1:9", TOKEN).create_incident(BODY, from_email="a@b.example\r\nX-Evil: 1")


@pytest.mark.parametrize(
    "body", ["", "no", "[]", "null", '{"incident": null}', '{"incident": {"id": 7}}', '{"incident": {"id"']
)
def test_an_unreadable_answer_may_have_paged_somebody(client: Client, httpserver: HTTPServer, body: str) -> None:
    httpserver.expect_request("/incidents").respond_with_data(body, status=201)
    with pytest.raises(Unavailable) as caught:
        client.create_incident(BODY, from_email="ada@example.com")
    assert caught.value.is_sent is True


def test_a_redirect_is_not_followed(client: Client, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/incidents").respond_with_data("", status=302, headers={"Location": "/elsewhere"})
    with pytest.raises(Unavailable) as caught:
        client.create_incident(BODY, from_email="ada@example.com")
    assert caught.value.status == 302
    assert [request.path for request, _ in httpserver.log] == ["/incidents"]


def test_nothing_listens_so_nothing_was_heard() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(Unavailable) as caught:
        Client(f"http://127.0.0.1:{port}", TOKEN).create_incident(BODY, from_email="ada@example.com")
    assert caught.value.is_sent is False


def test_a_silent_server_may_have_heard(odd_server: Serve) -> None:
    with pytest.raises(Unavailable, match="did not answer within") as caught:
        Client(odd_server(b"", drip=b""), TOKEN, read_timeout=0.2).create_incident(BODY, from_email="a@b.example")
    assert caught.value.is_sent is True


def test_a_connection_that_breaks_may_have_been_heard(odd_server: Serve) -> None:
    answer = b'HTTP/1.1 201 Created\r\nContent-Length: 500\r\n\r\n{"incident": {"id": "Q1"'
    with pytest.raises(Unavailable) as caught:
        Client(odd_server(answer), TOKEN).create_incident(BODY, from_email="a@b.example")
    assert caught.value.is_sent is True


def test_a_dripping_answer_does_not_hold_the_person_up(odd_server: Serve) -> None:
    """The server drips for days, and would not end before the client leaves."""
    url = odd_server(b"HTTP/1.1 201 Created\r\nContent-Length: 9999999\r\n\r\n", drip=b" ")
    with pytest.raises(Unavailable) as caught:
        Client(url, TOKEN, read_timeout=0.4).create_incident(BODY, from_email="a@b.example")
    assert caught.value.is_sent is True


def test_all_calls_together_keep_to_the_time(client: Client, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/incidents").respond_with_json({"incidents": []})
    hurried = Client(client.url, TOKEN, within=0.0)
    with pytest.raises(Unavailable) as caught:
        hurried.find_incidents("k", service_id="P1")
    assert (caught.value.is_sent, httpserver.log) == (False, [])


def test_the_key_is_looked_for_without_a_limit_of_time(client: Client, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/incidents").respond_with_json({"incidents": [{"id": "Q1"}]})
    assert [incident.id for incident in client.find_incidents("k&1", service_id="P1")] == ["Q1"]
    (request, _) = httpserver.log[0]
    assert request.args.to_dict(flat=False) == {
        "incident_key": ["k&1"],
        "service_ids[]": ["P1"],
        "date_range": ["all"],
        "limit": ["25"],
        "sort_by": ["created_at:desc"],
    }


def test_pages_follow_more_and_not_total(client: Client, httpserver: HTTPServer) -> None:
    def answer(request: Request) -> Response:
        offset = int(request.args["offset"])
        rows = ",".join(f'{{"id": "{n}"}}' for n in range(offset, min(offset + 100, 250)))
        more = str(offset + 100 < 250).lower()
        return Response(f'{{"services": [{rows}], "more": {more}, "total": null}}')

    httpserver.expect_request("/services").respond_with_handler(answer)
    assert [row["id"] for row in client.rows("services")] == [str(n) for n in range(250)]
    assert [request.args["limit"] for request, _ in httpserver.log] == ["100", "100", "100"]


def test_pages_stop_at_the_limit_and_say_so(client: Client, httpserver: HTTPServer) -> None:
    def answer(request: Request) -> Response:
        rows = ",".join(f'{{"id": "P{request.args["offset"]}-{n}"}}' for n in range(96))
        return Response(f'{{"services": [{rows}], "more": true}}')

    httpserver.expect_request("/services").respond_with_handler(answer)
    with pytest.raises(Rejected, match="more than 10,000 services"):
        list(client.rows("services"))
    assert len(httpserver.log) == 105
    assert [int(httpserver.log[-1][0].args[name]) for name in ("offset", "limit")] == [9984, 16]


@pytest.mark.parametrize("most", [25, 1])
def test_pages_follow_what_came_and_not_what_was_asked_for(client: Client, httpserver: HTTPServer, most: int) -> None:
    def answer(request: Request) -> Response:
        offset = int(request.args["offset"])
        rows = ",".join(f'{{"id": "{n}"}}' for n in range(offset, min(offset + most, 34)))
        return Response(f'{{"users": [{rows}], "more": {str(offset + most < 34).lower()}, "total": 34}}')

    httpserver.expect_request("/users").respond_with_handler(answer)
    assert [row["id"] for row in client.rows("users")] == [str(n) for n in range(34)]


@pytest.mark.parametrize("rows", [[], [{"id": "P1"}]])
def test_pages_that_never_end_are_not_read_for_ever(client: Client, httpserver: HTTPServer, rows: list[Any]) -> None:
    httpserver.expect_request("/oncalls").respond_with_json({"oncalls": rows, "more": True})
    with pytest.raises(Unavailable, match="could not be read"):
        list(client.rows("oncalls"))
    assert len(httpserver.log) <= 2


def test_a_rate_limit_holds_look_ups_back_and_lets_submissions_go(client: Client, httpserver: HTTPServer) -> None:
    headers = {"ratelimit-limit": "960", "ratelimit-remaining": "100", "ratelimit-reset": "20"}
    httpserver.expect_request("/incidents").respond_with_json({"incidents": []}, headers=headers)
    client.find_incidents("k", service_id="P1")
    with pytest.raises(Unavailable) as caught:
        client.find_incidents("k", service_id="P1")
    assert caught.value.wait == pytest.approx(20, abs=1)
    ahead = Client(client.url, TOKEN, lane=pagerduty.SUBMISSIONS)
    assert ahead.find_incidents("k", service_id="P1") == []
    assert len(httpserver.log) == 2


def test_a_refusal_for_the_rate_holds_all_back(client: Client, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/incidents").respond_with_data("", status=429, headers={"ratelimit-reset": "7"})
    ahead = Client(client.url, TOKEN, lane=pagerduty.SUBMISSIONS)
    for _ in range(2):
        with pytest.raises(Unavailable) as caught:
            ahead.create_incident(BODY, from_email="a@b.example")
        assert caught.value.wait == pytest.approx(7, abs=1)
    with pytest.raises(Unavailable):
        client.find_incidents("k", service_id="P1")
    assert len(httpserver.log) == 1


def test_it_is_remembered_since_when_pagerduty_is_away(client: Client, httpserver: HTTPServer) -> None:
    for _ in range(2):
        httpserver.expect_ordered_request("/incidents").respond_with_data("<h1>Bad gateway</h1>", status=502)
    httpserver.expect_ordered_request("/incidents").respond_with_data("", status=401)
    httpserver.expect_ordered_request("/incidents").respond_with_json({"incidents": []})
    states = []
    for problem in (Unavailable, Unavailable, Rejected):
        with pytest.raises(problem):
            client.find_incidents("k", service_id="P1")
        states.append((pagerduty.down_since() is not None, pagerduty.refused_since() is not None))
    client.find_incidents("k", service_id="P1")
    states.append((pagerduty.down_since() is not None, pagerduty.refused_since() is not None))
    assert states == [(False, False), (True, False), (False, True), (False, False)]  # once is no outage


def test_a_rehearsal_without_an_answer_says_nothing_of_pagerduty(client: Client, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/incidents").respond_with_json({"incidents": []})
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    for _ in range(2):
        with pytest.raises(Unavailable):
            Client(f"http://127.0.0.1:{port}", TOKEN).try_incident(BODY, from_email="a@b.example")
    assert pagerduty.down_since() is None
    assert client.find_incidents("k", service_id="P1") == []


def test_a_log_has_the_request_id_and_never_the_token(
    client: Client, httpserver: HTTPServer, caplog: pytest.LogCaptureFixture
) -> None:
    httpserver.expect_request("/incidents").respond_with_json({"incidents": []}, headers={"x-request-id": "f00d"})
    with caplog.at_level(logging.DEBUG):
        client.find_incidents("secret-key", service_id="P1")
    assert "x-request-id f00d" in caplog.text
    assert TOKEN not in caplog.text


@pytest.mark.parametrize("note", [{}, {"content": "x"}, {"id": 1}])
def test_a_note_that_comes_back_without_an_id_was_added(client: Client, httpserver: HTTPServer, note: object) -> None:
    httpserver.expect_request("/incidents/Q1/notes").respond_with_json({"note": note}, status=201)
    client.add_note("Q1", "x", from_email="ada@example.com")


def test_an_answer_without_a_note_does_not_say_that_it_was_added(client: Client, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/incidents/Q1/notes").respond_with_json({}, status=201)
    with pytest.raises(Unavailable) as problem:
        client.add_note("Q1", "x", from_email="ada@example.com")
    assert problem.value.is_sent
