"""Rehearse: the same request where it pages nobody."""

from typing import Any

from django.test import Client

from incidentportal.incidents.models import Submission
from sandbox import Sandbox
from tests.incidents.base import least


def test_a_rehearsal_shows_the_answer_and_pages_nobody(page_of_ada: Client, directory: Sandbox, settings: Any) -> None:
    with Sandbox(rehearsal=True) as practice:
        settings.REHEARSAL_API_URL = practice.url
        answer = page_of_ada.post("/incidents/new/rehearse/", least(directory))
        (request,) = practice.requests
    assert (request.headers["From"], request.json["incident"]["title"]) == ("ada@example.com", "Card payments fail")
    assert settings.PAGERDUTY_API_TOKEN not in str(request.headers["Authorization"])
    assert (answer.context["answer"]["status"], directory.incidents, Submission.objects.count()) == (201, [], 0)


def test_a_rehearsal_without_an_address_says_so(page_of_ada: Client, directory: Sandbox) -> None:
    answer = page_of_ada.post("/incidents/new/rehearse/", least(directory))
    assert "REHEARSAL_API_URL" in answer.context["answer"]["problem"]
    assert answer.status_code == 200


def test_a_rehearsal_of_what_is_wrong_says_what(page_of_ada: Client, directory: Sandbox) -> None:
    answers = least(directory, conference_url="javascript:x")
    answer = page_of_ada.post("/incidents/new/rehearse/", answers, headers={"HX-Request": "true"})
    assert answer.status_code == 422
    assert "Fix these first. Conference link: Write a web address" in answer.context["answer"]["problem"]
