"""The paging path: who is paged, when, and what time it is for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from incidentportal.incidents.outlook.paging_path import PagingPath, direct_path_of, path_of
from incidentportal.wording import after, ago, clean, clock, fit, span

NOW = datetime(2026, 11, 24, 2, 12, tzinfo=UTC)
ZONES = {"ADA": "Europe/Berlin", "GRACE": "America/New_York", "ALAN": "Asia/Kolkata"}
NAMES = {"ADA": "Ada Byron", "GRACE": "Grace Hopper", "ALAN": "Alan Turing"}


@dataclass(frozen=True)
class OnCall:
    """An on-calls row, as the directory gives it."""

    level: int
    person_id: str
    person_name: str
    schedule_name: str = ""
    until: datetime | None = None


@dataclass(frozen=True)
class Person:
    id: str
    name: str


def on_call(level: int, person_id: str, schedule: str = "", until: datetime | None = None) -> OnCall:
    return OnCall(level, person_id, NAMES.get(person_id, person_id), schedule, until)


def rule(delay: int | None = 30, strategy: str = "assign_to_everyone", *targets: str) -> dict[str, Any]:
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


def names(found: PagingPath) -> list[list[str]]:
    return [[page.name for page in level.people] for level in found.levels]


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
    assert (found.loops, found.ends_after_minutes) == (1, 90)
    assert found.notes == ("It starts again 1 time while nobody acknowledges.",)


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
    assert [page.is_on_earlier_level for level in found.levels for page in level.people] == [False, True]
    assert found.notes == ("Nobody but Ada Byron is on call at any level.",)


def test_one_person_on_one_level_is_nothing_odd() -> None:
    assert path([on_call(1, "ADA")], [rule(30)]).notes == ()


def test_an_empty_first_level_names_the_wait() -> None:
    found = path([on_call(2, "GRACE")], [rule(30, "assign_to_everyone", "Primary"), rule(15)])
    assert (found.first.is_empty, found.first.targets, names(found)) == (True, ("Primary",), [[], ["Grace Hopper"]])
    assert found.notes[0] == "Level 1 is empty: nobody is paged until level 2 after 30 minutes."
    assert found.nearest is found.levels[1]


def test_empty_levels_in_the_middle_and_at_the_end() -> None:
    found = path([on_call(1, "ADA"), on_call(3, "GRACE")], [rule(30), rule(60), rule(30), rule(5)])
    assert found.notes == (
        "Level 2 is empty: nobody is paged until level 3 after 90 minutes.",
        "Level 4 is empty: nobody is paged there.",
    )


@pytest.mark.parametrize("rules", [[rule(30), rule(15)], []], ids=["with levels", "without any level"])
def test_a_policy_with_nobody_on_call(rules: list[dict[str, Any]]) -> None:
    found = path([], rules)
    assert (found.nearest, found.people, found.first.is_empty) == (None, {}, True)
    assert found.notes == ("Nobody is on call at any level.",)


def test_not_known_is_not_empty() -> None:
    found = path(None)
    assert (found.is_known, [level.is_empty for level in found.levels]) == (False, [False, False])
    assert found.notes == ("Who is on call is not known.",)


def test_round_robin_needs_two() -> None:
    turns = [rule(30, "round_robin"), rule(15, "round_robin")]
    found = path([on_call(1, "ADA"), on_call(1, "GRACE"), on_call(2, "ALAN")], turns)
    assert [level.is_round_robin for level in found.levels] == [True, False]
    assert found.notes == ("Level 1 takes turns: one of its 2 people is paged.",)


def test_low_urgency_reaches_the_first_level_only() -> None:
    found = path([on_call(1, "ADA"), on_call(2, "GRACE")], loops=3, urgency="low")
    assert [level.is_reached for level in found.levels] == [True, False]
    assert (found.is_low, found.ends_after_minutes) == (True, None)
    assert found.notes == ("Low urgency does not escalate by itself: nobody is told after level 1.",)


def test_an_empty_first_level_at_low_urgency_is_never_left() -> None:
    found = path([on_call(2, "GRACE")], urgency="low")
    assert found.notes[0] == "Level 1 is empty: nobody is paged there."


def test_loops_are_counted_into_the_end() -> None:
    assert path([on_call(1, "ADA")], [rule(10), rule(20)], loops=2).ends_after_minutes == 90


def test_a_level_that_the_mirror_does_not_know_yet() -> None:
    found = path([on_call(1, "ADA"), on_call(3, "GRACE")], [rule(30)])
    assert [(level.number, level.starts_after_minutes) for level in found.levels] == [(1, 0), (3, None)]
    assert found.notes[-1].startswith("The policy has changed since it was last read")


def test_a_delay_that_is_not_known_leaves_the_later_ones_unknown() -> None:
    found = path([on_call(1, "ADA")], [rule(5), rule(None), rule(5)])
    assert [level.starts_after_minutes for level in found.levels] == [0, 5, None]
    assert found.ends_after_minutes is None


def test_a_shift_that_ends_before_its_level_is_paged() -> None:
    soon = NOW + timedelta(minutes=30)
    found = path([on_call(1, "ADA", "A", soon), on_call(2, "GRACE", "B", soon)])
    assert [page.is_over for level in found.levels for page in level.people] == [False, True]
    ends = "The shift of Grace Hopper ends before level 2 is paged: whoever follows them may be paged instead."
    assert found.notes == (ends,)


def test_a_shift_that_has_just_ended() -> None:
    found = path([on_call(1, "ADA", "A", NOW)])
    assert found.first.people[0].is_over
    assert found.notes[0] == "The shift of Ada Byron is ending now: whoever follows them may be paged instead."


def test_a_direct_path_ends_with_the_people_in_it() -> None:
    found = direct_path_of([Person("ADA", "Ada Byron")], zones=ZONES, now=NOW)
    assert (names(found), found.is_direct) == ([["Ada Byron"]], True)
    assert found.notes == ("Nobody else is paged if they miss it.",)


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


CLOCKS = {
    "Berlin, an hour before the clock goes back": ("2026-10-24T23:30Z", "Europe/Berlin", "01:30 in Berlin"),
    "Berlin, the first 02:30": ("2026-10-25T00:30Z", "Europe/Berlin", "02:30 CEST in Berlin"),
    "Berlin, the second 02:30": ("2026-10-25T01:30Z", "Europe/Berlin", "02:30 CET in Berlin"),
    "Berlin, after it": ("2026-10-25T02:30Z", "Europe/Berlin", "03:30 in Berlin"),
    "Berlin, spring skips from 02 to 03": ("2026-03-29T01:00Z", "Europe/Berlin", "03:00 in Berlin"),
    "New York, the first 01:30": ("2026-11-01T05:30Z", "America/New_York", "01:30 EDT in New York"),
    "New York, the second 01:30": ("2026-11-01T06:30Z", "America/New_York", "01:30 EST in New York"),
    "New York, before spring": ("2026-03-08T06:59Z", "America/New_York", "01:59 in New York"),
    "New York, spring skips from 02 to 03": ("2026-03-08T07:00Z", "America/New_York", "03:00 in New York"),
    "half an hour off": ("2026-11-24T02:12Z", "Asia/Kolkata", "07:42 in Kolkata"),
    "a city within a state": (
        "2026-11-24T02:12Z",
        "America/Argentina/Buenos_Aires",
        "23:12 in Buenos Aires",
    ),
    "a zone without a city": ("2026-11-24T02:12Z", "Etc/UTC", "02:12 UTC"),
    "a region is no city": ("2026-11-24T02:12Z", "US/Eastern", "21:12 EST"),
}


@pytest.mark.parametrize(("at", "zone", "expected"), CLOCKS.values(), ids=CLOCKS)
def test_the_clock_as_people_there_read_it(at: str, zone: str, expected: str) -> None:
    moment = datetime.fromisoformat(at)
    assert clock(moment, zone, moment) == expected


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        (3, "06:12 in Berlin"),
        (24, "tomorrow 03:12 in Berlin"),
        (48, "Thu 03:12 in Berlin"),
        (24 * 7, "1 Dec 03:12 in Berlin"),
        (-24, "23 Nov 03:12 in Berlin"),
    ],
    ids=["today", "tomorrow", "this week", "later", "yesterday"],
)
def test_another_day_is_said(hours: int, expected: str) -> None:
    assert clock(NOW + timedelta(hours=hours), "Europe/Berlin", NOW) == expected


def test_tomorrow_is_tomorrow_there() -> None:
    until = datetime(2026, 11, 24, 5, tzinfo=UTC)
    assert clock(until, "Europe/Berlin", datetime(2026, 11, 23, 23, 30, tzinfo=UTC)) == "06:00 in Berlin"
    assert clock(until, "America/New_York", datetime(2026, 11, 24, 4, 30, tzinfo=UTC)) == "tomorrow 00:00 in New York"


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin"])
def test_a_shift_is_measured_in_real_minutes_while_the_clock_goes_back(zone: str) -> None:
    """It is 02:50 for the first time in Berlin; the shift ends at 02:10 for the second time, 20 minutes later."""
    now = datetime(2026, 10, 25, 0, 50, tzinfo=UTC).astimezone(ZoneInfo(zone))
    until = datetime(2026, 10, 25, 1, 10, tzinfo=UTC).astimezone(ZoneInfo(zone))
    first, second = path([on_call(1, "ADA", "A", until), on_call(2, "ADA", "A", until)], now=now).levels
    assert (first.people[0].is_over, second.people[0].is_over) == (False, True)
    assert first.people[0].until == "until 02:10 CET in Berlin"


@pytest.mark.parametrize(
    ("minutes", "long", "short"),
    [
        (0, "a moment ago", "0 min"),
        (1, "1 minute ago", "1 min"),
        (12.9, "12 minutes ago", "12 min"),
        (119, "119 minutes ago", "119 min"),
        (120, "2 hours ago", "2 h"),
        (60 * 47, "47 hours ago", "47 h"),
        (60 * 48, "2 days ago", "2 d"),
        (-5, "a moment ago", "0 min"),
    ],
)
def test_how_long_ago(minutes: float, long: str, short: str) -> None:
    assert (ago(minutes), span(minutes, is_short=True)) == (long, short)


@pytest.mark.parametrize(
    ("minutes", "expected"),
    [(None, "later"), (0, "at once"), (1, "after 1 minute"), (30, "after 30 minutes"), (90, "after 90 minutes")]
    + [(120, "after 2 hours"), (150, "after 150 minutes")],
)
def test_a_delay_is_never_rounded(minutes: int | None, expected: str) -> None:
    assert after(minutes) == expected


def test_markup_in_a_name_stays_text() -> None:
    found = path([OnCall(1, "X", "<b>Ada</b> & Co")])
    assert found.first.people[0].name == "<b>Ada</b> & Co"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Ada\nByron\t\x00x", "Ada Byron x"),
        ("Ada\u202egnp.exe\u202c", "Adagnp.exe"),
        ("\u2066Ada\u2069\u200f", "Ada"),
        ("👩\u200d🚒 Ada", "👩\u200d🚒 Ada"),
        ("half \ud83d pair", "half pair"),
        (None, ""),
    ],
    ids=["line breaks and nulls", "an override", "isolates", "a joined emoji stays", "half an emoji", "nothing"],
)
def test_names_are_one_line_that_turns_nothing_around(name: object, expected: str) -> None:
    assert clean(name) == expected


def test_a_name_that_runs_right_to_left_is_held_apart() -> None:
    assert fit("עדה ביירון") == "\u2068עדה ביירון\u2069"


@pytest.mark.parametrize(
    ("name", "limit", "expected"),
    [
        ("x" * 300, 80, "x" * 79 + "…"),
        ("Ada Byron", 9, "Ada Byron"),
        ("Ada Byron", 8, "Ada Byr…"),
        ("ab👩\u200d🚒cdef", 5, "ab…"),
        ("abe\u0301f", 4, "ab…"),
        ("Ada Byron", 5, "Ada…"),
    ],
    ids=["300 letters", "fits", "cut", "not within an emoji", "not within a letter", "not after a space"],
)
def test_a_long_name_is_cut_between_characters(name: str, limit: int, expected: str) -> None:
    assert fit(name, limit) == expected


def test_a_person_without_a_name_and_a_target_without_one() -> None:
    found = path([OnCall(1, "X", "")], [{"targets": [{"id": "T", "type": "user", "name": None}]}])
    assert (found.first.people[0].name, found.first.targets) == ("Somebody without a name", ("",))


def test_a_level_below_one_is_left_out() -> None:
    assert [level.number for level in path([on_call(0, "ADA"), on_call(1, "GRACE")], []).levels] == [1]
