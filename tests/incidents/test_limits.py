"""What is longer than it may be is said to be so, comes back as it was typed, and is not worked on."""

import unicodedata
from typing import Any
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.test import Client

from incidentportal.incidents.report import FIELDS
from sandbox import Sandbox
from tests.incidents.base import least, send
from tests.sandbox.base import create

LONG = "Zahlung fällt aus " * 55_000  # a million characters
MOST = 200_000  # characters that are looked at one by one


class Work:
    """The characters that Python has looked at one by one, or folded."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.done = 0
        for name in ("normalize", "category", "combining", "bidirectional"):
            monkeypatch.setattr(unicodedata, name, self.counted(getattr(unicodedata, name)))

    def counted(self, look: Any) -> Any:
        def counting(*texts: str) -> Any:
            self.done += len(texts[-1])
            return look(*texts)

        return counting


@pytest.fixture
def work(page_of_ada: Client, directory: Sandbox, monkeypatch: pytest.MonkeyPatch) -> Work:
    """A hundred incidents are open on the service of the form."""
    for number in range(100):
        create(directory, title=f"Überweisung {number} fällt aus")
    return Work(monkeypatch)


def answers(directory: Sandbox, **changes: Any) -> dict[str, Any]:
    return {**least(directory), **changes}


PATHS = ["outlook/", "check/title/", "draft/", "rehearse/", "note/Q0123456789ABC/"]


@pytest.mark.parametrize(
    ("field", "path"),
    [(field, "") for field in FIELDS]
    + [(field, path) for path in PATHS for field in ("title", "service", "assignees")],
)
def test_a_long_answer_costs_little(page_of_ada: Client, directory: Sandbox, work: Work, field: str, path: str) -> None:
    page_of_ada.post(f"/incidents/new/{path}", answers(directory, **{field: LONG}))
    assert work.done < MOST


@pytest.mark.parametrize("field", FIELDS)
def test_a_long_answer_comes_back_as_it_was_typed(page_of_ada: Client, directory: Sandbox, field: str) -> None:
    page = page_of_ada.post("/incidents/new/", answers(directory, **{field: LONG}))
    assert page.status_code == 422
    value = page.context["form"][field].value()
    assert "".join(value).strip() == LONG.strip()
    assert page.context["form"].errors.keys() == {field}
    assert directory.incidents == []


@pytest.mark.parametrize("field", ["title", "details", "conference_url", "conference_number", "incident_key"])
@pytest.mark.parametrize("text", [LONG, "\u200b" * 1_000_000, "x" * 1_000_000, "+49" + ",1" * 500_000])
def test_of_what_is_too_long_only_that_is_said(
    page_of_ada: Client, directory: Sandbox, work: Work, field: str, text: str
) -> None:
    page = page_of_ada.post("/incidents/new/", answers(directory, **{field: text}))
    (sentence,) = page.context["form"].errors[field]
    assert sentence.startswith(f"This is {len(text.strip() if field != 'details' else text)} characters long; at most ")
    assert work.done < MOST


@pytest.mark.parametrize("times", [21, 900])
def test_only_so_many_people_are_looked_up(
    page_of_ada: Client, directory: Sandbox, django_assert_max_num_queries: Any, times: int
) -> None:
    people = [f"PU{number}" for number in range(times)]
    with django_assert_max_num_queries(100):
        page = page_of_ada.post("/incidents/new/", answers(directory, assignees=people))
    assert page.context["form"].errors["assignees"] == [f"Choose one person: {times} were sent."]
    with django_assert_max_num_queries(100):
        page = page_of_ada.get("/incidents/new/", {"assignees": people})
    said = f"The link gives assignees {times} times; only the first 20 are used."
    assert said in page.context["link_problems"]


def test_a_million_lines_are_not_a_million_answers(page_of_ada: Client, directory: Sandbox) -> None:
    text = "\n".join(map(str, range(500_000)))
    page = page_of_ada.post("/incidents/new/", answers(directory, assignees=text))
    shown = page.context["form"]["assignees"].value()
    assert (len(shown), "\n".join(shown)) == (51, text)


@pytest.mark.parametrize("name", ["q", "title", "assignees", "urgency", "x" * 1_000_000])
@pytest.mark.parametrize("path", ["/incidents/", "/incidents/new/", "/directory/people/"])
def test_a_long_parameter_costs_little(page_of_ada: Client, work: Work, path: str, name: str) -> None:
    page = page_of_ada.get(path, {name: LONG})
    assert page.status_code == 200
    assert len(page.content) < 200_000 + len(LONG) * (path == "/incidents/new/")
    assert work.done < MOST


@pytest.mark.parametrize("name", ["title", "summary", "status", "urgency", "html_url", "created_at", "assigned_via"])
def test_a_long_text_of_pagerduty_costs_little(page_of_ada: Client, directory: Sandbox, work: Work, name: str) -> None:
    directory.incidents[7][name] = LONG
    page = page_of_ada.post("/incidents/new/outlook/", answers(directory, title="Überweisung fällt aus"))
    assert page.status_code == 200
    assert len(page.content) < 200_000
    assert work.done < MOST


@pytest.mark.parametrize("place", ["title", "service", "assignments", "priority"])
def test_a_long_text_in_the_incident_itself_is_cut(page_of_ada: Client, directory: Sandbox, place: str) -> None:
    submission = send(page_of_ada, least(directory))
    incident = directory.incidents[0]
    thing = {"id": "P1", "summary": LONG}
    incident[place] = LONG if place == "title" else [{"assignee": thing}] if place == "assignments" else thing
    cache.clear()
    page = page_of_ada.get(submission.get_absolute_url())
    assert page.status_code == 200
    assert len(page.content) < 100_000


def test_what_was_kept_through_a_log_in_is_no_longer_than_a_form(directory: Sandbox, client: Client) -> None:
    client.post("/incidents/new/", answers(directory, form_key=LONG, author=LONG))
    assert len(str(dict(client.session))) < 1_000
    assert str(uuid4()) not in str(dict(client.session))
