"""The list: what was submitted through the portal, newest first, with search and pages."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now

from incidentportal.incidents.models import Submission
from sandbox import Sandbox
from tests.incidents.test_delivery import stored


def titles(client: Client, **query: str) -> list[str]:
    return [row.title for row in client.get("/incidents/", query).context["page"]]


@pytest.fixture
def three(ada: User, directory: Sandbox) -> None:
    for age, title in enumerate(["Newest 100% <b>", "Middle one", "Oldest"]):
        submission = stored(ada, title=title, incident_key=f"key-{age}")
        Submission.objects.filter(pk=submission.pk).update(created_at=now() - timedelta(minutes=age))


def test_the_newest_is_first(page_of_ada: Client, three: None) -> None:
    assert titles(page_of_ada) == ["Newest 100% <b>", "Middle one", "Oldest"]
    page = page_of_ada.get("/incidents/").content.decode()
    assert "Newest 100% &lt;b&gt;" in page
    assert "Ada Byron" in page
    assert "Checkout API" in page


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("one middle", ["Middle one"]),
        ("100%", ["Newest 100% <b>"]),
        ("key-2", ["Oldest"]),
        ("ada byron checkout", ["Newest 100% <b>", "Middle one", "Oldest"]),
        ("ada@example.com oldest", ["Oldest"]),
        ("nothing like it", []),
        ("\x00", ["Newest 100% <b>", "Middle one", "Oldest"]),
        ("#", []),
    ],
)
def test_search(page_of_ada: Client, three: None, q: str, found: list[str]) -> None:
    assert titles(page_of_ada, q=q) == found


def test_search_by_number(page_of_ada: Client, three: None) -> None:
    Submission.objects.filter(title="Oldest").update(incident_number="4711")
    assert titles(page_of_ada, q="#4711") == ["Oldest"]


def test_pages(page_of_ada: Client, directory: Sandbox, ada: User) -> None:
    for number in range(27):
        stored(ada, title=f"T{number}")
    pages = [titles(page_of_ada, page=page) for page in ("1", "2", "99", "x")]
    assert [len(page) for page in pages] == [25, 2, 2, 25]


def test_an_empty_list_says_so(page_of_ada: Client, directory: Sandbox) -> None:
    assert page_of_ada.get("/incidents/").status_code == 200
    assert titles(page_of_ada) == []
    assert "No incidents yet" in page_of_ada.get("/incidents/").content.decode()


def test_each_is_called_what_its_own_page_calls_it(page_of_ada: Client, three: None) -> None:
    other = {"incident": {"id": "Q1"}, "incident_id": "Q1"}
    Submission.objects.filter(title="Oldest").update(state="created", cancel_asked_at=now(), **other)
    Submission.objects.filter(title="Middle one").update(state="rejected", **other)
    rows = page_of_ada.get("/incidents/").context["rows"]
    assert [(phase.label, phase.tone) for _, phase in rows] == [
        ("Not confirmed", "waiting"),
        ("Already open", "waiting"),
        ("Created", "ok"),
    ]


def test_the_list_asks_the_database_as_often_for_one_as_for_many(
    page_of_ada: Client, directory: Sandbox, ada: User, django_assert_max_num_queries: Any
) -> None:
    stored(ada)
    with CaptureQueriesContext(connection) as one:
        page_of_ada.get("/incidents/")
    for _ in range(5):
        stored(ada)
    with django_assert_max_num_queries(len(one)):
        page_of_ada.get("/incidents/")
