"""A gentle word to whoever pages a service for the third time in a night."""

from datetime import UTC, datetime, timedelta

import pytest

from incidentportal.incidents.outlook.hints import note_on_night_pages
from incidentportal.incidents.outlook.paging_path import PagingPath, path_of
from incidentportal.pagerduty import OnCall
from tests.incidents.base import on_call

THIRD = "This is the third page for Checkout tonight, and it is "
NOW = datetime(2026, 11, 24, 2, 12, tzinfo=UTC)  # 03:12 in Berlin


def path(now: datetime = NOW, zone: str = "Europe/Berlin", urgency: str = "high", *more: OnCall) -> PagingPath:
    rows = [on_call(1, "ADA", "Ada Byron"), *more]
    zones = {"ADA": zone, "GRACE": "America/New_York"}
    return path_of([{"delay_minutes": 30}], rows, zones=zones, num_loops=0, urgency=urgency, now=now)


def hours_ago(*hours: float, now: datetime = NOW) -> list[datetime]:
    return [now - timedelta(hours=number) for number in hours]


def signal(times: list[datetime], found: PagingPath | None = None, now: datetime = NOW, name: str = "Checkout") -> str:
    return note_on_night_pages(times, found or path(now), service_name=name, now=now)


def test_the_third_page_of_a_night_asks_for_low_urgency() -> None:
    assert signal(hours_ago(1, 2)) == THIRD + "03:12 in Berlin for Ada Byron. Is low urgency enough?"


@pytest.mark.parametrize(
    ("count", "page"),
    [(3, "the fourth page"), (9, "the tenth page"), (10, "page number 11"), (40, "page number 41")],
)
def test_more_are_counted(count: int, page: str) -> None:
    assert signal(hours_ago(*[1] * count)).startswith(f"This is {page} for Checkout tonight")


def test_the_second_page_of_a_night_says_nothing() -> None:
    assert signal(hours_ago(1)) == ""


def test_pages_before_the_evening_do_not_count() -> None:
    """It is 03:12: eight hours ago it was 19:12, seven hours ago 20:12."""
    assert signal(hours_ago(1, 8)) == ""
    assert signal(hours_ago(1, 7)) != ""


def test_a_night_counts_from_the_same_evening_before_midnight() -> None:
    now = datetime(2026, 11, 23, 22, 30, tzinfo=UTC)  # 23:30
    assert signal(hours_ago(1, 3, now=now), now=now).startswith(THIRD + "23:30")
    assert signal(hours_ago(1, 4, now=now), now=now) == ""


def test_a_night_of_25_hours_counts_from_its_evening_by_the_clock() -> None:
    """03:12 in Berlin after the clock went back: 20:00 the evening before was 8 hours and 12 minutes ago."""
    now = datetime(2026, 10, 25, 2, 12, tzinfo=UTC)
    assert signal(hours_ago(1, 8.1, now=now), now=now).startswith(THIRD + "03:12")
    assert signal(hours_ago(1, 8.3, now=now), now=now) == ""


def test_by_day_nobody_is_woken() -> None:
    noon = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
    assert signal(hours_ago(1, 2, 3, now=noon), now=noon) == ""


def test_night_is_where_the_person_is() -> None:
    noon = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)  # 12:00 in Perth, 23:00 in New York
    grace = on_call(1, "GRACE", "Grace Hopper")
    found = path(noon, "Australia/Perth", "high", grace)
    assert "it is 23:00 in New York for Grace Hopper" in signal(hours_ago(1, 2, now=noon), found, noon)


def test_no_word_where_the_time_zone_is_unknown() -> None:
    assert signal(hours_ago(1, 2, 3), path(NOW, "Nowhere")) == ""


def test_no_word_where_the_urgency_is_low_already() -> None:
    assert signal(hours_ago(1, 2, 3), path(NOW, "Europe/Berlin", "low")) == ""


def test_no_word_where_nobody_is_paged_now() -> None:
    found = path_of([], [], zones={}, num_loops=0, urgency="high", now=NOW)
    assert signal(hours_ago(1, 2, 3), found) == ""


def test_a_service_without_a_name() -> None:
    assert signal(hours_ago(1, 2), name="").startswith("This is the third page for this service tonight")
