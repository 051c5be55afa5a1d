"""Lists: pages, filters, order, includes; and what is special about each look-up."""

from typing import Any

import pytest

from sandbox import USER_TOKEN, Sandbox
from tests.sandbox.base import ask, create, id_of

TOO_FAR = (
    "Offset+limit exceeds maximum allowed value of 10000. Please try to refine your search to reduce the returned set "
    "of records below this number, like adding a date range."
)


def names(sandbox: Sandbox, path: str, kind: str = "services") -> list[str]:
    return [row.get("name") or row["summary"] for row in ask(sandbox, f"GET {path}").json[kind]]


def test_pages_follow_one_another(sandbox: Sandbox) -> None:
    first = ask(sandbox, "GET /services").json
    assert {key: first[key] for key in ("limit", "offset", "more", "total")} == {
        "limit": 25,
        "offset": 0,
        "more": True,
        "total": None,
    }
    found: list[str] = []
    while True:
        page = ask(sandbox, f"GET /services?limit=30&offset={len(found)}&total=true").json
        found += [row["name"] for row in page["services"]]
        assert page["total"] == len(sandbox.account.services)
        if not page["more"]:
            break
    assert found == sorted((row["name"] for row in sandbox.account.services), key=str.casefold)
    assert names(sandbox, "/services?sort_by=name:desc&limit=100") == found[::-1]


@pytest.mark.parametrize(("asked", "given"), [("limit=1000", 100), ("limit=0", 25), ("limit=7", 7), ("limit=", 25)])
def test_a_page_has_a_limit(sandbox: Sandbox, asked: str, given: int) -> None:
    assert ask(sandbox, f"GET /users?{asked}").json["limit"] == given


def test_no_page_goes_beyond_ten_thousand(sandbox: Sandbox) -> None:
    assert ask(sandbox, "GET /users?limit=100&offset=9900").status == 200
    for path in ("/users?limit=100&offset=9901", "/services?offset=9976", "/incidents?limit=1&offset=10000"):
        reply = ask(sandbox, f"GET {path}")
        expected = {"error": {"message": "Arguments Caused Error", "code": 2002, "errors": [TOO_FAR]}}
        assert (reply.status, reply.json) == (400, expected)


@pytest.mark.parametrize("asked", ["limit=-1", "limit=x", "offset=-5", "offset=1.5"])
def test_pages_are_counted_in_whole_numbers(sandbox: Sandbox, asked: str) -> None:
    reply = ask(sandbox, f"GET /teams?{asked}")
    assert (reply.status, reply.json["error"]["code"]) == (400, 2001)


def test_services_are_found(sandbox: Sandbox) -> None:
    network = id_of(sandbox, "teams", "Network")
    mobile = id_of(sandbox, "teams", "Mobile")
    assert names(sandbox, "/services?query=CHECK") == ["Checkout API"]
    assert names(sandbox, "/services?name=VPN") == ["VPN"]
    assert names(sandbox, "/services?name=vpn") == []
    assert names(sandbox, f"/services?team_ids[]={network}&query=n") == [
        "CDN",
        "Data Centre Links",
        "DNS",
        "Load Balancers",
        "VPN",
    ]
    both = names(sandbox, f"/services?team_ids[]={network}&team_ids[]={mobile}")
    assert set(both) == set(names(sandbox, f"/services?team_ids[]={network}")) | set(
        names(sandbox, f"/services?team_ids[]={mobile}")
    )
    assert names(sandbox, "/services?team_ids[]=PNOSUCH") == []
    assert len(names(sandbox, "/services?teams[]=PNOSUCH&limit=100")) == 64  # what PagerDuty does not know is ignored


def test_policies_are_found(sandbox: Sandbox) -> None:
    ada, peter = id_of(sandbox, "users", "Ada Byron"), id_of(sandbox, "users", "Peter van den Berg")
    assert names(sandbox, f"/escalation_policies?user_ids[]={ada}", "escalation_policies") == ["Default"]
    found = names(sandbox, f"/escalation_policies?user_ids[]={peter}", "escalation_policies")
    assert found == ["Incident Managers", "Management", "Security"]
    turns = id_of(sandbox, "escalation_policies", "Platform, in turns")
    rule = "escalation_rule_assignment_strategy"
    assert (
        rule not in ask(sandbox, f"GET /escalation_policies/{turns}").json["escalation_policy"]["escalation_rules"][0]
    )
    path = f"GET /escalation_policies/{turns}?include[]=escalation_rule_assignment_strategies&include[]=targets"
    first = ask(sandbox, path).json["escalation_policy"]["escalation_rules"][0]
    assert (first[rule], first["targets"][1]["email"]) == ("round_robin", "li.wei@example.com")


