"""Lists of more than 10,000 rows: read in parts, proven complete or said to be not, thrifty, and able to go on."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from incidentportal import pagerduty
from incidentportal.directory.models import EscalationPolicy, Person, Service, Sync, SyncPart
from incidentportal.directory.sync.list_reader import Limits
from tests.directory import conftest
from tests.directory.lists import Lists

JSON = dict[str, Any]


SMALL = Limits(batch=10, rows=100, calls_a_minute=60_000)  # a small part of PagerDuty's sizes, and of the time


@pytest.fixture
def lists(lists: Lists) -> Lists:
    lists.limit = SMALL.rows
    return lists


def synced(limits: Limits = SMALL) -> list[str]:
    return conftest.synced(limits)


def rows(
    count: int, name: Callable[[int], str] = lambda number: f"Service {number}", teams: int = 0, first: int = 0
) -> list[JSON]:
    """Rows that belong to one of so many teams, or to none."""
    return [
        {"id": f"P{number}", "name": name(number), "teams": [{"id": f"PT{number % teams}"}] if teams else []}
        for number in range(first, first + count)
    ]


def teams(count: int) -> list[JSON]:
    return [{"id": f"PT{number}", "name": f"Team {number}"} for number in range(count)]


def calls(lists: Lists, name: str) -> int:
    return sum(1 for asked, _ in lists.asked if asked == name)


def test_up_to_twice_the_limit_is_read_from_both_ends(lists: Lists) -> None:
    lists.rows["services"] = rows(190)
    synced()
    assert Service.objects.current().count() == 190
    assert calls(lists, "services") <= 190 / 10 + 2
    assert Sync.objects.get(kind="services").problem == ""


def test_more_is_read_by_team_at_the_cost_of_its_pages(lists: Lists) -> None:
    lists.rows["teams"], lists.rows["services"] = teams(15), rows(250, teams=15)
    said = synced()
    assert Service.objects.current().count() == 250
    assert calls(lists, "services") <= 250 / 10 + 10
    assert sum(" of 250" in line for line in said) >= 1


def test_what_has_no_team_is_found_by_its_letters(lists: Lists) -> None:
    lists.rows["teams"] = teams(15)
    lists.rows["services"] = rows(230, teams=15) + rows(20, lambda number: f"Lonely {number}", first=5000)
    synced()
    assert Service.objects.current().count() == 250
    assert Sync.objects.get(kind="services").problem == ""


def test_people_cannot_be_sorted_and_are_found_all_the_same(lists: Lists) -> None:
    lists.rows["teams"], lists.rows["users"] = teams(12), rows(150, lambda number: f"Ada {number}", teams=12)
    lists.rows["users"] += rows(20, lambda number: f"Bob {number}", first=5000)
    synced()
    assert Person.objects.current().count() == 170


def test_an_account_without_teams_is_read_by_letters(lists: Lists) -> None:
    words = ["anvil", "bucket", "candle", "drum", "ember", "flute", "grape", "hinge", "inkpot", "jug"]
    lists.rows["users"] = rows(210, lambda number: f"{words[number % 10]} {words[number // 10 % 10]} {number}")
    synced()
    assert Person.objects.current().count() == 210
    assert Sync.objects.get(kind="people").problem == ""


def test_a_letter_that_is_in_too_many_names_is_taken_apart(lists: Lists) -> None:
    letters = "eta"
    lists.rows["users"] = rows(243, lambda n: "".join(letters[n // 3**place % 3] for place in range(5)))
    synced()
    assert Person.objects.current().count() == 243


def test_one_team_of_too_many_is_read_by_letters(lists: Lists) -> None:
    lists.rows["teams"] = teams(1)
    lists.rows["users"] = rows(120, lambda number: f"{'abcdefghij'[number % 10]} {number}", teams=1)
    synced()
    assert Person.objects.current().count() == 120


def test_other_scripts_are_asked_for_where_they_are_known(lists: Lists) -> None:
    lists.rows["users"] = rows(90, lambda number: f"Ada {number}")
    lists.rows["users"] += [{"id": "PX1", "name": "Обь"}, {"id": "PX2", "name": "Обь и Лена"}]
    synced()
    lists.rows["users"] = lists.rows["users"] + rows(30, lambda number: f"Bob {number}", first=5000)
    synced()
    assert Person.objects.current().count() == 122
    assert Sync.objects.get(kind="people").problem == ""


def test_what_is_missing_is_said_and_what_we_had_stays(lists: Lists) -> None:
    lists.rows["users"] = rows(90, lambda number: f"Ada {number}")
    synced()
    unreachable = [{"id": f"PX{number}", "name": "\u2603" * (number + 1)} for number in range(3)]
    lists.rows["users"] = rows(130, lambda number: f"Ada {number}", first=1) + unreachable
    said = synced()
    problem = Sync.objects.get(kind="people").problem
    assert "130 of 133 were found, 3 are missing" in problem
    assert "What was known before and not seen again was kept." in problem
    assert problem in said[-1]
    assert not Person.objects.get(pk="P0").is_gone


def test_reading_ends_after_so_many_calls_and_says_so(lists: Lists) -> None:
    lists.rows["users"] = rows(130, lambda number: f"Ada {number}")
    synced(replace(SMALL, calls=10))
    assert calls(lists, "users") == 10
    assert "reading was stopped after 10 calls" in Sync.objects.get(kind="people").problem


def test_services_that_were_not_seen_again_are_asked_for_one_by_one(lists: Lists) -> None:
    lonely = [{"id": f"PX{number}", "name": "\u2603" * (number + 1)} for number in range(5)]
    lists.rows["services"] = rows(190) + lonely
    synced()
    lists.rows["teams"] = teams(15)
    lists.rows["services"] = rows(250, teams=15) + lonely[1:]
    synced()
    assert Service.objects.current().count() == 254
    assert Service.objects.get(pk="PX0").is_gone
    assert Sync.objects.get(kind="services").problem == ""
    lists.asked.clear()
    synced()
    assert len(lists.asked) < 250 / 10 + 25


def test_without_a_total_nothing_is_claimed(lists: Lists) -> None:
    lists.has_total = False
    lists.rows["escalation_policies"] = rows(90)
    lists.rows["users"] = rows(110, lambda number: f"{'xyz'[number % 3]} {number}")
    synced()
    assert EscalationPolicy.objects.current().count() == 90
    assert Person.objects.current().count() == 110
    assert Sync.objects.get(kind="escalation-policies").problem == ""
    assert "110 were found; PagerDuty gives no total" in Sync.objects.get(kind="people").problem


def test_a_row_that_moved_while_the_list_was_read_is_not_lost(lists: Lists) -> None:
    lists.rows["services"] = rows(60, lambda number: f"Service {number:03}")
    synced()
    first = len(lists.asked) + 5

    def remove_the_first() -> None:
        if len(lists.asked) == first + 2:
            del lists.rows["services"][0]

    lists.grown = remove_the_first
    synced()
    assert not Service.objects.filter(is_gone=True).exists()  # the first was still there when we read it
    synced()
    assert list(Service.objects.filter(is_gone=True).values_list("pk", flat=True)) == ["P0"]


def test_what_was_fetched_before_a_break_is_not_fetched_again(lists: Lists) -> None:
    lists.rows["teams"], lists.rows["services"] = teams(15), rows(250, teams=15)
    lists.breaks = {32: 403}
    with pytest.raises(pagerduty.Rejected):
        synced()
    assert not Service.objects.exists()
    kept = SyncPart.objects.count()
    assert kept > 20
    before = calls(lists, "services")
    synced()
    assert Service.objects.current().count() == 250
    assert calls(lists, "services") - before <= 250 / 10 + 10 - kept
    assert not SyncPart.objects.exists()


def test_an_account_that_changes_between_two_syncs_is_followed(lists: Lists) -> None:
    lists.rows["teams"], lists.rows["services"] = teams(15), rows(250, teams=15)
    synced()
    lists.rows["services"] = rows(240, teams=15, first=10)
    lists.rows["services"][7]["name"] = "Renamed"
    synced()
    assert Service.objects.current().count() == 240
    assert Service.objects.filter(is_gone=True).count() == 10
    found = Sync.objects.get(kind="services")
    assert (found.rows, found.changed, found.gone) == (240, 1, 10)


def test_a_sync_leaves_most_of_the_rate_limit_to_others() -> None:
    limits = Limits()
    assert limits.seconds(limits.calls_at_once) == 0
    assert limits.seconds(limits.calls_at_once + limits.calls_a_minute) == 60
