"""What a creation leads to: defaults, references, who is assigned, and the exact answer."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from sandbox import Sandbox
from sandbox.api.creation_rules import urgency_of
from tests.sandbox.base import an_incident, ask, assigned, create, id_of, paged


def test_the_least(sandbox: Sandbox) -> None:
    incident = create(sandbox)
    assert re.fullmatch(r"Q[A-Z0-9]{13}", incident["id"])
    assert re.fullmatch(r"R[A-Z0-9]{25}", incident["first_trigger_log_entry"]["id"])
    assert re.fullmatch(r"[0-9a-f]{32}", incident["incident_key"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", incident["created_at"])
    assert (incident["incident_number"], incident["summary"]) == (1, "[#1] Card payments fail")
    assert (incident["status"], incident["urgency"], incident["priority"]) == ("triggered", "high", None)
    assert incident["incident_type"] == {"name": "incident_default"}
    assert (incident["assigned_via"], incident["escalation_policy"]["summary"]) == ("escalation_policy", "Payments")
    assert [team["summary"] for team in incident["teams"]] == ["Payments"]
    assert incident["html_url"] == f"{sandbox.url}/incidents/{incident['id']}"
    assert incident["last_status_change_by"] == incident["service"]
    assert {"body", "conference_bridge", "resolve_reason"} & set(incident) == set()
    assert sandbox.incidents == [incident]
    assert create(sandbox, "VPN")["incident_number"] == 2


def test_everything(sandbox: Sandbox) -> None:
    bridge = {"conference_number": "+1 415-555-1212,,,,1234#", "conference_url": "https://meet.example.com/inc-42"}
    incident = create(
        sandbox,
        priority={"id": id_of(sandbox, "priorities", "P2"), "type": "priority_reference"},
        urgency="low",
        incident_key="till-42",
        incident_type={"name": "major_incident"},
        body={"type": "incident_body", "details": "Since 14:02.\nÜ <b>"},
        escalation_policy={"id": id_of(sandbox, "escalation_policies", "Network")},
        conference_bridge=bridge,
    )
    assert (incident["priority"]["summary"], incident["priority"]["type"]) == ("P2", "priority_reference")
    assert (incident["urgency"], incident["incident_key"]) == ("low", "till-42")
    assert incident["incident_type"] == {"name": "major_incident"}
    assert incident["body"] == {"details": "Since 14:02.\nÜ <b>"}  # without a type, as on the wire
    assert incident["escalation_policy"]["summary"] == "Network"
    assert [team["summary"] for team in incident["teams"]] == ["Network"]
    assert incident["conference_bridge"] == bridge


@pytest.mark.parametrize("change", [{"priority": None}, {"priority": {}}, {"assignments": []}, {"nonsense": 1}])
def test_empty_values_are_ignored(sandbox: Sandbox, change: dict[str, Any]) -> None:
    incident = an_incident(sandbox)
    incident["incident"] |= change
    reply = ask(sandbox, "POST /incidents", incident)
    assert (reply.status, reply.json["incident"]["priority"]) == (201, None)


def test_from_is_found_in_any_case(sandbox: Sandbox) -> None:
    assert ask(sandbox, "POST /incidents", an_incident(sandbox), {"From": "ADA@Example.com"}).status == 201


def test_a_person_alone_is_paged_and_nobody_after(sandbox: Sandbox) -> None:
    sam = {"assignee": {"id": id_of(sandbox, "users", "Sam Tan"), "type": "user_reference"}}
    incident = create(sandbox, assignments=[sam])
    assert (incident["assigned_via"], incident["status"], assigned(incident)) == (
        "direct_assignment",
        "triggered",
        ["Sam Tan"],
    )
    sandbox.clock.advance(hours=10)
    assert paged(sandbox, incident) == ["Sam Tan"]


def test_assigning_it_to_yourself_pages_nobody(sandbox: Sandbox) -> None:
    ada = {"assignee": {"id": id_of(sandbox, "users", "Ada Byron"), "type": "user_reference"}}
    incident = create(sandbox, assignments=[ada])
    assert (incident["status"], assigned(incident)) == ("acknowledged", ["Ada Byron"])
    assert [item["acknowledger"]["summary"] for item in incident["acknowledgements"]] == ["Ada Byron"]
    assert paged(sandbox, incident) == []


def test_reaching_yourself_through_a_policy_pages_you(sandbox: Sandbox) -> None:
    incident = create(sandbox, "Office Wi-Fi")
    assert (incident["status"], assigned(incident)) == ("triggered", ["Ada Byron"])
    assert paged(sandbox, incident) == ["Ada Byron"]


@pytest.mark.parametrize(
    ("service", "urgency"), [("Checkout API", "high"), ("Newsletter", "low"), ("Monitoring", "high")]
)
def test_the_service_says_how_urgent_it_is(sandbox: Sandbox, service: str, urgency: str) -> None:
    assert create(sandbox, service)["urgency"] == urgency
    assert create(sandbox, service, urgency="low")["urgency"] == "low"


@pytest.mark.parametrize(
    ("service", "moment", "urgency"),
    [
        ("Help Desk", datetime(2026, 11, 23, 7, 0, tzinfo=UTC), "high"),  # Monday, 08:00 in Berlin
        ("Help Desk", datetime(2026, 11, 23, 6, 59, tzinfo=UTC), "low"),
        ("Help Desk", datetime(2026, 11, 23, 17, 0, tzinfo=UTC), "low"),  # 18:00 is over
        ("Help Desk", datetime(2026, 11, 22, 12, 0, tzinfo=UTC), "low"),  # Sunday
        ("Help Desk", datetime(2026, 7, 20, 6, 0, tzinfo=UTC), "high"),  # 08:00 in summer
        ("Barcode Scanners", datetime(2026, 11, 24, 2, 30, tzinfo=UTC), "high"),  # Monday, 21:30 in New York
    ],
)
def test_support_hours_are_local(sandbox: Sandbox, service: str, moment: datetime, urgency: str) -> None:
    assert urgency_of(sandbox.account.named("services", service), moment) == urgency


def test_a_service_looks_as_bad_as_its_worst_incident(sandbox: Sandbox) -> None:
    def status() -> str:
        return str(ask(sandbox, f"GET /services/{id_of(sandbox, 'services', 'VPN')}").json["service"]["status"])

    def put(incident: dict[str, Any], status: str) -> None:
        ask(sandbox, f"PUT /incidents/{incident['id']}", {"incident": {"type": "incident_reference", "status": status}})

    assert status() == "active"
    first, second = create(sandbox, "VPN"), create(sandbox, "VPN")
    assert status() == "critical"
    put(first, "acknowledged")
    assert status() == "critical"
    put(second, "resolved")
    assert status() == "warning"
    put(first, "resolved")
    assert status() == "active"


def test_the_same_account_comes_out_each_time(sandbox: Sandbox) -> None:
    other = Sandbox()
    other.stop()
    for kind in ("services", "escalation_policies", "users", "teams", "schedules", "priorities", "custom_fields"):
        assert getattr(sandbox.account, kind) == getattr(other.account, kind), kind
    ids = [
        row["id"]
        for kind in ("services", "escalation_policies", "users", "teams")
        for row in getattr(sandbox.account, kind)
    ]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"P[A-Z0-9]{6}", id) for id in ids)


def test_the_company_has_its_odd_cases(sandbox: Sandbox) -> None:
    account = sandbox.account
    assert len(account.services) >= 60
    assert (len(account.teams), len(account.escalation_policies), len(account.users)) == (10, 15, 40)
    assert [row["name"] for row in account.services if row["status"] != "active"] == [
        "Data Warehouse",
        "Legacy SOAP Bridge",
    ]
    assert account.users[0]["email"] == "ada@example.com"
    assert len({row["email"] for row in account.users}) == 40
    assert [row["name"] for row in account.priorities] == ["P1", "P2", "P3", "P4", "P5"]
    assert [row["order"] for row in account.priorities] == sorted(
        (row["order"] for row in account.priorities), reverse=True
    )
    levels = {row["name"]: len(row["escalation_rules"]) for row in account.escalation_policies}
    assert (levels["Payments"], set(levels.values())) == (3, {1, 2, 3})
    assert sandbox.on_call(id_of(sandbox, "escalation_policies", "Customer Support")) == []
    assert any("card payments" in (row["description"] or "") for row in account.services)
