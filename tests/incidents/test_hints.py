"""What the answers mean, said beside each field: the same sentences as the verdict's."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from incidentportal.directory.urgency import OwnUrgency
from incidentportal.incidents.outlook.hints import hints_on
from incidentportal.incidents.outlook.paging_path import Responder
from incidentportal.incidents.outlook.situation import Situation
from incidentportal.incidents.outlook.verdict import verdict_on

NOW = datetime(2026, 11, 24, 2, 12, tzinfo=UTC)  # 03:12 in Berlin
IN_TWO_HOURS = NOW + timedelta(hours=2)
ME = Responder("ME", "Radia Perlman", None, "")
ADA = Responder("ADA", "Ada Byron", None, "")
CHECKOUT = Situation(
    now=NOW, sender_id="ME", zone="Europe/Berlin", service_name="Checkout", own_policy_name="Payments", urgency="high"
)
POLICY = ("info", "Its escalation policy: Payments.")


def hints(name: str, situation: Situation = CHECKOUT, **changes: Any) -> list[tuple[str, str]]:
    return [(hint.tone, hint.sentence) for hint in hints_on(replace(situation, **changes))[name]]


def test_an_empty_form_says_nothing() -> None:
    assert hints_on(Situation(now=NOW)) == {"service": [], "urgency": [], "assignees": []}


def test_a_service_says_its_escalation_policy() -> None:
    assert hints("service") == [POLICY]
    assert hints("service", own_policy_name="") == [("info", "Its escalation policy: unknown.")]


def test_maintenance_is_said_as_the_verdict_says_it() -> None:
    situation = replace(CHECKOUT, is_in_maintenance=True, maintenance_until=IN_TWO_HOURS)
    assert hints("service", situation) == [POLICY, ("warning", verdict_on(situation).sentence)]
    assert "In maintenance until 05:12 in Berlin" in verdict_on(situation).sentence


def test_a_disabled_service_has_its_error_and_no_hints() -> None:
    assert hints("service", disabled_reason="This service is disabled in PagerDuty.") == []
    assert hints("urgency", disabled_reason="This service is disabled in PagerDuty.", urgency="") == []


OWN = {
    "high": (OwnUrgency("high"), "The service decides: high urgency."),
    "low": (OwnUrgency("low"), "The service decides: low urgency."),
    "it changes, in the sender's own time zone": (
        OwnUrgency("high", IN_TWO_HOURS, "low"),
        "The service decides: high urgency until 05:12 in Berlin, then low.",
    ),
    "open incidents are raised too": (
        OwnUrgency("low", IN_TWO_HOURS, "high", raises_open=True),
        "The service decides: low urgency until 05:12 in Berlin, then high, also for incidents that are still open.",
    ),
    "by severity": (
        OwnUrgency("high", is_by_severity=True),
        "The service decides by severity. A manual report has none, so high urgency is expected.",
    ),
    "support hours that cannot be read": (
        OwnUrgency("high", are_hours_unreadable=True),
        "The service decides: high urgency, because its support hours cannot be read.",
    ),
}


@pytest.mark.parametrize(("own", "sentence"), OWN.values(), ids=OWN)
def test_an_urgency_that_is_left_to_the_service(own: OwnUrgency, sentence: str) -> None:
    assert hints("urgency", urgency="", own_urgency=own) == [("info", sentence)]


def test_an_urgency_that_is_chosen() -> None:
    assert hints("urgency", urgency="high") == []
    assert hints("urgency", urgency="low") == [
        ("warning", "Low urgency does not escalate automatically: nobody is notified after level 1.")
    ]


def test_assigning_yourself() -> None:
    assert hints("assignees", assignees=(ME,)) == [
        ("warning", "You are assigning yourself: the incident starts acknowledged, and you are not notified.")
    ]


@pytest.mark.parametrize("urgency", ["high", "low"])
def test_an_assignee_is_told_of_as_in_the_verdict(urgency: str) -> None:
    situation = replace(CHECKOUT, assignees=(ADA,), urgency=urgency)
    assert hints("assignees", situation) == [("warning", verdict_on(situation).sentence)]


def test_assigning_yourself_and_somebody_else() -> None:
    situation = replace(CHECKOUT, assignees=(ADA, ME))
    only, too = hints("assignees", situation)
    assert only == ("warning", "Pages only you and Ada Byron; nobody else is paged if you miss it.")
    assert verdict_on(situation).needs_confirmation.startswith(too[1])


def test_a_policy_and_an_assignee_have_their_errors_and_no_hint() -> None:
    assert hints("assignees", assignees=(ADA,), is_both=True) == []