def test_people_are_found(sandbox: Sandbox) -> None:
    assert names(sandbox, "/users?query=BYRON", "users") == ["Ada Byron"]
    assert names(sandbox, "/users?query=ada@example", "users") == ["Ada Byron"]
    assert names(sandbox, "/users?query=%C3%A1lvarez", "users") == ["José Álvarez"]
    ada = ask(sandbox, f"GET /users/{id_of(sandbox, 'users', 'Ada Byron')}?include[]=teams").json["user"]
    assert (ada["time_zone"], ada["teams"][0]["description"]) == (
        "Europe/London",
        "Kubernetes, databases, queues, deployments.",
    )


def test_who_am_i(sandbox: Sandbox) -> None:
    reply = ask(sandbox, "GET /users/me")
    assert reply.status == 400
    assert reply.json["error"].startswith("Because this request was made using an account-level access token")
    me = ask(sandbox, "GET /users/me", headers={"Authorization": f"Token token={USER_TOKEN}"})
    assert (me.status, me.json["user"]["email"]) == (200, "ada@example.com")


@pytest.mark.parametrize(
    "path",
    [
        "/services/PNOSUCH",
        "/escalation_policies/PNOSUCH",
        "/users/PNOSUCH",
        "/incidents/QNOSUCH",
        "/incidents/types/x",
        "/x",
    ],
)
def test_what_is_not_there_is_404(sandbox: Sandbox, path: str) -> None:
    reply = ask(sandbox, f"GET {path}")
    assert (reply.status, reply.json) == (404, {"error": {"message": "Not Found", "code": 2100}})


def test_a_service_includes_what_was_asked_for(sandbox: Sandbox) -> None:
    path = f"GET /services/{id_of(sandbox, 'services', 'Checkout API')}"
    plain = ask(sandbox, path).json["service"]
    assert (plain["escalation_policy"]["type"], plain["teams"][0]["type"]) == (
        "escalation_policy_reference",
        "team_reference",
    )
    full = ask(sandbox, f"{path}?include[]=escalation_policies&include[]=teams").json["service"]
    assert full["escalation_policy"]["num_loops"] == 2
    assert full["teams"][0]["type"] == "team"


def test_priorities_never_tell_their_total(sandbox: Sandbox) -> None:
    answer = ask(sandbox, "GET /priorities?total=true").json
    assert ([row["name"] for row in answer["priorities"]], answer["total"]) == (["P1", "P2", "P3", "P4", "P5"], None)
    sandbox.account.priorities.clear()
    assert ask(sandbox, "GET /priorities").status == 404  # the feature is off


def test_an_ability_that_is_missing(sandbox: Sandbox) -> None:
    assert "teams" in ask(sandbox, "GET /abilities").json["abilities"]
    assert len(ask(sandbox, "GET /teams").json["teams"]) == 10
    sandbox.account.abilities.remove("teams")
    reply = ask(sandbox, "GET /teams")
    assert (reply.status, reply.json) == (402, {"error": {"message": "Missing Account Ability", "code": 2014}})


