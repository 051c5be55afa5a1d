"""How pages say times, spans and names."""

from datetime import UTC, datetime, timedelta

import pytest

from incidentportal.wording import after, ago, clock, fit, plain_line, span

NOW = datetime(2026, 11, 24, 2, 12, tzinfo=UTC)  # 03:12 in Berlin

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
    [
        *((None, "later"), (0, "at once"), (1, "after 1 minute"), (30, "after 30 minutes"), (90, "after 90 minutes")),
        *((120, "after 2 hours"), (150, "after 150 minutes")),
    ],
)
def test_a_delay_is_never_rounded(minutes: int | None, expected: str) -> None:
    assert after(minutes) == expected


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
    assert plain_line(name) == expected


def test_a_name_that_runs_right_to_left_is_isolated() -> None:
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
