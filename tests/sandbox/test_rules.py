"""What `POST /incidents` refuses: status, code, message and details of each case, and which one wins."""

from collections.abc import Callable
from typing import Any

import pytest

from sandbox import READ_ONLY_TOKEN, SCOPED_TOKEN, USER_TOKEN, Sandbox
from tests.sandbox.base import an_incident as body
from tests.sandbox.base import ask, create, id_of

INVALID, ARGUMENTS = "Invalid Input Provided", "Arguments Caused Error"
NO_FROM = 'You must specify a user\'s email address in the "From" header to perform this action'
Change = Callable[[Sandbox], Any]


def policy(sandbox: Sandbox, name: str = "Identity") -> dict[str, Any]:
    return {
        "escalation_policy": {"id": id_of(sandbox, "escalation_policies", name), "type": "escalation_policy_reference"}
    }


def assigned_to(sandbox: Sandbox, *names: str) -> dict[str, Any]:
    return {
        "assignments": [{"assignee": {"id": id_of(sandbox, "users", name), "type": "user_reference"}} for name in names]
    }


UNKNOWN = {"id": "PNOSUCH"}

# what is sent, and the details that come back with 2001
INVALID_INPUT: dict[str, tuple[Change, str]] = {
    "no title": (lambda s: body(s, title=None), "Title cannot be empty."),
    "a blank title": (lambda s: body(s, title="  "), "Title cannot be empty."),
    "a title that is not text": (lambda s: body(s, title=7), "Title cannot be empty."),
    "no wrapper": (lambda s: body(s)["incident"], "Title cannot be empty."),
    "an empty object": (lambda s: {}, "Title cannot be empty."),
    "a list in the wrapper": (lambda s: {"incident": [body(s)["incident"]]}, "params must be a Hash"),
    "a list": (lambda s: [body(s)], "params must be a Hash"),
    "not JSON": (lambda s: b"title=x", "params must be a Hash"),
    "an empty body": (lambda s: body(s, body={}), "Body is invalid."),
    "a body that is a text": (lambda s: body(s, body="down"), "Body is invalid."),
    "details that are no text": (lambda s: body(s, body={"details": {"a": 1}}), "Body is invalid."),
    "policy and assignee": (
        lambda s: body(s, **policy(s), **assigned_to(s, "Ada Byron")),
        "Cannot specify both assignments and escalation_policy.",
    ),
    "two assignees": (lambda s: body(s, **assigned_to(s, "Ada Byron", "Sam Tan")), "Only one assignee is supported."),
    "an assignee without wrapper": (lambda s: body(s, assignments=[UNKNOWN]), "Assignee cannot be empty."),
    "an unknown urgency": (lambda s: body(s, urgency="medium"), "Urgency is not included in the list"),
    "an unknown type": (lambda s: body(s, incident_type={"name": "outage"}), "Incident type not found"),
    "a disabled type": (lambda s: body(s, incident_type={"name": "drill"}), "Incident type not found"),
    "a type by id": (
        lambda s: body(s, incident_type={"id": id_of(s, "incident_types", "major_incident")}),
        "Incident type not found",
    ),
    "a long title": (lambda s: body(s, title="x" * 1025), "Title is too long (maximum is 1024 characters)"),
    "a long key": (lambda s: body(s, incident_key="x" * 256), "Incident key is too long (maximum is 255 characters)"),
    "a bridge that is a text": (lambda s: body(s, conference_bridge="+1"), "Conference bridge is invalid."),
    "a disabled service": (lambda s: body(s, "Legacy SOAP Bridge"), "Service is disabled."),
    "a service in maintenance": (lambda s: body(s, "Data Warehouse"), "Service is in maintenance mode."),
}


@pytest.mark.parametrize("case", INVALID_INPUT)
def test_what_is_invalid(sandbox: Sandbox, case: str) -> None:
    change, detail = INVALID_INPUT[case]
    reply = ask(sandbox, "POST /incidents", change(sandbox))
    assert (reply.status, reply.json) == (400, {"error": {"message": INVALID, "code": 2001, "errors": [detail]}})
    assert sandbox.incidents == []


@pytest.mark.parametrize(
    ("change", "code", "message"),
    [
        ({"escalation_policy": UNKNOWN}, 1014, "Escalation Policy Not Found"),
        ({"assignments": [{"assignee": UNKNOWN}]}, 1007, "Assigned To User Not Found"),
        ({"priority": UNKNOWN}, 1020, "Invalid Priority"),
        ({"priority": "P1"}, 1020, "Invalid Priority"),
    ],
)
def test_what_is_unknown(sandbox: Sandbox, change: dict[str, Any], code: int, message: str) -> None:
    reply = ask(sandbox, "POST /incidents", body(sandbox, **change))
    assert (reply.status, reply.json) == (400, {"error": {"message": message, "code": code, "errors": []}})


