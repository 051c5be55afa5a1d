"""What PagerDuty sends becomes what we store, whatever is wrong with it."""

from typing import Any

import pytest

from incidentportal.directory.models import MIRROR, EscalationPolicy, Person, Priority, Service

LONG = "Überlänge <b>&amp;</b> שלום 🔥 " * 20


@pytest.mark.parametrize("kind", MIRROR)
@pytest.mark.parametrize("pk", [None, "", 7, "a/b", "..", "x" * 65, {"id": "P1"}, "P 1"])
def test_what_has_no_usable_id_is_passed_over(kind: str, pk: Any) -> None:
    assert MIRROR[kind].read({"id": pk, "name": "N"}) is None


@pytest.mark.parametrize("kind", MIRROR)
def test_an_id_is_enough(kind: str) -> None:
    columns = MIRROR[kind].read({"id": "P1"})
    assert columns is not None
    assert (columns["id"], columns["name"], columns["html_url"]) == ("P1", "P1", "")


NONSENSE: list[Any] = [
    *(None, 7, True, float("nan"), "text", "a\x00b"),
    *([], {}, [None], [7], [{}], {"id": None}, {"id": {"id": 1}}),
]
FIELDS = [
    *("name", "summary", "description", "html_url", "status", "escalation_policy", "incident_urgency_rule"),
    *("support_hours", "scheduled_actions", "teams", "email", "time_zone", "role", "job_title", "color", "order"),
    *("display_name", "enabled", "escalation_rules", "num_loops"),
]


@pytest.mark.parametrize("kind", MIRROR)
@pytest.mark.parametrize("nonsense", NONSENSE, ids=repr)
def test_nonsense_in_any_field_breaks_nothing(kind: str, nonsense: Any) -> None:
    for field in FIELDS:
        columns = MIRROR[kind].read({"id": "P1", "name": "N", field: nonsense, "not known": nonsense})
        assert columns is not None
        assert "\x00" not in str(columns)


def test_a_name_is_one_line_and_otherwise_as_it_came() -> None:
    columns = Service.read({"id": "P1", "name": f" {LONG}\n ", "html_url": "javascript:alert(1)"})
    assert columns is not None
    assert columns["name"] == LONG.strip()
    assert columns["html_url"] == ""


def test_addresses_that_are_secrets_are_not_stored() -> None:
    raw = {"id": "P1", "name": "A", "avatar_url": "https://secret", "personal_http_cal_url": "https://secret"}
    assert "secret" not in str(Person.read(raw))


@pytest.mark.parametrize(
    ("color", "stored"),
    [("A8171C", "a8171c"), ("#a8171c", "a8171c"), ("red", ""), ("a8171c;x", ""), (None, ""), ("a8171", "")],
)
def test_a_color_is_six_hexadecimal_digits_or_nothing(color: Any, stored: str) -> None:
    columns = Priority.read({"id": "P1", "name": "P1", "color": color})
    assert columns is not None
    assert columns["color"] == stored


@pytest.mark.parametrize("strategy", ["round_robin", {"type": "round_robin"}, [{"type": "round_robin"}]])
def test_a_level_says_whom_it_pages_and_how(strategy: Any) -> None:
    targets = [
        {"id": "PU1", "type": "user_reference", "summary": "Ada"},
        {"id": "PS1", "type": "schedule_reference", "summary": "Nights"},
        {"id": "PS2", "type": "v3_schedule_reference", "summary": "Days"},
        {"type": "user_reference"},
    ]
    rule = {
        "id": "PR1",
        "escalation_delay_in_minutes": 30,
        "escalation_rule_assignment_strategy": strategy,
        "targets": targets,
    }
    columns = EscalationPolicy.read({"id": "PE1", "escalation_rules": [rule], "num_loops": 2})
    assert columns is not None
    named = [("PU1", "user", "Ada"), ("PS1", "schedule", "Nights"), ("PS2", "schedule", "Days")]
    expected = [{"id": pk, "type": kind, "name": name} for pk, kind, name in named]
    assert columns["rules"] == [{"id": "PR1", "delay_minutes": 30, "strategy": "round_robin", "targets": expected}]
    assert columns["num_loops"] == 2
