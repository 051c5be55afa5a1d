"""The paging path: who is paged, when, and what time it is for them."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from incidentportal.incidents.outlook.hints import notes_on_path
from incidentportal.incidents.outlook.paging_path import PagingPath, direct_path_of, path_of, responder
from incidentportal.pagerduty import OnCall
from tests.incidents import base

NOW = datetime(2026, 11, 24, 2, 12, tzinfo=UTC)
ZONES = {"ADA": "Europe/Berlin", "GRACE": "America/New_York", "ALAN": "Asia/Kolkata"}
NAMES = {"ADA": "Ada Byron", "GRACE": "Grace Hopper", "ALAN": "Alan Turing"}


def on_call(level: int, person_id: str, schedule: str = "", until: datetime | None = None) -> OnCall:
    return base.on_call(level, person_id, NAMES.get(person_id, person_id), schedule, until)


def rule(delay: int = 30, strategy: str = "assign_to_everyone", *targets: str) -> dict[str, Any]:
    named = [{"id": name, "type": "schedule", "name": name} for name in targets]
    return {"id": "R", "delay_minutes": delay, "strategy": strategy, "targets": named}


def path(
    rows: Sequence[OnCall] | None,
    rules: Sequence[dict[str, Any]] = (rule(30), rule(15)),
    *,
    zones: dict[str, str] | None = None,
    loops: int = 0,
    urgency: str = "high",
    now: datetime = NOW,
) -> PagingPath:
    return path_of(rules, rows, zones=zones or ZONES, num_loops=loops, urgency=urgency, now=now)


def notes(found: PagingPath) -> tuple[str, ...]:
    return tuple(notes_on_path(found))


def names(found: PagingPath) -> list[list[str]]:
    return [[person.name for person in level.people] for level in found.levels]


def test_it_works() -> None:
    until = datetime(2026, 11, 24, 7, 0, tzinfo=UTC)
    found = path([on_call(1, "ADA", "Primary", until), on_call(2, "GRACE")], loops=1)
    first, second = found.levels
    (ada,), (grace,) = first.people, second.people
    assert (ada.name, ada.local_time, ada.via, ada.until) == (
        "Ada Byron",
        "03:12 in Berlin",
        "Primary",
        "until 08:00 in Berlin",
    )
    assert (grace.local_time, grace.via, grace.until) == ("21:12 in New York", "", "")
    assert (first.starts_after_minutes, second.starts_after_minutes) == (0, 30)
    assert found.loops == 1
    assert notes(found) == ("The policy repeats 1 time until somebody acknowledges.",)


def test_several_people_on_a_level_stand_by_name_whatever_order_they_came_in() -> None:
    one = path([on_call(1, "GRACE"), on_call(1, "ADA"), on_call(1, "ALAN")])
    other = path([on_call(1, "ALAN"), on_call(1, "GRACE"), on_call(1, "ADA")])
    assert names(one) == names(other) == [["Ada Byron", "Alan Turing", "Grace Hopper"], []]


def test_somebody_on_two_schedules_of_a_level_is_there_once_until_the_later_end() -> None:
    rows = [on_call(1, "ADA", "Days", NOW + timedelta(hours=1)), on_call(1, "ADA", "Nights", NOW + timedelta(hours=5))]
    (ada,) = path(rows).first.people
    assert (ada.via, ada.until) == ("Days and Nights", "until 08:12 in Berlin")


def test_who_is_on_call_for_ever_has_no_end() -> None:
    (ada,) = path([on_call(1, "ADA", "Days", NOW + timedelta(hours=1)), on_call(1, "ADA")]).first.people
    assert (ada.via, ada.until) == ("Days", "")


def test_the_same_person_on_every_level_is_said() -> None:
    found = path([on_call(1, "ADA"), on_call(2, "ADA")])
    assert [person.is_on_earlier_level for level in found.levels for person in level.people] == [False, True]
    assert notes(found) == ("Apart from Ada Byron, nobody else is on call at any level.",)


def test_one_person_on_one_level_is_nothing_odd() -> None:
    assert notes(path([on_call(1, "ADA")], [rule(30)])) == ()


def test_an_empty_first_level_names_the_wait() -> None:
    found = path([on_call(2, "GRACE")], [rule(30, "assign_to_everyone", "Primary"), rule(15)])
    assert (found.first.is_empty, found.first.targets, names(found)) == (True, ("Primary",), [[], ["Grace Hopper"]])
    assert notes(found)[0] == "Level 1 is empty: nobody is paged until level 2 after 30 minutes."
    assert found.nearest is found.levels[1]


def test_empty_levels_in_the_middle_and_at_the_end() -> None:
    found = path([on_call(1, "ADA"), on_call(3, "GRACE")], [rule(30), rule(60), rule(30), rule(5)])
    assert notes(found) == (
        "Level 2 is empty: nobody is paged until level 3 after 90 minutes.",
        "Level 4 is empty: nobody is paged there.",
    )


@pytest.mark.parametrize("rules", [[rule(30), rule(15)], []], ids=["with levels", "without any level"])
def test_a_policy_with_nobody_on_call(rules: list[dict[str, Any]]) -> None:
    found = path([], rules)
    assert (found.nearest, found.people, found.first.is_empty) == (None, {}, True)
    assert notes(found) == ("Nobody is on call at any level.",)


def test_not_known_is_not_empty() -> None:
    found = path(None)
    assert (found.is_known, [level.is_empty for level in found.levels]) == (False, [False, False])
    assert notes(found) == ("Who is on call now is unknown.",)


def test_round_robin_needs_two() -> None:
    turns = [rule(30, "round_robin"), rule(15, "round_robin")]
    found = path([on_call(1, "ADA"), on_call(1, "GRACE"), on_call(2, "ALAN")], turns)
    assert [level.is_round_robin for level in found.levels] == [True, False]
    assert notes(found) == ("Level 1 is round robin: only one of its 2 people is paged.",)


def test_low_urgency_reaches_the_first_level_only() -> None:
    found = path([on_call(1, "ADA"), on_call(2, "GRACE")], loops=3, urgency="low")
    assert [level.is_reached for level in found.levels] == [True, False]
    assert [level.when for level in found.levels] == ["At once, quietly", "Not at low urgency"]
    assert notes(found) == ("Low urgency does not escalate automatically: nobody is notified after level 1.",)


def test_an_empty_first_level_at_low_urgency_is_never_left() -> None:
    found = path([on_call(2, "GRACE")], urgency="low")
    assert notes(found)[0] == "Level 1 is empty: nobody is paged there."


@pytest.mark.parametrize(
    ("delay", "expected"),
    [(30, "After 30 minutes without an answer"), (120, "After 2 hours without an answer"), (0, "At once")],
)
def test_when_a_level_is_paged(delay: int, expected: str) -> None:
    assert [level.when for level in path([], [rule(delay), rule(5)]).levels] == ["At once", expected]


def test_a_level_that_the_mirror_does_not_know_yet() -> None:
    found = path([on_call(1, "ADA"), on_call(3, "GRACE")], [rule(30)])
    assert [(level.number, level.starts_after_minutes) for level in found.levels] == [(1, 0), (3, None)]
    assert found.levels[1].when == "Later"
    assert notes(found)[-1].startswith("The policy has changed since it was last read")


def test_a_shift_that_ends_before_its_level_is_paged() -> None:
    soon = NOW + timedelta(minutes=30)
    found = path([on_call(1, "ADA", "A", soon), on_call(2, "GRACE", "B", soon)])
    assert [person.is_over for level in found.levels for person in level.people] == [False, True]
    ends = "Grace Hopper's shift ends before level 2 is paged: whoever is on call next may be paged instead."
    assert notes(found) == (ends,)


def test_a_shift_that_has_just_ended() -> None:
    found = path([on_call(1, "ADA", "A", NOW)])
    assert found.first.people[0].is_over
    assert notes(found)[0] == "Ada Byron's shift is ending now: whoever is on call next may be paged instead."


def test_a_direct_path_ends_with_the_people_in_it() -> None:
    found = direct_path_of([responder("ADA", "Ada Byron", ZONES["ADA"], NOW)])
    assert (names(found), found.is_direct) == ([["Ada Byron"]], True)
    assert notes(found) == ("Nobody else is paged if they miss it.",)


@pytest.mark.parametrize(
    "zone",
    ["", "Atlantis/Capital", "America", "../etc", "/etc/passwd", "x" * 300, "a\x00b", "Eastern Time (US & Canada)"],
    ids=["none", "unknown", "a folder", "a way out", "a file", "long", "a null", "another vocabulary"],
)
def test_a_time_zone_that_cannot_be_read_is_utc_and_says_so(zone: str) -> None:
    (ada,) = path([on_call(1, "ADA", "P", datetime(2026, 11, 24, 8, tzinfo=UTC))], zones={"ADA": zone}).first.people
    assert (ada.local_time, ada.until) == ("02:12 UTC (their time zone is unknown)", "until 08:00 UTC")
    assert (ada.local_now, ada.is_night) == (None, False)


@pytest.mark.parametrize(
    ("hour", "is_night"), [(20, False), (21, True), (23, True), (5, True), (6, False), (12, False)]
)
def test_night_is_from_ten_to_seven_where_they_are(hour: int, is_night: bool) -> None:
    (ada,) = path([on_call(1, "ADA")], now=datetime(2026, 11, 24, hour, tzinfo=UTC)).first.people
    assert ada.is_night == is_night


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin"])
def test_a_shift_is_measured_in_real_minutes_while_the_clock_goes_back(zone: str) -> None:
    """It is 02:50 for the first time in Berlin; the shift ends at 02:10 for the second time, 20 minutes later."""
    now = datetime(2026, 10, 25, 0, 50, tzinfo=UTC).astimezone(ZoneInfo(zone))
    until = datetime(2026, 10, 25, 1, 10, tzinfo=UTC).astimezone(ZoneInfo(zone))
    first, second = path([on_call(1, "ADA", "A", until), on_call(2, "ADA", "A", until)], now=now).levels
    assert (first.people[0].is_over, second.people[0].is_over) == (False, True)
    assert first.people[0].until == "until 02:10 CET in Berlin"


def test_markup_in_a_name_stays_text() -> None:
    found = path([base.on_call(1, "X", "<b>Ada</b> & Co")])
    assert found.first.people[0].name == "<b>Ada</b> & Co"


def test_a_person_without_a_name_and_a_target_without_one() -> None:
    found = path([base.on_call(1, "X", "")], [{"targets": [{"id": "T", "type": "user", "name": None}]}])
    assert (found.first.people[0].name, found.first.targets) == ("Somebody without a name", ("",))


def test_a_level_below_one_is_left_out() -> None:
    assert [level.number for level in path([on_call(0, "ADA"), on_call(1, "GRACE")], []).levels] == [1]