@pytest.mark.parametrize("service", [None, UNKNOWN, "Checkout API", {"id": None}, {"id": ["P"]}])
def test_a_service_that_is_not_there_is_400_and_not_404(sandbox: Sandbox, service: Any) -> None:
    reply = ask(sandbox, "POST /incidents", body(sandbox, service=service))
    assert (reply.status, reply.json) == (
        400,
        {"error": {"message": ARGUMENTS, "code": 2002, "errors": ["Service not found"]}},
    )


def test_a_policy_with_nobody_on_call(sandbox: Sandbox) -> None:
    reply = ask(sandbox, "POST /incidents", body(sandbox, "Supplier Portal"))
    expected = {"error": {"message": "Escalation Policy Has No User On Call", "code": 1015, "errors": []}}
    assert (reply.status, reply.json) == (400, expected)


@pytest.mark.parametrize(
    ("headers", "status", "expected"),
    [
        ({"From": None}, 400, {"message": NO_FROM, "code": 2016}),
        ({"From": ""}, 400, {"message": 'Malformed "From" header', "code": 1028}),
        ({"From": "ada"}, 400, {"message": 'Malformed "From" header', "code": 1028}),
        ({"From": "nobody@example.com"}, 400, {"message": "Requester User Not Found", "code": 1008, "errors": []}),
        ({"From": "wiki@example.com"}, 403, {"message": "Access Denied", "code": 2010}),
        ({"Content-Type": None}, 400, {"message": INVALID, "code": 2001, "errors": ["params must be a Hash"]}),
        ({"Content-Type": "text/plain"}, 400, {"message": INVALID, "code": 2001, "errors": ["params must be a Hash"]}),
        ({"Authorization": f"Token token={READ_ONLY_TOKEN}"}, 403, {"message": "Access Denied", "code": 2010}),
    ],
)
def test_what_is_wrong_with_headers(
    sandbox: Sandbox, headers: dict[str, str | None], status: int, expected: dict[str, Any]
) -> None:
    reply = ask(sandbox, "POST /incidents", body(sandbox), headers)
    assert (reply.status, reply.json) == (status, {"error": expected})
    assert sandbox.incidents == []


@pytest.mark.parametrize("authorization", [None, "Token token=y_NbAkKc66ryYTWUXYEu", "Bearer sandbox-full-acc-key", ""])
def test_a_wrong_token_gets_an_empty_page(sandbox: Sandbox, authorization: str | None) -> None:
    reply = ask(sandbox, "POST /incidents", body(sandbox), {"Authorization": authorization})
    assert (reply.status, reply.content, reply.headers["content-type"]) == (401, b"", "text/html; charset=utf-8")


def test_a_token_without_the_scope(sandbox: Sandbox) -> None:
    reply = ask(sandbox, "POST /incidents", body(sandbox), {"Authorization": f"Bearer {SCOPED_TOKEN}"})
    assert reply.status == 403
    error = reply.json["error"]
    assert set(error) == {"message", "required_scopes", "token_scopes"}
    assert (error["message"], error["required_scopes"]) == ("Token missing required scopes", "incidents.write")
    assert "services.read" in error["token_scopes"].split()
    assert "incidents.write" not in error["token_scopes"]


def test_tokens_that_may_read_can(sandbox: Sandbox) -> None:
    for authorization in (f"Token token={READ_ONLY_TOKEN}", f"Bearer {SCOPED_TOKEN}"):
        assert ask(sandbox, "GET /services", headers={"Authorization": authorization, "From": None}).status == 200


def test_a_person_s_own_key_needs_no_from(sandbox: Sandbox) -> None:
    reply = ask(
        sandbox,
        "POST /incidents",
        body(sandbox, **assigned_to(sandbox, "Ada Byron")),
        {"Authorization": f"Token token={USER_TOKEN}", "From": None},
    )
    assert (reply.status, reply.json["incident"]["status"]) == (201, "acknowledged")  # she assigned it to herself


DUPLICATE = "Open incident with matching dedup key already exists on this service"


