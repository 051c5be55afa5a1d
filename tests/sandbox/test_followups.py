"""What is added to an incident afterwards: notes, field values, responders, subscribers, status updates."""

from typing import Any

import pytest

from sandbox import Sandbox
from tests.sandbox.base import ask, create, id_of, log_of


def test_notes(sandbox: Sandbox) -> None:
    path = f"/incidents/{create(sandbox)['id']}/notes"
    reply = ask(sandbox, f"POST {path}", {"note": {"content": "Bank says: theirs."}})
    note = reply.json["note"]
    assert (reply.status, note["content"], note["user"]["summary"]) == (200, "Bank says: theirs.", "Ada Byron")
    assert note["channel"] == {"summary": "The PagerDuty website or APIs"}
    assert ask(sandbox, f"GET {path}").json == {"notes": [note]}
    assert log_of(sandbox, sandbox.incidents[0])[-1]["type"] == "annotate_log_entry"
    for content in ("", None):
        empty = ask(sandbox, f"POST {path}", {"note": {"content": content}})
        expected = {
            "error": {"message": "Invalid Input Provided", "code": 2001, "errors": ["Content cannot be empty."]}
        }
        assert (empty.status, empty.json) == (400, expected)
    assert ask(sandbox, f"POST {path}", {"note": {"content": "x"}}, {"From": None}).json["error"]["code"] == 2016
    assert ask(sandbox, "GET /incidents/QNOSUCH/notes").status == 404


def values(sandbox: Sandbox, incident: dict[str, Any]) -> dict[str, Any]:
    listed = ask(sandbox, f"GET /incidents/{incident['id']}/custom_fields/values").json["custom_fields"]
    return {item["name"]: item["value"] for item in listed}


def test_field_values(sandbox: Sandbox) -> None:
    incident = create(sandbox, incident_type={"name": "major_incident"})
    path = f"PUT /incidents/{incident['id']}/custom_fields/values"
    assert values(sandbox, incident)["environment"] == "production"
    regions = {"id": id_of(sandbox, "custom_fields", "affected_regions"), "value": ["EMEA", "APAC"]}
    changes = [{"name": "environment", "value": "staging"}, {"name": "customers_affected", "value": 40}, regions]
    reply = ask(sandbox, path, {"custom_fields": changes}, {"From": None})
    assert (reply.status, reply.json["custom_fields"][0]["type"]) == (201, "field_value")
    expected = {"environment": "staging", "affected_regions": ["EMEA", "APAC"], "customers_affected": 40}
    assert values(sandbox, incident) == {**expected, "is_public": None, "runbook": None}
    ask(sandbox, path, {"custom_fields": [{"name": "environment", "value": None}]})
    assert values(sandbox, incident)["environment"] is None
    assert values(sandbox, incident)["customers_affected"] == 40


@pytest.mark.parametrize(
    ("change", "detail"),
    [
        ({"name": "nonsense", "value": "x"}, "field.name: doesn't match any valid key"),
        ({"value": "x"}, "field.name: doesn't match any valid key"),
        ({"name": "environment", "value": "qa"}, "environment: is not one of the options"),
        ({"name": "environment", "value": ["production"]}, "environment: has the wrong type"),
        ({"name": "affected_regions", "value": "EMEA"}, "affected_regions: has the wrong type"),
        ({"name": "affected_regions", "value": ["Mars"]}, "affected_regions: is not one of the options"),
        ({"name": "customers_affected", "value": "many"}, "customers_affected: has the wrong type"),
        ({"name": "customers_affected", "value": True}, "customers_affected: has the wrong type"),
        ({"name": "is_public", "value": "yes"}, "is_public: has the wrong type"),
    ],
)
def test_field_values_that_do_not_fit_change_nothing(sandbox: Sandbox, change: dict[str, Any], detail: str) -> None:
    incident = create(sandbox, incident_type={"name": "major_incident"})
    changes = [{"name": "runbook", "value": "https://wiki.example.com/"}, change]
    reply = ask(sandbox, f"PUT /incidents/{incident['id']}/custom_fields/values", {"custom_fields": changes})
    assert (reply.status, reply.json["error"]["errors"]) == (400, [detail])
    assert values(sandbox, incident)["runbook"] is None


def test_the_usual_type_has_no_fields(sandbox: Sandbox) -> None:
    assert values(sandbox, create(sandbox)) == {}


def responders(sandbox: Sandbox, target: Any, **changes: Any) -> dict[str, Any]:
    ada = id_of(sandbox, "users", "Ada Byron")
    return {"requester_id": ada, "message": "Help", "responder_request_targets": [target], **changes}


