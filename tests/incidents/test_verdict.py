"""The verdict, as one table: what a person reads above the button, and what the button says."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incidentportal.directory.urgency import OwnUrgency
from incidentportal.incidents.outlook import cases
from incidentportal.incidents.outlook.cases import Verdict
from incidentportal.incidents.outlook.paging_path import PagingPath, Responder, path_of, responder
from incidentportal.incidents.outlook.phrases import BUTTON_LIMIT
from incidentportal.incidents.outlook.situation import Situation
from incidentportal.incidents.outlook.verdict import verdict_on
from tests.incidents.base import on_call

NOW = datetime(2026, 11, 24, 2, 12, tzinfo=UTC)  # 03:12 in Berlin
NAMES = {
    "ADA": "Ada Byron",
    "GRACE": "Grace Hopper",
    "ALAN": "Alan Turing",
    "KATHERINE": "Katherine Johnson",
    "ME": "Radia Perlman",
    "LONG": "Augusta Ada King Byron Noel Countess of Lovelace",
    "UNBROKEN": "x" * 300,
    "MARKUP": "<b>Ada</b>",
    "HEBREW": "עדה ביירון",
    "HEBREW LONG": "ש" * 40,
}
CHECKOUT = Situation(now=NOW, sender_id="ME", zone="Europe/Berlin", service_name="Checkout", policy_name="Checkout")
EMPTY = "Create it: level 1 is empty"
ANYWAY = " Create it anyway?"
REACH = "To reach somebody now, choose another escalation policy or an assignee"


def path(*levels: list[str], turns: bool = False, urgency: str = "high", ends: int | None = None) -> PagingPath:
    """A path with these people on its levels, half an hour apart; `ends` is when every shift ends, in minutes."""
    until = None if ends is None else NOW + timedelta(minutes=ends)
    rows = [on_call(n, who, NAMES[who], "Primary", until) for n, people in enumerate(levels, 1) for who in people]
    rules = [{"delay_minutes": 30, "strategy": "round_robin" if turns else "assign_to_everyone"} for _ in levels]
    return path_of(rules, rows, zones={}, num_loops=0, urgency=urgency, now=NOW)


def unknown(*levels: list[str]) -> PagingPath:
    rules = [{"delay_minutes": 30} for _ in levels]
    return path_of(rules, None, zones={}, num_loops=0, urgency="high", now=NOW)


def picked(*people: str) -> tuple[Responder, ...]:
    return tuple(responder(who, NAMES[who], "", NOW) for who in people)


def given_(found: PagingPath | None, **changes: Any) -> Situation:
    return replace(CHECKOUT, path=found, **changes)


def low(*levels: list[str], **changes: Any) -> Situation:
    return given_(path(*levels, turns=changes.pop("turns", False), urgency="low"), urgency="low", **changes)


def stale(found: PagingPath, minutes: float | None = 12, **changes: Any) -> Situation:
    return given_(found, is_last_known=True, oncall_age_minutes=minutes, **changes)


def becoming(then: str, minutes: float) -> OwnUrgency:
    return OwnUrgency("low" if then == "high" else "high", NOW + timedelta(minutes=minutes), then)


# What it is: the situation, the verdict.
CASES: dict[str, tuple[Situation, Verdict]] = {
    "nothing is chosen": (
        Situation(now=NOW),
        Verdict("idle", "Choose a service to see who will be paged.", "Page now"),
    ),
    "a disabled service": (
        given_(path(["ADA"]), disabled_reason="This service is disabled in PagerDuty."),
        Verdict(
            "danger",
            "This service is disabled in PagerDuty.",
            "Page now",
            can_submit=False,
        ),
    ),
    "a service that is gone": (
        given_(path(["ADA"]), disabled_reason="This service no longer exists in PagerDuty."),
        Verdict(
            "danger",
            "This service no longer exists in PagerDuty.",
            "Page now",
            can_submit=False,
        ),
    ),
    "an escalation policy and an assignee": (
        given_(path(["ADA"]), assignees=picked("ADA"), is_both=True),
        Verdict(
            "danger",
            "Choose an escalation policy or an assignee, not both: PagerDuty accepts only one of them.",
            "Page now",
            can_submit=False,
        ),
    ),
    "one person": (
        given_(path(["ADA"], ["GRACE"])),
        Verdict("info", "Pages Ada Byron now.", "Page Ada Byron"),
    ),
    "two people": (
        given_(path(["ADA", "GRACE"], ["ALAN"])),
        Verdict("info", "Pages Ada Byron and Grace Hopper now.", "Page Ada Byron and 1 other"),
    ),
    "three people are all named": (
        given_(path(["ADA", "GRACE", "ALAN"])),
        Verdict("info", "Pages Ada Byron, Alan Turing and Grace Hopper now.", "Page Ada Byron and 2 others"),
    ),
    "of four people two are named": (
        given_(path(["ADA", "GRACE", "ALAN", "KATHERINE"])),
        Verdict("info", "Pages Ada Byron, Alan Turing and 2 others now.", "Page Ada Byron and 3 others"),
    ),
    "you are on call yourself": (
        given_(path(["ME"], ["ADA"])),
        Verdict("info", "Pages you now.", "Page yourself"),
    ),
    "you and somebody else are on call": (
        given_(path(["ADA", "ME"], ["GRACE"])),
        Verdict("info", "Pages you and Ada Byron now.", "Page yourself and 1 other"),
    ),
    "the same person on every level": (
        given_(path(["ADA"], ["ADA"])),
        Verdict(
            "warning",
            "Pages Ada Byron now; nobody else is on call at any level.",
            "Page Ada Byron",
        ),
    ),
    "you on every level": (
        given_(path(["ME"], [], ["ME"])),
        Verdict("warning", "Pages you now; nobody else is on call at any level.", "Page yourself"),
    ),
    "round robin": (
        given_(path(["ADA", "GRACE"], ["ALAN"], turns=True)),
        Verdict("info", "Pages one of Ada Byron and Grace Hopper now (round robin).", "Page one of 2 people"),
    ),
    "a shift that has just ended": (
        given_(path(["ADA"], ["GRACE"], ends=0)),
        Verdict(
            "warning",
            "Ada Byron's shift has just ended: whoever is on call next is notified, if anybody is.",
            "Page whoever is on call",
        ),
    ),
    "your shift has just ended": (
        given_(path(["ME"], ends=0)),
        Verdict(
            "warning",
            "Your shift has just ended: whoever is on call next is notified, if anybody is.",
            "Page whoever is on call",
        ),
    ),
    "an empty first level": (
        given_(path([], ["GRACE"])),
        Verdict(
            "danger",
            "Pages nobody now: level 1 of Checkout is empty; Grace Hopper (level 2) is paged after 30 minutes.",
            EMPTY,
            needs_confirmation="Level 1 of Checkout is empty, so this may page nobody now." + ANYWAY,
            notes=[f"{REACH}.", "PagerDuty may also skip the empty level and page level 2 at once."],
        ),
    ),
    "two empty levels before several people": (
        given_(path([], [], ["ADA", "ME"])),
        Verdict(
            "danger",
            "Pages nobody now: level 1 of Checkout is empty; you and Ada Byron (level 3) are paged after 60 minutes.",
            EMPTY,
            needs_confirmation="Level 1 of Checkout is empty, so this may page nobody now." + ANYWAY,
            notes=[f"{REACH}.", "PagerDuty may also skip the empty level and page level 3 at once."],
        ),
    ),
    "an empty first level before a round robin": (
        given_(path([], ["ADA", "GRACE"], turns=True)),
        Verdict(
            "danger",
            "Pages nobody now: level 1 of Checkout is empty; "
            "one of Ada Byron and Grace Hopper (level 2) is paged after 30 minutes.",
            EMPTY,
            needs_confirmation="Level 1 of Checkout is empty, so this may page nobody now." + ANYWAY,
            notes=[f"{REACH}.", "PagerDuty may also skip the empty level and page level 2 at once."],
        ),
    ),
    "an empty first level before a shift that ends first": (
        given_(path([], ["GRACE"], ends=20)),
        Verdict(
            "danger",
            "Pages nobody now: level 1 of Checkout is empty; "
            "whoever is on call at level 2 by then (now Grace Hopper) is paged after 30 minutes.",
            EMPTY,
            needs_confirmation="Level 1 of Checkout is empty, so this may page nobody now." + ANYWAY,
            notes=[f"{REACH}.", "PagerDuty may also skip the empty level and page level 2 at once."],
        ),
    ),
    "nobody on call at all": (
        given_(path([], [])),
        Verdict(
            "danger",
            "Pages nobody: nobody is on call in Checkout, at any level.",
            "Create it: nobody is paged",
            needs_confirmation="Nobody is on call in Checkout, so this pages nobody." + ANYWAY,
            notes=[f"{REACH}, or phone somebody.", "PagerDuty may reject it."],
        ),
    ),
    "a policy without levels": (
        given_(path()),
        Verdict(
            "danger",
            "Pages nobody: nobody is on call in Checkout, at any level.",
            "Create it: nobody is paged",
            needs_confirmation="Nobody is on call in Checkout, so this pages nobody." + ANYWAY,
            notes=[f"{REACH}, or phone somebody.", "PagerDuty may reject it."],
        ),
    ),
    "low urgency": (
        low(["ADA"], ["GRACE"]),
        Verdict(
            "warning",
            "Low urgency: Ada Byron is notified quietly, then nobody else.",
            "Notify Ada Byron",
        ),
    ),
    "low urgency to several": (
        low(["ADA", "GRACE"]),
        Verdict(
            "warning",
            "Low urgency: Ada Byron and Grace Hopper are notified quietly, then nobody else.",
            "Notify Ada Byron and 1 other",
        ),
    ),
    "low urgency to yourself": (
        low(["ME"], ["ADA"]),
        Verdict("warning", "Low urgency: you are notified quietly, then nobody else.", "Notify yourself"),
    ),
    "low urgency, round robin": (
        low(["ADA", "GRACE"], turns=True),
        Verdict(
            "warning",
            "Low urgency: one of Ada Byron and Grace Hopper is notified quietly (round robin), then nobody else.",
            "Notify one of 2 people",
        ),
    ),
    "low urgency into an empty level": (
        low([], ["GRACE"]),
        Verdict(
            "danger",
            "Pages nobody: level 1 of Checkout is empty, and low urgency does not escalate automatically.",
            EMPTY,
            needs_confirmation="Level 1 of Checkout is empty, so this may never notify anybody." + ANYWAY,
            notes=[
                f"{REACH}, or choose high urgency.",
                "PagerDuty may also skip the empty level and notify level 2 at once.",
            ],
        ),
    ),
    "you assign yourself": (
        given_(path(["ADA"]), assignees=picked("ME")),
        Verdict(
            "warning",
            "You are assigning yourself: the incident starts acknowledged, and you are not notified.",
            "Take it yourself",
        ),
    ),
    "somebody who is on call is assigned": (
        given_(path(["ADA"], ["GRACE"]), assignees=picked("GRACE")),
        Verdict("info", "Pages only Grace Hopper; nobody else is paged if they miss it.", "Page Grace Hopper"),
    ),
    "somebody who is not on call is assigned": (
        given_(path(["GRACE"], ["ALAN"]), assignees=picked("ADA")),
        Verdict(
            "warning",
            "Pages only Ada Byron; nobody else is paged if they miss it.",
            "Page Ada Byron",
            needs_confirmation="Ada Byron is not on call in Checkout now; Grace Hopper is." + ANYWAY,
        ),
    ),
    "somebody is assigned while you are on call": (
        given_(path(["ME", "GRACE"]), assignees=picked("ADA")),
        Verdict(
            "warning",
            "Pages only Ada Byron; nobody else is paged if they miss it.",
            "Page Ada Byron",
            needs_confirmation="Ada Byron is not on call in Checkout now; you and Grace Hopper are." + ANYWAY,
        ),
    ),
    "somebody is assigned while nobody is on call": (
        given_(path([]), assignees=picked("ADA")),
        Verdict(
            "warning",
            "Pages only Ada Byron; nobody else is paged if they miss it.",
            "Page Ada Byron",
            needs_confirmation="Ada Byron is not on call in Checkout now; nobody is." + ANYWAY,
        ),
    ),
    "somebody is assigned who was not on call when last asked": (
        stale(path(["GRACE"]), assignees=picked("ADA")),
        Verdict(
            "warning",
            "Pages only Ada Byron; nobody else is paged if they miss it.",
            "Page Ada Byron",
            needs_confirmation="Ada Byron was not on call in Checkout when last asked; Grace Hopper was." + ANYWAY,
        ),
    ),
    "somebody is assigned and on-calls are not known": (
        given_(unknown(["ADA"]), assignees=picked("ADA"), is_last_known=True),
        Verdict(
            "warning",
            "Pages only Ada Byron; nobody else is paged if they miss it.",
            "Page Ada Byron",
            notes=["It is unknown whether Ada Byron is on call."],
        ),
    ),
    "somebody is assigned at low urgency": (
        low(["ADA"], assignees=picked("ADA")),
        Verdict("warning", "Low urgency: Ada Byron is notified quietly, then nobody else.", "Notify Ada Byron"),
    ),
    "several are assigned": (
        given_(path(["ADA", "GRACE"]), assignees=picked("ADA", "GRACE")),
        Verdict(
            "info",
            "Pages only Ada Byron and Grace Hopper; nobody else is paged if they miss it.",
            "Page Ada Byron and 1 other",
        ),
    ),
    "several are assigned, some of them not on call": (
        given_(path(["ADA"]), assignees=picked("ADA", "GRACE", "ALAN")),
        Verdict(
            "warning",
            "Pages only Ada Byron, Grace Hopper and Alan Turing; nobody else is paged if they miss it.",
            "Page Ada Byron and 2 others",
            needs_confirmation="Grace Hopper and Alan Turing are not on call in Checkout now; Ada Byron is." + ANYWAY,
        ),
    ),
    "you are assigned with somebody else": (
        given_(path(["ADA"]), assignees=picked("ADA", "ME")),
        Verdict(
            "warning",
            "Pages only you and Ada Byron; nobody else is paged if you miss it.",
            "Page yourself and 1 other",
            needs_confirmation="You are also assigning yourself: that acknowledges the incident, "
            "and PagerDuty may notify nobody." + ANYWAY,
        ),
    ),
    "on-calls are the last known": (
        stale(path(["ADA"], ["GRACE"])),
        Verdict(
            "warning",
            "Who is on call now is unknown; 12 minutes ago it was Ada Byron.",
            "Page whoever is on call",
        ),
    ),
    "on-calls are the last known, of nobody knows when": (
        stale(path(["ME"]), None),
        Verdict(
            "warning",
            "Who is on call now is unknown; when last asked it was you.",
            "Page whoever is on call",
        ),
    ),
    "on-calls are hours old, round robin": (
        stale(path(["ADA", "GRACE"], turns=True), 125),
        Verdict(
            "warning",
            "Who is on call now is unknown; 2 hours ago it was one of Ada Byron and Grace Hopper.",
            "Page whoever is on call",
        ),
    ),
    "the last known shift is over": (
        stale(path(["ADA"], ends=-1)),
        Verdict(
            "warning",
            "Who is on call now is unknown; 12 minutes ago it was Ada Byron; Ada Byron's shift has ended since.",
            "Page whoever is on call",
        ),
    ),
    "the last known first level was empty": (
        stale(path([], ["GRACE"])),
        Verdict(
            "danger",
            "Who is on call now is unknown; "
            "12 minutes ago level 1 of Checkout was empty, and level 2 was Grace Hopper.",
            "Page whoever is on call",
            needs_confirmation="Level 1 of Checkout may still be empty, so this may page nobody now." + ANYWAY,
        ),
    ),
    "nobody was on call when last asked": (
        stale(path([], [])),
        Verdict(
            "danger",
            "Who is on call now is unknown; 12 minutes ago nobody was on call in Checkout.",
            "Page whoever is on call",
            needs_confirmation="There may be nobody on call in Checkout, so this may page nobody." + ANYWAY,
        ),
    ),
    "the last known at low urgency": (
        stale(path(["ADA"], ["GRACE"]), urgency="low"),
        Verdict(
            "warning",
            "Who is on call now is unknown; 12 minutes ago it was Ada Byron.",
            "Page whoever is on call",
            notes=["Low urgency does not escalate automatically: nobody is notified after level 1."],
        ),
    ),
    "on-calls were never asked before": (
        given_(unknown(["ADA"]), is_last_known=True),
        Verdict(
            "warning",
            "Who is on call now is unknown, with no earlier answer: whoever is on call in Checkout is paged.",
            "Page whoever is on call",
        ),
    ),
    "the policy is not in the directory": (
        given_(None, policy_name=""),
        Verdict(
            "warning",
            "Who will be paged is unknown: the service's escalation policy is not in the directory.",
            "Page whoever is on call",
        ),
    ),
    "a policy without a name": (
        given_(path([]), policy_name=""),
        Verdict(
            "danger",
            "Pages nobody: nobody is on call in the escalation policy, at any level.",
            "Create it: nobody is paged",
            needs_confirmation="Nobody is on call in the escalation policy, so this pages nobody." + ANYWAY,
            notes=[f"{REACH}, or phone somebody.", "PagerDuty may reject it."],
        ),
    ),
    "maintenance with an end": (
        given_(path(["ADA"]), is_in_maintenance=True, maintenance_until=NOW + timedelta(hours=2)),
        Verdict(
            "warning",
            "In maintenance until 05:12 in Berlin: PagerDuty may create nothing and page nobody.",
            "Create it in maintenance",
            needs_confirmation="In maintenance until 05:12 in Berlin: PagerDuty may create nothing and page nobody."
            + ANYWAY,
            notes=["If it is created: Pages Ada Byron now."],
        ),
    ),
    "maintenance without an end": (
        given_(path(["ADA"]), is_in_maintenance=True),
        Verdict(
            "warning",
            "In maintenance: PagerDuty may create nothing and page nobody.",
            "Create it in maintenance",
            needs_confirmation="In maintenance: PagerDuty may create nothing and page nobody." + ANYWAY,
            notes=["If it is created: Pages Ada Byron now."],
        ),
    ),
    "maintenance whose end has passed": (
        given_(path(["ADA"]), is_in_maintenance=True, maintenance_until=NOW - timedelta(minutes=1)),
        Verdict(
            "warning",
            "In maintenance: PagerDuty may create nothing and page nobody.",
            "Create it in maintenance",
            needs_confirmation="In maintenance: PagerDuty may create nothing and page nobody." + ANYWAY,
            notes=["If it is created: Pages Ada Byron now."],
        ),
    ),
    "maintenance with nobody on call": (
        given_(path([]), is_in_maintenance=True),
        Verdict(
            "danger",
            "In maintenance: PagerDuty may create nothing and page nobody.",
            "Create it in maintenance",
            needs_confirmation="In maintenance: PagerDuty may create nothing and page nobody. "
            "Nobody is on call in Checkout, so this pages nobody." + ANYWAY,
            notes=[
                "If it is created: Pages nobody: nobody is on call in Checkout, at any level.",
                f"{REACH}, or phone somebody.",
                "PagerDuty may reject it.",
            ],
        ),
    ),
    "disabled goes before maintenance": (
        given_(path(["ADA"]), is_in_maintenance=True, disabled_reason="This service is disabled in PagerDuty."),
        Verdict(
            "danger",
            "This service is disabled in PagerDuty.",
            "Page now",
            can_submit=False,
        ),
    ),
    "another policy than the service's own": (
        given_(path(["ADA"]), policy_name="Payments", own_policy_name="Checkout", is_policy_overridden=True),
        Verdict(
            "info",
            "Pages Ada Byron now.",
            "Page Ada Byron",
            notes=["This goes to Payments instead of the service's own policy, Checkout."],
        ),
    ),
    "an assignee takes the place of any policy": (
        given_(path(["ADA"]), assignees=picked("ADA"), own_policy_name="Checkout", is_policy_overridden=True),
        Verdict("info", "Pages only Ada Byron; nobody else is paged if they miss it.", "Page Ada Byron"),
    ),
    "a policy before a service": (
        given_(path(["ADA"]), service_name="", policy_name="Payments"),
        Verdict("info", "Pages Ada Byron now.", "Page Ada Byron", notes=["The service is missing."]),
    ),
    "an assignee before a service": (
        given_(None, service_name="", assignees=picked("ADA")),
        Verdict(
            "warning",
            "Pages only Ada Byron; nobody else is paged if they miss it.",
            "Page Ada Byron",
            notes=["It is unknown whether Ada Byron is on call.", "The service is missing."],
        ),
    ),
    "no title yet": (
        given_(path(["ADA"]), is_title_missing=True),
        Verdict("info", "Pages Ada Byron now.", "Page Ada Byron", notes=["The title is missing."]),
    ),
    "the service decides by severity": (
        given_(path(["ADA"]), own_urgency=OwnUrgency("high", is_by_severity=True)),
        Verdict(
            "info",
            "Pages Ada Byron now.",
            "Page Ada Byron",
            notes=["The service decides by severity. A manual report has none, so high urgency is expected."],
        ),
    ),
    "the service decides on low": (
        given_(path(["ADA"], urgency="low"), own_urgency=OwnUrgency("low")),
        Verdict(
            "warning",
            "Low urgency: Ada Byron is notified quietly, then nobody else.",
            "Notify Ada Byron",
            notes=["The service decides: low urgency. Choose high if this cannot wait."],
        ),
    ),
    "the service will soon decide otherwise": (
        given_(path(["ADA"]), own_urgency=becoming("low", 48)),
        Verdict(
            "info",
            "Pages Ada Byron now.",
            "Page Ada Byron",
            notes=["The service decides: high urgency until 04:00 in Berlin, then low."],
        ),
    ),
    "the service will soon decide on high": (
        given_(path(["ADA"], urgency="low"), own_urgency=becoming("high", 60)),
        Verdict(
            "warning",
            "Low urgency: Ada Byron is notified quietly, then nobody else.",
            "Notify Ada Byron",
            notes=["The service decides: low urgency until 04:12 in Berlin, then high."],
        ),
    ),
    "a change of urgency that has passed": (
        given_(path(["ADA"]), own_urgency=becoming("low", -1)),
        Verdict("info", "Pages Ada Byron now.", "Page Ada Byron"),
    ),
    "the service will decide otherwise much later": (
        given_(path(["ADA"]), own_urgency=becoming("low", 61)),
        Verdict("info", "Pages Ada Byron now.", "Page Ada Byron"),
    ),
    "an urgency that was chosen is not the service's to decide": (
        given_(path(["ADA"]), urgency="high", own_urgency=becoming("high", 5)),
        Verdict("info", "Pages Ada Byron now.", "Page Ada Byron"),
    ),
    "a long name keeps its ends on the button": (
        given_(path(["LONG"])),
        Verdict("info", "Pages Augusta Ada King Byron Noel Countess of Lovelace now.", "Page Augusta Lovelace"),
    ),
    "a name of 300 letters is cut": (
        given_(path(["UNBROKEN"])),
        Verdict("info", f"Pages {'x' * 79}… now.", f"Page {'x' * 32}…"),
    ),
    "a long right-to-left name is cut to fit, with what holds it apart": (
        given_(path(["HEBREW LONG", "ME"]), sender_id="ALAN"),
        Verdict(
            "info",
            f"Pages Radia Perlman and \u2068{'ש' * 40}\u2069 now.",
            "Page Radia Perlman and 1 other",
        ),
    ),
    "a long right-to-left name alone": (
        given_(path(["HEBREW LONG"])),
        Verdict("info", f"Pages \u2068{'ש' * 40}\u2069 now.", f"Page \u2068{'ש' * 32}…\u2069"),
    ),
    "markup stays text": (
        given_(path(["MARKUP"])),
        Verdict("info", "Pages <b>Ada</b> now.", "Page <b>Ada</b>"),
    ),
    "a name that runs right to left is held apart": (
        given_(path(["HEBREW"])),
        Verdict("info", "Pages \u2068עדה ביירון\u2069 now.", "Page \u2068עדה ביירון\u2069"),
    ),
}


@pytest.mark.parametrize(("situation", "expected"), CASES.values(), ids=CASES)
def test_the_verdict(situation: Situation, expected: Verdict) -> None:
    assert verdict_on(situation) == expected


def test_every_case_speaks_somewhere() -> None:
    spoken = [next(row for row in cases.CASES if row.applies(situation)) for situation, _ in CASES.values()]
    assert set(spoken) == set(cases.CASES)


@pytest.mark.parametrize(("situation", "expected"), CASES.values(), ids=CASES)
def test_every_button_fits_on_a_phone(situation: Situation, expected: Verdict) -> None:
    assert len(expected.button) <= BUTTON_LIMIT


def test_a_page_without_a_name_still_has_a_button() -> None:
    nameless = replace(picked("ADA")[0], name="")
    assert verdict_on(given_(path(["ADA"]), assignees=(nameless,))).button == "Page somebody"


# Whatever comes: names that can be found in a sentence again, and text that nobody expects.
ids = st.sampled_from([f"P{number}" for number in range(6)])
odd = st.text(max_size=40) | st.sampled_from(["", "<b>", "\u202e", "\ud800", "👩\u200d🚒" * 30, "שלום", "x" * 400])
moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC))
own_urgencies = st.builds(
    OwnUrgency,
    st.sampled_from(["high", "low"]),
    st.none() | moments,
    st.sampled_from(["high", "low"]),
    st.booleans(),
    st.booleans(),
    st.booleans(),
)


@st.composite
def situations(draw: Callable[..., Any], name_of: Callable[[str], str] | None = None) -> Situation:
    """Any situation, also those that contradict themselves."""

    def name(person_id: str) -> str:
        return name_of(person_id) if name_of else draw(odd)

    at, urgency = draw(moments), draw(st.sampled_from(["", "high", "low"]))
    shifts = draw(st.lists(st.tuples(st.integers(-1, 5), ids, st.none() | moments), max_size=8))
    rows = [on_call(level, person_id, name(person_id), draw(odd), until) for level, person_id, until in shifts]
    strategies = st.sampled_from(["assign_to_everyone", "round_robin", None])
    rules = draw(
        st.lists(
            st.fixed_dictionaries({"delay_minutes": st.integers(0, 10**5), "strategy": strategies}),
            max_size=4,
        )
    )
    zones = draw(st.dictionaries(ids, st.sampled_from(["Europe/Berlin", "America/New_York", "", "Nowhere"]) | odd))
    known = rows if draw(st.booleans()) else None
    found = path_of(rules, known, zones=zones, num_loops=draw(st.integers(-1, 9)), urgency=urgency, now=at)
    picked_ids = draw(st.lists(ids, max_size=3, unique=True))
    people = [responder(person_id, name(person_id), zones.get(person_id, ""), at) for person_id in picked_ids]
    return Situation(
        now=at,
        sender_id=draw(ids | st.just("")),
        zone=draw(odd),
        is_title_missing=draw(st.booleans()),
        service_name=draw(odd),
        disabled_reason=draw(st.just("") | odd),
        is_in_maintenance=draw(st.booleans()),
        maintenance_until=draw(st.none() | moments),
        urgency=urgency,
        own_urgency=draw(own_urgencies),
        policy_name=draw(odd),
        own_policy_name=draw(odd),
        is_policy_overridden=draw(st.booleans()),
        path=draw(st.sampled_from([found, found, None])),
        assignees=people if draw(st.booleans()) else (),
        is_last_known=draw(st.booleans()),
        oncall_age_minutes=draw(st.none() | st.floats(0, 10**6)),
    )


@settings(deadline=None)
@given(situations())
def test_there_is_always_a_verdict(situation: Situation) -> None:
    verdict = verdict_on(situation)
    assert verdict.sentence and 0 < len(verdict.button) <= BUTTON_LIMIT
    assert verdict.can_submit == (not situation.disabled_reason)
    assert all(verdict.notes)
    for text in (verdict.sentence, verdict.button, verdict.needs_confirmation, *verdict.notes):
        assert text == " ".join(text.split())
        text.encode()  # what cannot be encoded would break the page


@settings(deadline=None, max_examples=300)
@given(situations(name_of=lambda person_id: f"Name{person_id}"))
def test_nobody_is_said_to_be_paged_who_is_not_on_the_first_level(situation: Situation) -> None:
    verdict = verdict_on(situation)
    promises = [text for text in (verdict.sentence, *verdict.notes) if re.search(r"\bPages (?!nobody)", text)]
    named = {word for text in promises for word in re.findall(r"Name(P\d)", text)}
    named |= set(re.findall(r"^Page Name(P\d)", verdict.button))
    first = situation.path.first.people if situation.path and not situation.is_last_known else ()
    paged = {person.person_id for person in situation.assignees or first}
    assert named <= paged
    if promises:
        assert paged


@settings(deadline=None)
@given(situations())
def test_what_is_to_be_confirmed_stays_the_same_while_it_is_read(situation: Situation) -> None:
    older = replace(situation, oncall_age_minutes=(situation.oncall_age_minutes or 0) + 3)
    assert verdict_on(older).needs_confirmation == verdict_on(situation).needs_confirmation


@settings(deadline=None)
@given(situations())
def test_a_page_that_may_reach_nobody_is_always_confirmed(situation: Situation) -> None:
    verdict = verdict_on(situation)
    if re.search(r"[Pp]ages? nobody|nobody was on call|was empty", verdict.sentence) and verdict.can_submit:
        assert verdict.needs_confirmation