def test_a_key_is_taken_while_its_incident_is_open(sandbox: Sandbox) -> None:
    first = create(sandbox, incident_key="till-42")
    again = body(sandbox, incident_key="till-42")
    for status in ("triggered", "acknowledged"):
        sandbox.incidents[0]["status"] = status
        reply = ask(sandbox, "POST /incidents", again)
        assert (reply.status, reply.json) == (
            400,
            {"error": {"message": ARGUMENTS, "code": 2002, "errors": [DUPLICATE]}},
        )
    assert create(sandbox, "VPN", incident_key="till-42")["incident_key"] == "till-42"  # another service
    assert create(sandbox, incident_key="till-43")["incident_key"] == "till-43"
    ask(sandbox, f"PUT /incidents/{first['id']}", {"incident": {"type": "incident_reference", "status": "resolved"}})
    assert create(sandbox, incident_key="till-42")["id"] != first["id"]


def test_without_a_key_nothing_is_a_duplicate(sandbox: Sandbox) -> None:
    keys = {create(sandbox)["incident_key"], create(sandbox, incident_key="")["incident_key"]}
    assert len(keys) == 2
    assert all(len(key) == 32 and int(key, 16) for key in keys)


@pytest.mark.parametrize(
    ("change", "headers", "code"),
    [
        ({"title": ""}, {"From": None}, 2016),  # From before the title
        ({"title": "", "service": UNKNOWN}, {}, 2001),  # the title before the service
        ({"service": UNKNOWN, "urgency": "medium"}, {}, 2002),  # the service before its shapes
        ({"urgency": "medium", "priority": UNKNOWN}, {}, 2001),  # shapes before what is unknown
        ({"escalation_policy": UNKNOWN, "priority": UNKNOWN}, {}, 1014),
        ({"priority": UNKNOWN, "incident_key": "taken"}, {}, 1020),  # what is unknown before the key
    ],
)
def test_the_first_rule_that_is_broken_wins(
    sandbox: Sandbox, change: dict[str, Any], headers: dict[str, str | None], code: int
) -> None:
    create(sandbox, incident_key="taken")
    assert ask(sandbox, "POST /incidents", body(sandbox, **change), headers).json["error"]["code"] == code


def test_the_token_comes_before_everything_but_the_path(sandbox: Sandbox) -> None:
    assert ask(sandbox, "POST /incidents", b"", {"Authorization": None}).status == 401
    unknown = ask(sandbox, "POST /incident", b"", {"Authorization": None})
    assert (unknown.status, unknown.json) == (404, {"error": {"message": "Not Found", "code": 2100}})
    assert ask(sandbox, "DELETE /incidents/1").status == 404


def test_what_is_assumed_can_be_switched_off(sandbox: Sandbox) -> None:
    sandbox.rules.refuse_disabled = sandbox.rules.refuse_maintenance = sandbox.rules.refuse_nobody_on_call = False
    for service in ("Legacy SOAP Bridge", "Data Warehouse", "Supplier Portal"):
        assert ask(sandbox, "POST /incidents", body(sandbox, service)).status == 201


def test_a_status_that_a_test_sets_counts(sandbox: Sandbox) -> None:
    sandbox.account.named("services", "Checkout API")["status"] = "maintenance"
    assert ask(sandbox, "POST /incidents", body(sandbox)).json["error"]["errors"] == ["Service is in maintenance mode."]
    incident = body(sandbox)
    sandbox.account.services[:] = [row for row in sandbox.account.services if row["name"] != "Checkout API"]
    assert ask(sandbox, "POST /incidents", incident).json["error"]["errors"] == ["Service not found"]
    assert create(sandbox, "VPN")["service"]["summary"] == "VPN"  # those behind it are still found


ODD: list[Any] = [
    True,
    7,
    "x",
    [],
    {},
    [None],
    [[]],
    {"id": []},
    [{"assignee": {"id": {}}}],
    {"name": {}},
    {"details": []},
]


@pytest.mark.parametrize(
    "name",
    [
        *("title", "service", "priority", "assignments", "status", "incident_type", "escalation_policy"),
        *("escalation_level", "urgency", "body", "incident_key", "conference_bridge"),
    ],
)
def test_odd_bodies_never_break_the_connection(sandbox: Sandbox, name: str) -> None:
    incident = create(sandbox)
    for odd in ODD:
        created = ask(sandbox, "POST /incidents", {"incident": {**body(sandbox)["incident"], name: odd}})
        changed = ask(sandbox, f"PUT /incidents/{incident['id']}", {"incident": {"type": "incident", name: odd}})
        assert created.status in {201, 400}
        assert changed.status in {200, 400}
