"""A rehearsal: every id exists, nobody is paged, nothing is kept."""

from collections.abc import Iterator

import pytest

from sandbox import Sandbox
from tests.sandbox.base import ask, id_of

ANY = {"Authorization": "Token token=of-the-real-account0", "From": "someone@real.example"}


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(rehearsal=True) as running:
        yield running


def incident(**changes: object) -> dict[str, object]:
    return {
        "incident": {
            "type": "incident",
            "title": "x",
            "service": {"id": "PREALID", "type": "service_reference"},
            **changes,
        }
    }


def test_every_well_formed_id_exists(sandbox: Sandbox) -> None:
    body = incident(
        priority={"id": "PPRIO00"},
        escalation_policy={"id": "PPOLICY"},
        incident_type={"name": "anything"},
        incident_key="till-42",
    )
    for _ in range(2):  # nothing is kept, so no key is taken
        reply = ask(sandbox, "POST /incidents", body, ANY)
        assert (reply.status, reply.headers["x-rehearsal"]) == (201, "1")
    answered = reply.json["incident"]
    assert (answered["service"]["id"], answered["priority"]["id"]) == ("PREALID", "PPRIO00")
    assert (answered["escalation_policy"]["id"], answered["status"]) == ("PPOLICY", "triggered")
    assert (sandbox.incidents, sandbox.logs, sandbox.escalations) == ([], {}, {})


def test_a_person(sandbox: Sandbox) -> None:
    reply = ask(sandbox, "POST /incidents", incident(assignments=[{"assignee": {"id": "PPERSON"}}]), ANY)
    answered = reply.json["incident"]
    assert (reply.status, answered["assigned_via"]) == (201, "direct_assignment")
    assert [item["assignee"]["id"] for item in answered["assignments"]] == ["PPERSON"]


def test_what_it_knows_is_answered_as_usual_but_nobody_is_paged(sandbox: Sandbox) -> None:
    service = {"id": id_of(sandbox, "services", "Checkout API"), "type": "service_reference"}
    answered = ask(sandbox, "POST /incidents", incident(service=service), ANY).json["incident"]
    assert answered["assignments"][0]["assignee"]["summary"] in {"José Álvarez", "Zoë Müller"}
    assert sandbox.account.named("services", "Checkout API")["status"] == "active"


@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        (incident(title=""), ANY, 400, 2001),
        (incident(urgency="medium"), ANY, 400, 2001),
        (incident(service={"id": "no id"}), ANY, 400, 2002),
        (incident(priority={"id": "p1"}), ANY, 400, 1020),
        (incident(), {**ANY, "From": "nobody"}, 400, 1028),
        (incident(), {**ANY, "From": None}, 400, 2016),
    ],
)
def test_what_is_malformed_is_refused(
    sandbox: Sandbox, body: dict[str, object], headers: dict[str, str | None], status: int, code: int
) -> None:
    reply = ask(sandbox, "POST /incidents", body, headers)
    assert (reply.status, reply.json["error"]["code"]) == (status, code)


def test_any_token_but_some_token(sandbox: Sandbox) -> None:
    assert ask(sandbox, "POST /incidents", incident(), {**ANY, "Authorization": "Bearer x"}).status == 201
    assert ask(sandbox, "POST /incidents", incident(), {**ANY, "Authorization": None}).status == 401


def test_its_page_says_what_it_is(sandbox: Sandbox) -> None:
    page = ask(sandbox, "GET /", headers={"Authorization": None}).content.decode()
    assert "REHEARSAL SANDBOX – nobody real is paged" in page
