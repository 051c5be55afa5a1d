"""A list that is not proven whole marks nobody gone, and a list that paging does not need holds up no other."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils.timezone import now

from incidentportal import pagerduty
from incidentportal.directory.models import Person, Priority, Service, Sync, Team
from incidentportal.directory.sync import list_reader
from incidentportal.pagerduty import shared_state
from sandbox import Fault, Sandbox
from tests.directory.conftest import synced
from tests.directory.lists import JSON, Lists, Query

PEOPLE = [{"id": f"PU{number:02}", "name": f"Person {number:02}"} for number in range(34)]
KEPT = "What was known before and not seen again was kept."
Page = Callable[[int], JSON]


@pytest.fixture
def known(lists: Lists) -> Lists:
    """An account of 34 people, all of them in the mirror."""
    lists.rows["users"] = list(PEOPLE)
    synced()
    return lists


def people_are_listed(lists: Lists, page: Page) -> None:
    """From now on `page` says what is in the list of people from an offset on."""

    def twist(name: str, query: Query, status: int, body: Any) -> tuple[int, Any]:
        return (status, {"users": [], **page(int(query["offset"][0]))}) if name == "users" else (status, body)

    lists.twist = twist


def gone_and_said(lists: Lists) -> tuple[int, str]:
    synced()
    return Person.objects.filter(is_gone=True).count(), Sync.objects.get(kind="people").problem


WHOLE: dict[str, Page] = {
    "25 a page, whatever was asked for": lambda offset: {
        "users": PEOPLE[offset:][:25],
        "more": offset + 25 < 34,
        "total": 34,
    },
    "one a page": lambda offset: {"users": PEOPLE[offset:][:1], "more": offset < 33, "total": 34},
    "the total of a page": lambda offset: {"users": PEOPLE[offset:][:25], "more": offset + 25 < 34, "total": 25},
    "no total": lambda offset: {"users": PEOPLE[offset:][:25], "more": offset + 25 < 34},
    "two pages that overlap": lambda offset: {"users": PEOPLE[max(offset - 3, 0) :][:25], "more": not offset},
}
SHORT: dict[str, tuple[Page, str]] = {
    "the first page again and again": (
        lambda offset: {"users": PEOPLE[:25], "more": True, "total": 34},
        "25 of 34 were found",
    ),
    "it ends too early": (lambda offset: {"users": PEOPLE[:25], "more": False, "total": 34}, "25 of 34 were found"),
    "the rest is empty": (
        lambda offset: {"users": PEOPLE[offset:25], "more": True},
        "25 were found; PagerDuty says that there are more, and gives no others",
    ),
    "one comes twice and another not at all": (
        lambda offset: {"users": [*PEOPLE[:33], PEOPLE[0]], "more": False, "total": 34},
        "33 of 34 were found",
    ),
    "more is missing": (
        lambda offset: {"users": PEOPLE[:25]},
        "25 were found; PagerDuty does not say whether there are more",
    ),
    "more is text": (
        lambda offset: {"users": PEOPLE[:25], "more": "true"},
        "25 were found; PagerDuty does not say whether there are more",
    ),
    "the total is text": (
        lambda offset: {"users": PEOPLE[:25], "more": False, "total": "34"},
        "25 were found; PagerDuty does not say whether there are more",
    ),
    "the total is true": (
        lambda offset: {"users": PEOPLE[:25], "more": False, "total": True},
        "25 were found; PagerDuty does not say whether there are more",
    ),
    "the total changes": (
        lambda offset: {"users": PEOPLE[offset:33][:25], "more": not offset, "total": 33 if offset else 32},
        "33 were found; how many there are changed while they were read",
    ),
    "one has no id": (
        lambda offset: {"users": [*PEOPLE[:33], {"name": "Person 33"}], "more": False, "total": None},
        "33 were found, and 1 row without an id",
    ),
    "one has an id that is none": (
        lambda offset: {"users": [*PEOPLE[:32], {"id": 33}, {"id": "34\x00"}], "more": False, "total": 34},
        "32 were found, and 2 rows without an id",
    ),
    "suddenly nobody": (
        lambda offset: {"users": [], "more": False, "total": 0},
        "None was found, where 34 were known",
    ),
}


@pytest.mark.parametrize("case", WHOLE)
def test_every_row_is_found_however_they_are_cut_into_pages(known: Lists, case: str) -> None:
    people_are_listed(known, WHOLE[case])
    assert gone_and_said(known) == (0, "")


@pytest.mark.parametrize("case", SHORT)
def test_a_list_that_is_not_proven_whole_marks_nobody_gone(known: Lists, case: str) -> None:
    page, said = SHORT[case]
    people_are_listed(known, page)
    assert gone_and_said(known) == (0, f"{said}. {KEPT}")


def test_a_list_that_is_whole_marks_gone_who_is_not_in_it(known: Lists) -> None:
    people_are_listed(known, lambda offset: {"users": PEOPLE[:25], "more": False, "total": 25})
    assert gone_and_said(known) == (9, "")


@pytest.mark.parametrize("answer", [(403, {}), (400, {}), (200, []), (200, {"users": {}}), (200, {"users": ["x"]})])
def test_an_error_in_the_middle_marks_nobody_gone(
    known: Lists, answer: tuple[int, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(list_reader, "TRIES", 1)

    def twist(name: str, query: Query, status: int, body: Any) -> tuple[int, Any]:
        if name != "users":
            return status, body
        return answer if query["offset"] != ["0"] else (200, {"users": PEOPLE[:25], "more": True, "total": 34})

    known.twist = twist
    with pytest.raises(pagerduty.Problem) as raised:
        synced()
    assert not Person.objects.filter(is_gone=True).exists()
    assert Sync.objects.get(kind="people").problem == str(raised.value)


def test_a_list_that_the_account_lacks_from_its_second_page_on_marks_nothing_gone(lists: Lists) -> None:
    lists.rows["teams"] = [{"id": f"PT{number}", "name": f"Team {number}"} for number in range(120)]
    synced()
    lists.twist = lambda name, query, *answer: (404, {}) if query.get("offset") == ["100"] else answer
    synced()
    assert Team.objects.current().count() == 120


def test_what_is_missing_is_said_to_people_and_operators(known: Lists, admin_client: Client) -> None:
    people_are_listed(known, SHORT["it ends too early"][0])
    synced()
    said = f"People: 25 of 34 were found. {KEPT}"
    assert said in admin_client.get("/directory/people/").content.decode()
    assert said in admin_client.get("/readyz").json()["checks"]["directory"]["detail"]


OPTIONAL = ["GET /teams", "GET /priorities", "GET /incidents/types"]


@pytest.mark.parametrize("call", OPTIONAL)
@pytest.mark.parametrize("fault", ["403", "403 denied", "402", "500", "503", "408", "429", "garbage", "drop before"])
def test_a_list_that_paging_does_not_need_holds_up_no_other(
    sandbox: Sandbox, db: None, client: Client, call: str, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_state, "SILENT_SECONDS", 0.1)
    monkeypatch.setattr(list_reader, "PATIENCE", 0.5)
    sandbox.faults = [Fault(fault, call, seconds=0.1)] * 9
    call_command("sync_directory", verbosity=0)
    assert (Service.objects.current().count(), Person.objects.current().count()) == (64, 40)
    assert not Sync.objects.claim(timedelta(minutes=15))
    assert client.get("/readyz").json()["checks"]["directory"]["ok"]


def test_a_list_that_paging_does_not_need_and_that_cannot_be_had_is_said(
    sandbox: Sandbox, db: None, client: Client
) -> None:
    sandbox.faults = [Fault("403 denied", "GET /teams")]
    said = synced()
    problem = Sync.objects.get(kind="teams").problem
    assert problem.startswith("PagerDuty denie")
    assert [line for line in said if "teams" in line] == [f"teams: {problem}"]
    detail = client.get("/readyz").json()["checks"]["directory"]["detail"]
    assert detail == f"Last synced 0 min ago. Teams: {problem}"
    assert Priority.objects.current().count() == 5


def test_a_list_that_paging_needs_and_that_cannot_be_had_holds_up_no_other_either(sandbox: Sandbox, db: None) -> None:
    sandbox.faults = [Fault("500", "GET /escalation_policies")]
    with pytest.raises(pagerduty.Unavailable):
        synced()
    assert (Service.objects.current().count(), Person.objects.current().count()) == (64, 40)


@pytest.mark.parametrize(("minutes", "pause"), [(0, 1), (1, 1), (4, 4), (180, 15)])
def test_after_each_failure_the_pause_grows(directory: Sandbox, minutes: int, pause: int) -> None:
    Sync.objects.all().update(synced_at=now() - timedelta(days=1))
    assert Sync.objects.claim(timedelta(minutes=15))
    if minutes:
        Sync.objects.filter(kind="directory").update(started_at=now() - timedelta(minutes=minutes))
    began = now()
    Sync.objects.release(is_complete=False)
    until = Sync.objects.get(kind="directory").claimed_until
    assert until is not None and round((until - began).total_seconds() / 60) == pause
    Sync.objects.release(is_complete=True)
    assert Sync.objects.get(kind="directory").started_at is None
