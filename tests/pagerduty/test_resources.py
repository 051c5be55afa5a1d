"""What is read of PagerDuty's answers holds only what can be stored, sent on and shown."""

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from incidentportal.pagerduty.resources import Acknowledgement, Incident, MaintenanceWindow, OnCall, Reference
from tests.pagerduty.test_reading import ANY_JSON, ANY_TEXT

READ: list[Callable[[Any], Any]] = [
    Reference.read,
    Acknowledgement.read,
    Incident.read,
    OnCall.read,
    MaintenanceWindow.read,
]
ADA = {"id": "PADA", "type": "user_reference", "summary": "Ada Byron"}
WHOLE = {
    "incident_key": "till-42",
    "id": "Q1",
    "incident_number": 42,
    "title": "Checkout down",
    "status": "triggered",
    "urgency": "high",
    "html_url": "https://acme.pagerduty.com/incidents/Q1",
    "created_at": "2026-11-24T02:00:00Z",
    "service": {"id": "S1", "type": "service_reference", "summary": "Checkout"},
    "priority": {"id": "P1", "summary": "P1"},
    "assignments": [{"at": "2026-11-24T02:00:00Z", "assignee": ADA}],
    "assigned_via": "escalation_policy",
    "acknowledgements": [{"at": "2026-11-24T02:05:00Z", "acknowledger": ADA}],
}
ON_CALL = {
    "escalation_policy": {"id": "PPOL"},
    "escalation_level": 2,
    "user": ADA,
    "schedule": {"id": "PSCHED", "summary": "Primary"},
    "start": None,
    "end": "2026-11-25T02:00:00Z",
}
WINDOW = {"start_time": "2026-11-24T02:00:00Z", "end_time": "2026-11-24T03:00:00Z", "description": "Update"}
ODD = "a\0b\ud800c"


def with_every_text(value: Any, text: str) -> Any:
    """The same JSON with this text added to each text in it, names of keys left alone."""
    if isinstance(value, dict):
        return {name: with_every_text(item, text) for name, item in value.items()}
    if isinstance(value, list):
        return [with_every_text(item, text) for item in value]
    return value + text if isinstance(value, str) else value


def mutated(whole: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Documented rows with any part replaced by anything."""
    return st.dictionaries(st.sampled_from(list(whole)), ANY_JSON | ANY_TEXT).map(lambda changes: {**whole, **changes})


ANY_ROW = ANY_JSON | mutated(WHOLE) | mutated(ON_CALL) | mutated(WINDOW) | mutated(ADA)


def texts_in(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, item in value.items():
            yield from (name, *texts_in(item))
    elif isinstance(value, list | tuple):
        for item in value:
            yield from texts_in(item)
    elif isinstance(value, str):
        yield value


@given(ANY_ROW)
@example(with_every_text(WHOLE, ODD))
@example(with_every_text(ON_CALL, ODD))
@example({**WINDOW, "description": ODD})
@example({**WHOLE, "summary": ODD, "title": None, "odd": {ODD: ODD}})
@example({**WHOLE, "html_url": f"https://acme.pagerduty.com/{ODD}"})
@example({**ADA, "summary": ODD})
@example({"at": None, "acknowledger": {"id": "PADA", "summary": ODD}})
def test_every_text_can_be_stored_and_shown(raw: Any) -> None:
    for read in READ:
        found = read(raw)
        for text in texts_in(asdict(found) if found else {}):
            assert text.encode().decode() == text
            assert "\0" not in text


@given(ANY_ROW)
@example(with_every_text(WHOLE, ODD))
@example({**WHOLE, "odd": float("nan")})
def test_what_is_stored_of_an_incident_makes_it_again(raw: Any) -> None:
    found = Incident.read(raw)
    stored = json.loads(json.dumps(found.raw, allow_nan=False))
    assert stored == found.raw
    assert Incident.read(stored) == found


@given(ANY_ROW)
@example({**WHOLE, "html_url": "javascript:alert(1)"})
@example({**WHOLE, "incident_number": "42"})
@example({**WHOLE, "incident_number": True})
def test_an_incident_holds_what_its_types_say(raw: Any) -> None:
    found = Incident.read(raw)
    assert found.url == "" or found.url.startswith(("http://", "https://"))
    assert found.number is None or 0 < found.number < 2**31
    assert isinstance(found.number, int | None) and not isinstance(found.number, bool)
    assert found.created_at is None or found.created_at.tzinfo is not None
    assert all(assignee.name for assignee in found.assignees)


def test_a_whole_incident() -> None:
    ada = Reference("PADA", "Ada Byron")
    assert Incident.read(WHOLE) == Incident(
        id="Q1",
        number=42,
        key="till-42",
        title="Checkout down",
        status="triggered",
        urgency="high",
        url="https://acme.pagerduty.com/incidents/Q1",
        created_at=datetime(2026, 11, 24, 2, tzinfo=UTC),
        service=Reference("S1", "Checkout"),
        priority=Reference("P1", "P1"),
        assignees=(ada,),
        assigned_via="escalation_policy",
        acknowledgements=(Acknowledgement(ada, datetime(2026, 11, 24, 2, 5, tzinfo=UTC)),),
        raw=WHOLE,
    )


def test_an_incident_of_nothing() -> None:
    nothing = Reference("", "")
    assert Incident.read("text") == Incident("", None, "", "", "", "", "", None, nothing, nothing, (), "", (), {})


@pytest.mark.parametrize("odd", ["text", 7, None, ["S1"], {"id": 7, "summary": 7}], ids=repr)
def test_a_reference_that_is_none(odd: Any) -> None:
    found = Incident.read({**WHOLE, "service": odd, "priority": odd, "assignments": [odd, {"assignee": odd}]})
    assert (found.service, found.priority, found.assignees) == (Reference("", ""), Reference("", ""), ())


@pytest.mark.parametrize("odd", [None, 7, ["VPN"], {}], ids=["null", "number", "list", "object"])
def test_a_title_that_is_not_text_is_empty(odd: Any) -> None:
    assert Incident.read({**WHOLE, "title": odd}).title == ""


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ({"id": "P1", "summary": " Ada\n Byron "}, "Ada Byron"),
        ({"id": "P1", "name": "Ada"}, "Ada"),
        ({"id": "P1", "summary": 7}, "P1"),
    ],
)
def test_a_reference_is_called_by_its_id_where_it_has_no_name(raw: Any, name: str) -> None:
    assert Reference.read(raw) == Reference("P1", name)


@pytest.mark.parametrize(
    ("status", "is_open"),
    [("triggered", True), ("acknowledged", True), ("resolved", False), (None, False), ({}, False)],
)
def test_what_is_open(status: Any, is_open: bool) -> None:
    assert Incident.read({**WHOLE, "status": status}).is_open is is_open


def test_a_row_of_on_calls() -> None:
    until = datetime(2026, 11, 25, 2, tzinfo=UTC)
    assert OnCall.read(ON_CALL) == OnCall("PPOL", 2, "PADA", "Ada Byron", "Primary", until)
    assert OnCall.read({**ON_CALL, "schedule": None, "end": None}) == OnCall("PPOL", 2, "PADA", "Ada Byron", "", None)
    assert OnCall.read(None) == OnCall("", 0, "", "", "", None)


def test_a_maintenance_window() -> None:
    start, end = datetime(2026, 11, 24, 2, tzinfo=UTC), datetime(2026, 11, 24, 3, tzinfo=UTC)
    assert MaintenanceWindow.read(WINDOW) == MaintenanceWindow(start, end, "Update")
    assert MaintenanceWindow.read({**WINDOW, "end_time": "soon"}) is None
