"""Every request that the portal sends, held to PagerDuty's published schema."""

from typing import Any
from urllib.parse import urlencode

import pytest
from openapi_core.exceptions import OpenAPIError

from incidentportal.incidents.report import Report
from incidentportal.pagerduty import Client
from sandbox import TOKEN, Sandbox
from tests import contract


def an_incident(sandbox: Sandbox, **answers: Any) -> dict[str, Any]:
    service = sandbox.account.named("services", "Checkout API")["id"]
    report = Report(title="Card payments fail", service=service, **answers)
    return report.to_request(incident_key="k-1")


def hold(request: Any) -> None:
    """Fail where the schema does not allow this request."""
    path = f"{request.path}?{urlencode(request.query, doseq=True)}"
    contract.check_request(request.method, path, dict(request.headers.items()), request.body)


def everything(sandbox: Sandbox) -> dict[str, Any]:
    return {
        "urgency": "high",
        "priority": sandbox.account.priorities[0]["id"],
        "details": "Since 14:02.",
        "escalation_policy": sandbox.account.escalation_policies[0]["id"],
        "incident_type": "major_incident",
        "conference_number": "+1 415-555-1212,,,,1234#",
        "conference_url": "https://meet.example.com/1",
    }


def test_every_call(sandbox: Sandbox) -> None:
    client = Client(sandbox.url, TOKEN)
    made = client.create_incident(an_incident(sandbox), from_email="ada@example.com")
    client.find_incidents("k-1", service_id=made.service.id)
    client.open_incidents([made.service.id, "PABCDEF"])
    client.get_incident(made.id)
    client.add_note(made.id, "text", from_email="ada@example.com")
    client.oncalls([made.raw["escalation_policy"]["id"], "PABCDEF"])
    client.maintenance_windows(made.service.id)
    client.get_service(made.service.id)
    client.incident_types()
    client.page("services", [("limit", "1")])
    for name in ("services", "escalation_policies", "users", "priorities", "teams"):
        list(client.rows(name))
    assert len(sandbox.requests) == 15
    for request in sandbox.requests:
        assert request.status in {200, 201}, request.path
        hold(request)


@pytest.mark.parametrize("name", ["nothing else", "everything", "an assignee"])
def test_every_body(sandbox: Sandbox, name: str) -> None:
    answers = {
        "nothing else": {},
        "everything": everything(sandbox),
        "an assignee": {"assignees": (sandbox.account.users[3]["id"],)},
    }[name]
    Client(sandbox.url, TOKEN).create_incident(an_incident(sandbox, **answers), from_email="ada@example.com")
    hold(sandbox.requests[-1])


def test_the_schema_refuses_what_is_wrong(sandbox: Sandbox) -> None:
    Client(sandbox.url, TOKEN).create_incident(an_incident(sandbox), from_email="ada@example.com")
    request = sandbox.requests[-1]
    request.body = request.body.replace(b"service_reference", b"user_reference")
    with pytest.raises(OpenAPIError):
        hold(request)
