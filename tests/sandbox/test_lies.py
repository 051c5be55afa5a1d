"""Answers that look like PagerDuty's and are untrue: what the caller reads, and what the account holds."""

import json
from typing import Any

import pytest

from sandbox import Fault, Sandbox
from tests.sandbox.base import an_incident, ask, create, id_of

LIST = "GET /incidents?incident_key={key}&service_ids[]={service}&date_range=all&sort_by=created_at:desc&limit=25"


def told(sandbox: Sandbox, kind: str, call: str, body: Any = None) -> Any:
    """The answer of a call that meets this fault."""
    sandbox.faults = [Fault(kind, call="*")]
    return ask(sandbox, call, body).json


def look(sandbox: Sandbox, kind: str, key: str = "mine", service: str = "Checkout API") -> list[tuple[str, str]]:
    """The key and the service of each incident in the answer to a look-up by key."""
    call = LIST.format(key=key, service=id_of(sandbox, "services", service))
    rows = told(sandbox, kind, call)["incidents"]
    return [(row["incident_key"], row["service"]["summary"]) for row in rows]


@pytest.mark.parametrize("kind", ["other service", "other service before", "other key", "other key before"])
def test_a_creation_that_is_answered_with_another_incident(sandbox: Sandbox, kind: str) -> None:
    kafka, checkout = create(sandbox, "Kafka", incident_key="k"), create(sandbox, incident_key="c")
    other = checkout if kind.startswith("other key") else kafka
    answer = told(sandbox, kind, "POST /incidents", an_incident(sandbox, incident_key="mine"))["incident"]
    assert (answer["id"], answer["incident_key"], answer["service"]) == (
        other["id"],
        other["incident_key"],
        other["service"],
    )
    keys = [row["incident_key"] for row in sandbox.incidents]
    assert keys == ["k", "c"] if kind.endswith("before") else ["k", "c", "mine"]


@pytest.mark.parametrize(
    ("kind", "is_same_service"), [("other service before", False), ("other key", True), ("other service", False)]
)
def test_an_incident_that_exists_nowhere_where_there_is_no_other(
    sandbox: Sandbox, kind: str, is_same_service: bool
) -> None:
    answer = told(sandbox, kind, "POST /incidents", an_incident(sandbox, incident_key="mine"))["incident"]
    true = create(sandbox, incident_key="another")
    assert set(answer) == set(true)
    assert (answer["service"]["id"] == true["service"]["id"]) is is_same_service
    assert answer["incident_key"] != "mine"
    assert answer["id"] not in {row["id"] for row in sandbox.incidents}


def test_one_incident_in_place_of_another(sandbox: Sandbox) -> None:
    kafka, checkout = create(sandbox, "Kafka"), create(sandbox)
    answer = told(sandbox, "other service", f"GET /incidents/{checkout['id']}")
    assert answer["incident"]["id"] == kafka["id"]


def test_a_filter_that_is_ignored(sandbox: Sandbox) -> None:
    create(sandbox, incident_key="mine")
    sandbox.clock.advance(seconds=1)
    create(sandbox, "Kafka", incident_key="k")
    assert look(sandbox, "filter ignored") == [("k", "Kafka"), ("mine", "Checkout API")]
    assert look(sandbox, "filter ignored", key="nobody's") == [("k", "Kafka"), ("mine", "Checkout API")]
    assert look(sandbox, "empty list", key="nobody's") == []
    assert look(sandbox, "late") == [("mine", "Checkout API")]


def test_rows_that_were_not_asked_for(sandbox: Sandbox) -> None:
    create(sandbox, incident_key="mine")
    create(sandbox, "Kafka", incident_key="k")
    (key, service), (other_key, other_service), *more = look(sandbox, "other rows")
    assert (key, other_service, more) == ("mine", "Checkout API", [("k", "Kafka")])
    assert service != "Checkout API"
    assert other_key != "mine"


def test_a_list_that_is_empty_although_it_is_not(sandbox: Sandbox) -> None:
    create(sandbox, incident_key="mine")
    assert look(sandbox, "empty list") == []
    answer = told(sandbox, "empty list", "GET /services?limit=1&total=true")
    assert (answer["services"], answer["more"], answer["total"]) == ([], False, len(sandbox.account.services))


TITLE = "Card payments fail"
SPOILT = {"half surrogate": f"{TITLE} \ud83d", "nul": f"{TITLE}\0", "wrong types": {"text": TITLE}}


@pytest.mark.parametrize("kind", SPOILT)
def test_texts_that_nobody_can_store(sandbox: Sandbox, kind: str) -> None:
    answer = told(sandbox, kind, "POST /incidents", an_incident(sandbox, incident_key="mine"))["incident"]
    true = sandbox.incidents[0]
    assert (answer["title"], answer["id"], answer["incident_key"]) == (SPOILT[kind], true["id"], "mine")
    name = true["service"]["summary"]
    said = {"wrong types": name, "nul": f"{name}\0", "half surrogate": f"{name} \ud83d"}[kind]
    assert said == (answer["service"] if kind == "wrong types" else answer["service"]["summary"])
    assert true["title"] == TITLE


@pytest.mark.parametrize(
    ("kind", "said"),
    [("nul", "Title cannot be empty.\0"), ("wrong types", {"text": "Title cannot be empty."})],
)
def test_a_refusal_whose_texts_are_spoilt(sandbox: Sandbox, kind: str, said: Any) -> None:
    assert told(sandbox, kind, "POST /incidents", {"incident": {}})["error"]["errors"] == [said]


def test_half_a_character_is_sent_as_an_escape(sandbox: Sandbox) -> None:
    sandbox.faults = [Fault("half surrogate", call="*")]
    content = ask(sandbox, "GET /services?limit=1").content
    assert b"\\ud83d" in content
    assert json.loads(content)["services"][0]["name"].endswith("\ud83d")