def test_types_and_their_fields(sandbox: Sandbox) -> None:
    def types(query: str) -> list[str]:
        return [row["name"] for row in ask(sandbox, f"GET /incidents/types{query}").json["incident_types"]]

    assert types("") == ["incident_default", "major_incident", "security_incident"]
    assert types("?filter=disabled") == ["drill"]
    assert len(types("?filter=all")) == 4
    major = ask(sandbox, "GET /incidents/types/major_incident").json["incident_type"]
    assert ask(sandbox, f"GET /incidents/types/{major['id']}").json["incident_type"] == major
    assert (major["display_name"], major["parent"]["type"]) == ("Major Incident", "incident_type_reference")
    fields = ask(sandbox, "GET /incidents/types/major_incident/custom_fields").json["fields"]
    assert [row["name"] for row in fields][:2] == ["environment", "affected_regions"]
    assert "field_options" not in fields[0]
    (first, *_) = ask(sandbox, "GET /incidents/types/major_incident/custom_fields?include[]=field_options").json[
        "fields"
    ]
    assert [option["data"]["value"] for option in first["field_options"]] == ["production", "staging"]
    assert ask(sandbox, "GET /incidents/types/incident_default/custom_fields").json == {"fields": []}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["Renewal of the root certificate", "Migration to the new storage", "New firmware"]),
        ("?filter=past", ["Renewal of the root certificate"]),
        ("?filter=ongoing", ["Migration to the new storage"]),
        ("?filter=future", ["New firmware"]),
        ("?filter=open", ["Migration to the new storage", "New firmware"]),
    ],
)
def test_maintenance_windows(sandbox: Sandbox, query: str, expected: list[str]) -> None:
    assert names(sandbox, f"/maintenance_windows{query}", "maintenance_windows") == expected


def test_the_maintenance_of_one_service(sandbox: Sandbox) -> None:
    warehouse, vpn = id_of(sandbox, "services", "Data Warehouse"), id_of(sandbox, "services", "VPN")
    path = f"/maintenance_windows?filter=ongoing&service_ids[]={warehouse}&include[]=services"
    (window,) = ask(sandbox, f"GET {path}").json["maintenance_windows"]
    assert (window["services"][0]["status"], window["created_by"]["summary"]) == ("maintenance", "Ada Byron")
    assert names(sandbox, f"/maintenance_windows?service_ids[]={vpn}", "maintenance_windows") == []


def oncalls(sandbox: Sandbox, query: str) -> list[dict[str, Any]]:
    return list(ask(sandbox, f"GET /oncalls?limit=100&{query}").json["oncalls"])


def test_who_is_on_call(sandbox: Sandbox) -> None:
    payments = id_of(sandbox, "escalation_policies", "Payments")
    rows = oncalls(sandbox, f"escalation_policy_ids[]={payments}&include[]=users")
    assert [row["escalation_level"] for row in rows] == [1, 2, 3]
    assert rows[0]["user"] in sandbox.on_call(payments)
    assert rows[0]["schedule"]["summary"] == "Payments primary"
    assert rows[0]["start"] < rows[0]["end"]
    assert (rows[2]["user"]["name"], rows[2]["schedule"], rows[2]["start"], rows[2]["end"]) == (
        "Grace Okafor",
        None,
        None,
        None,
    )
    assert {row["user"]["summary"] for row in rows[:2]} == {"José Álvarez", "Zoë Müller"}
    nobody = id_of(sandbox, "escalation_policies", "Suppliers (nobody on call)")
    assert oncalls(sandbox, f"escalation_policy_ids[]={nobody}") == []
    support = id_of(sandbox, "escalation_policies", "Customer Support")
    assert [row["escalation_level"] for row in oncalls(sandbox, f"escalation_policy_ids[]={support}")] == [2]


def test_who_is_on_call_in_a_month(sandbox: Sandbox) -> None:
    payments = id_of(sandbox, "escalation_policies", "Payments")
    start = sandbox.clock.now()
    sandbox.clock.advance(days=20)
    until = sandbox.clock.now()
    sandbox.clock.advance(days=-20)
    span = f"escalation_policy_ids[]={payments}&since={start:%Y-%m-%dT%H:%M:%SZ}&until={until:%Y-%m-%dT%H:%M:%SZ}"
    rows = [row for row in oncalls(sandbox, span) if row["escalation_level"] == 1]
    assert len(rows) in {3, 4}
    assert [row["start"] for row in rows] == sorted(row["start"] for row in rows)
    assert len({row["user"]["id"] for row in rows[:2]}) == 2
    earliest = [row for row in oncalls(sandbox, f"{span}&earliest=true") if row["escalation_level"] == 1]
    assert earliest == rows[:2]
    assert ask(sandbox, "GET /oncalls?since=yesterday").json["error"]["code"] == 2004


def test_on_calls_are_filtered(sandbox: Sandbox) -> None:
    peter = id_of(sandbox, "users", "Peter van den Berg")
    rows = oncalls(sandbox, f"user_ids[]={peter}&schedule_ids[]=null")
    assert {row["escalation_policy"]["summary"] for row in rows} == {"Security", "Incident Managers", "Management"}
    schedule = id_of(sandbox, "schedules", "Payments primary")
    assert len(oncalls(sandbox, f"schedule_ids[]={schedule}")) == 1
    assert oncalls(sandbox, f"user_ids[]={peter}&schedule_ids[]={schedule}") == []


