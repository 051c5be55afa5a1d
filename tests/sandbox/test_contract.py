"""Every answer of the sandbox is one that PagerDuty's own OpenAPI document allows."""

import json
from typing import Any

import pytest

from sandbox import TOKEN, USER_TOKEN, Sandbox
from tests import contract
from tests.sandbox.base import ADA, an_incident, ask, create, id_of

HEADERS = {
    "Authorization": f"Token token={TOKEN}",
    "From": ADA,
    "Content-Type": "application/json",
    "Accept": "application/vnd.pagerduty+json;version=2",
}

READS = [
    "/services?limit=100&include[]=escalation_policies&include[]=teams&sort_by=name:desc",
    "/services?limit=100&total=true",
    "/services/{service}",
    "/escalation_policies?limit=100&include[]=targets&include[]=escalation_rule_assignment_strategies",
    "/escalation_policies?include[]=services&include[]=teams",
    "/escalation_policies/{policy}",
    "/users?limit=100",
    "/users?include[]=teams",
    "/users/{user}",
    "/priorities",
    "/oncalls?limit=100",
    "/oncalls?include[]=users&include[]=schedules&include[]=escalation_policies",
    "/teams",
    "/abilities",
    "/maintenance_windows?filter=all",
    "/maintenance_windows?filter=ongoing&include[]=services&include[]=users&include[]=teams",
    "/schedules",
    "/incidents?statuses[]=triggered&statuses[]=acknowledged&date_range=all",
    "/incidents?include[]=assignees&include[]=acknowledgers&include[]=services&include[]=teams",
    "/incidents?include[]=escalation_policies&include[]=first_trigger_log_entries&include[]=priorities",
    "/incidents/{incident}",
    "/incidents/types?filter=all",
    "/incidents/types/major_incident",
    "/incidents/types/major_incident/custom_fields?include[]=field_options",
    "/incidents/{incident}/custom_fields/values",
    "/incidents/{incident}/notes",
]


@pytest.fixture(autouse=True)
def _document() -> None:
    contract.document()


def checked(sandbox: Sandbox, call: str, body: Any = None, headers: dict[str, str] | None = None) -> Any:
    """Make the call; hold the request and the answer to the document."""
    method, _, path = call.partition(" ")
    sent = {**HEADERS, **(headers or {})}
    content = json.dumps(body).encode() if body is not None else None
    contract.check_request(method, path, sent, content)
    reply = ask(sandbox, call, content, sent)
    contract.check_response(method, path, reply.status, reply.content, reply.headers["content-type"])
    return reply


def everything(sandbox: Sandbox) -> dict[str, Any]:
    """An incident with all that one can have."""
    incident = create(
        sandbox,
        priority={"id": id_of(sandbox, "priorities", "P1"), "type": "priority_reference"},
        incident_type={"name": "major_incident"},
        body={"type": "incident_body", "details": "x"},
        conference_bridge={"conference_url": "https://meet.example.com/inc-42"},
    )
    ask(sandbox, f"POST /incidents/{incident['id']}/notes", {"note": {"content": "x"}})
    other = create(sandbox, "VPN")
    ask(sandbox, f"PUT /incidents/{other['id']}", {"incident": {"type": "incident", "status": "acknowledged"}})
    return incident


@pytest.mark.parametrize("path", READS)
def test_reads(sandbox: Sandbox, path: str) -> None:
    incident = everything(sandbox)
    ids = {
        "service": id_of(sandbox, "services", "Help Desk"),
        "policy": id_of(sandbox, "escalation_policies", "Payments"),
        "user": id_of(sandbox, "users", "Ada Byron"),
        "incident": incident["id"],
    }
    assert checked(sandbox, f"GET {path.format(**ids)}").status == 200


def test_me(sandbox: Sandbox) -> None:
    reply = checked(sandbox, "GET /users/me", headers={"Authorization": f"Token token={USER_TOKEN}"})
    assert reply.json["user"]["name"] == "Ada Byron"


def test_creation(sandbox: Sandbox) -> None:
    reply = checked(sandbox, "POST /incidents", an_incident(sandbox))
    assert reply.status == 201
    person = {"assignee": {"id": id_of(sandbox, "users", "Ada Byron"), "type": "user_reference"}}
    assert checked(sandbox, "POST /incidents", an_incident(sandbox, assignments=[person])).status == 201


@pytest.mark.parametrize(
    "change",
    [
        {"status": "acknowledged"},
        {"status": "resolved"},
        {"escalation_level": 2},
        {"priority": {"id": "P1", "name": "P1", "type": "priority_reference"}},
        {"urgency": "low"},
    ],
)
def test_changes(sandbox: Sandbox, change: dict[str, Any]) -> None:
    incident = create(sandbox)
    if "priority" in change:
        change = {"priority": {**change["priority"], "id": id_of(sandbox, "priorities", "P1")}}
    body = {"incident": {"type": "incident_reference", **change}}
    assert checked(sandbox, f"PUT /incidents/{incident['id']}", body).status == 200


def test_followups(sandbox: Sandbox) -> None:
    incident = everything(sandbox)
    path = f"/incidents/{incident['id']}"
    assert checked(sandbox, f"POST {path}/notes", {"note": {"content": "x"}}).status == 200
    values = [{"name": "environment", "value": "staging"}, {"name": "affected_regions", "value": ["EMEA"]}]
    assert checked(sandbox, f"PUT {path}/custom_fields/values", {"custom_fields": values}).status == 201
    target = {"responder_request_target": {"id": id_of(sandbox, "users", "Sam Tan"), "type": "user_reference"}}
    asked = {
        "requester_id": id_of(sandbox, "users", "Ada Byron"),
        "message": "x",
        "responder_request_targets": [target],
    }
    assert checked(sandbox, f"POST {path}/responder_requests", asked).status == 200
    assert checked(sandbox, f"GET {path}").json["incident"]["incidents_responders"] != []


@pytest.mark.parametrize(
    ("call", "body", "status"),
    [
        (
            "POST /incidents",
            {"incident": {"type": "incident", "title": "", "service": {"id": "PX", "type": "service_reference"}}},
            400,
        ),
        ("GET /services/PNOSUCH", None, 404),
        ("GET /services?limit=100&offset=10000", None, 400),
        ("GET /incidents/QNOSUCH", None, 404),
    ],
)
def test_refusals(sandbox: Sandbox, call: str, body: Any, status: int) -> None:
    assert checked(sandbox, call, body).status == status


@pytest.mark.parametrize(
    "change",
    [
        {"title": None},
        {"urgency": "medium"},
        {"service": {"id": "P123456", "type": "user_reference"}},
        {"body": {"type": "incident_body", "details": {"a": 1}}},
    ],
)
def test_the_document_refuses_what_is_wrong(sandbox: Sandbox, change: dict[str, Any]) -> None:
    incident = an_incident(sandbox)
    incident["incident"] |= change
    body = json.dumps({"incident": {key: value for key, value in incident["incident"].items() if value is not None}})
    with pytest.raises(Exception, match=r"(?i)request body"):
        contract.check_request("POST", "/incidents", HEADERS, body.encode())


def test_the_document_refuses_a_wrong_answer() -> None:
    wrong = {"incident": {"id": "Q1", "type": "incident", "status": "open"}}
    with pytest.raises(Exception, match=r"(?i)response|invalid|data"):
        contract.check_response("POST", "/incidents", 201, json.dumps(wrong).encode())
