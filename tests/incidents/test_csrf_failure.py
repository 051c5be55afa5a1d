"""A missing or foreign CSRF token: nothing is sent, and nothing typed is lost."""

from typing import Any

from django.contrib.auth.models import User
from django.test import Client

from incidentportal.incidents.models import Submission
from sandbox import Sandbox
from tests.incidents.base import least

NEW = "/incidents/new/"


def test_a_refused_token_after_a_submission_leads_to_that_submission(
    page_of_ada: Client, directory: Sandbox, ada: Any
) -> None:
    answers = least(directory)
    page_of_ada.post("/incidents/new/", answers)
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ada)
    answer = strict.post("/incidents/new/", answers)
    assert (answer.status_code, answer["Location"]) == (302, Submission.objects.get().get_absolute_url())
    fresh = least(directory)
    shown = strict.post("/incidents/new/", fresh)
    assert (shown.status_code, str(shown.context["form"]["form_key"].value())) == (403, fresh["form_key"])


def test_a_form_without_a_token_from_somebody_logged_out_waits_for_the_log_in(directory: Sandbox, ada: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post(NEW, least(directory, details="kept text"))
    assert answer["Location"] == "/login/?next=/incidents/new/"
    strict.force_login(ada)
    assert strict.get(strict.get(NEW)["Location"]).context["form"]["details"].value() == "kept text"


def test_a_refused_csrf_token_gives_the_text_back(directory: Sandbox, ada: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ada)
    answer = strict.post(NEW, least(directory, details="kept text"))
    assert answer.status_code == 403
    assert answer.context["form"]["details"].value() == "kept text"
    assert "Nothing was sent" in answer.content.decode()
    assert (Submission.objects.count(), directory.incidents) == (0, [])