def test_schedules(sandbox: Sandbox) -> None:
    rows = ask(sandbox, "GET /schedules?query=payments").json["schedules"]
    assert [row["name"] for row in rows] == ["Payments primary", "Payments secondary"]
    assert [policy["summary"] for policy in rows[0]["escalation_policies"]] == ["Payments"]


def found(sandbox: Sandbox, query: str) -> list[int]:
    return [row["incident_number"] for row in ask(sandbox, f"GET /incidents?{query}").json["incidents"]]


def test_incidents_are_found(sandbox: Sandbox) -> None:
    p1 = id_of(sandbox, "priorities", "P1")
    first = create(sandbox, incident_key="till-42", priority={"id": p1})
    second = create(sandbox, "VPN", urgency="low", incident_key="till-42")
    ask(sandbox, f"PUT /incidents/{second['id']}", {"incident": {"type": "incident", "status": "resolved"}})
    third = create(sandbox, "VPN")
    vpn, (person,) = second["service"]["id"], [item["assignee"]["id"] for item in first["assignments"]]
    assert found(sandbox, "") == [1, 2, 3]
    assert found(sandbox, "incident_key=till-42") == [1, 2]
    assert found(sandbox, "incident_key=") == [1, 2, 3]  # empty: no filter
    key = f"incident_key=till-42&service_ids[]={vpn}&date_range=all&limit=1"
    assert found(sandbox, key) == [2]
    assert found(sandbox, f"{key}&statuses[]=triggered&statuses[]=acknowledged") == []
    assert found(sandbox, f"service_ids[]={vpn}&statuses[]=triggered&statuses[]=acknowledged") == [3]
    assert found(sandbox, "urgencies[]=low") == [2]
    assert found(sandbox, f"user_ids[]={person}") == [1]
    assert found(sandbox, f"priority_ids[]={p1}") == [1]
    assert found(sandbox, f"priorities[]={p1}") == [1, 2, 3]  # not a filter of PagerDuty's
    assert found(sandbox, f"team_ids[]={third['teams'][0]['id']}") == [2, 3]
    assert found(sandbox, "sort_by=incident_number:desc") == [3, 2, 1]
    assert found(sandbox, "sort_by=urgency:desc,incident_number:desc") == [2, 3, 1]


def test_what_is_older_than_a_month_is_out_of_sight(sandbox: Sandbox) -> None:
    create(sandbox, incident_key="old")
    sandbox.clock.advance(days=40)
    create(sandbox)
    assert found(sandbox, "") == [2]
    assert found(sandbox, "incident_key=old") == []
    assert found(sandbox, "incident_key=old&date_range=all") == [1]
    now = sandbox.clock.now()
    assert found(sandbox, f"since={now.replace(year=now.year - 1):%Y-%m-%d}&until={now:%Y-%m-%d}&date_range=all") == [
        1,
        2,
    ]
    for query, code in (
        ("since=2020-01-01", 2005),
        ("since=x", 2004),
        ("since=2026-02-01&until=2026-01-01", 2005),
        ("until=0001-01-01", 2004),
    ):
        assert ask(sandbox, f"GET /incidents?{query}").json["error"]["code"] == code


def test_an_incident_by_id_and_by_number(sandbox: Sandbox) -> None:
    incident = create(sandbox, body={"type": "incident_body", "details": "x"})
    by_number = ask(sandbox, "GET /incidents/1").json["incident"]
    assert by_number == ask(sandbox, f"GET /incidents/{incident['id']}").json["incident"]
    assert by_number == {**{key: incident[key] for key in incident if key != "body"}, "resolve_reason": None}
    include = "include[]=body&include[]=assignees&include[]=services&include[]=first_trigger_log_entries"
    full = ask(sandbox, f"GET /incidents/1?{include}").json["incident"]
    assert full["body"] == {"details": "x"}
    assert full["service"]["status"] == "critical"
    assert "@" in full["assignments"][0]["assignee"]["email"]
    assert full["first_trigger_log_entry"]["type"] == "trigger_log_entry"