def test_responders(sandbox: Sandbox) -> None:
    path = f"POST /incidents/{create(sandbox)['id']}/responder_requests"
    sam = {"id": id_of(sandbox, "users", "Sam Tan"), "type": "user_reference"}
    reply = ask(sandbox, path, responders(sandbox, {"responder_request_target": sam}), {"From": None})
    asked = reply.json["responder_request"]
    assert (reply.status, asked["requester"]["summary"], asked["message"]) == (200, "Ada Byron", "Help")
    (target,) = [item["responder_request_target"] for item in asked["responder_request_targets"]]
    assert (target["type"], target["id"]) == ("user", sam["id"])
    assert [item["state"] for item in target["incidents_responders"]] == ["pending"]
    incident = ask(sandbox, "GET /incidents/1").json["incident"]
    assert [item["user"]["summary"] for item in incident["incidents_responders"]] == ["Sam Tan"]
    policy = {"id": id_of(sandbox, "escalation_policies", "Network"), "type": "escalation_policy_reference"}
    assert ask(sandbox, path, responders(sandbox, {"responder_request_target": policy})).status == 200


def test_malformed_responder_requests(sandbox: Sandbox) -> None:
    path = f"POST /incidents/{create(sandbox)['id']}/responder_requests"
    sam = {"id": id_of(sandbox, "users", "Sam Tan"), "type": "user_reference"}
    wrapped = {"responder_request_target": sam}
    cases: list[tuple[dict[str, Any], int, int]] = [
        (responders(sandbox, sam), 404, 2100),  # not wrapped
        (responders(sandbox, {"responder_request_target": {"id": sam["id"]}}), 403, 2010),  # without a type
        (responders(sandbox, {"responder_request_target": {**sam, "id": "PNOSUCH"}}), 404, 2100),
        (responders(sandbox, wrapped, requester_id="PNOSUCH"), 404, 2100),
    ]
    for body, status, code in cases:
        reply = ask(sandbox, path, body)
        assert (reply.status, reply.json["error"]["code"]) == (status, code)
    sandbox.account.abilities.remove("coordinated_responding")
    assert ask(sandbox, path, responders(sandbox, wrapped)).status == 402


def test_subscribers(sandbox: Sandbox) -> None:
    path = f"POST /incidents/{create(sandbox)['id']}/status_updates/subscribers"
    listed = [
        {"subscriber_id": id_of(sandbox, "users", "Sam Tan"), "subscriber_type": "user"},
        {"subscriber_id": id_of(sandbox, "teams", "Network"), "subscriber_type": "team"},
        {"subscriber_id": "PNOSUCH", "subscriber_type": "user"},
    ]
    reply = ask(sandbox, path, {"subscribers": listed})
    assert reply.headers["content-type"] == "application/vnd.pagerduty+json; charset=UTF-8"
    assert [item["result"] for item in reply.json["subscriptions"]] == ["success", "success", "unauthorized"]
    again = ask(sandbox, path, {"subscribers": listed[:1]}).json["subscriptions"]
    assert [item["result"] for item in again] == ["duplicate"]


def test_status_updates(sandbox: Sandbox) -> None:
    path = f"POST /incidents/{create(sandbox)['id']}/status_updates"
    reply = ask(sandbox, path, {"message": "We are on it."})
    assert (reply.status, reply.json["status_update"]["sender"]["summary"]) == (200, "Ada Byron")
    assert ask(sandbox, path, {"message": ""}).status == 400


@pytest.mark.parametrize(
    "odd", [7, "x", [], {}, [None], [{"id": []}], [{"name": {}}], {"content": []}, [{"subscriber_id": []}]]
)
def test_odd_bodies_never_break_the_connection(sandbox: Sandbox, odd: Any) -> None:
    path = f"/incidents/{create(sandbox)['id']}"
    ada = id_of(sandbox, "users", "Ada Byron")
    bodies: list[tuple[str, Any]] = [
        (f"POST {path}/notes", {"note": odd}),
        (f"PUT {path}/custom_fields/values", {"custom_fields": odd}),
        (f"POST {path}/responder_requests", {"requester_id": odd}),
        (f"POST {path}/responder_requests", {"requester_id": ada, "responder_request_targets": odd}),
        (f"POST {path}/status_updates", odd),
        (f"POST {path}/status_updates/subscribers", {"subscribers": odd}),
    ]
    for call, body in bodies:
        assert ask(sandbox, call, body).status in {200, 201, 400, 403, 404}, call
