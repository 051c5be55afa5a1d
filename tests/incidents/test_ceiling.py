"""One log-in cannot page without end: what is too much is refused, nothing typed is lost, and it says whom to call."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils.timezone import now

from incidentportal.incidents import ceiling
from incidentportal.incidents.models import Submission
from sandbox import Sandbox
from tests.incidents.base import least, send
from tests.incidents.test_delivery import stored

NEW = "/incidents/new/"
SAID = (
    "This was not sent: you have sent 60 reports in 10 minutes, and the portal takes no more."
    " Wait a few minutes, then press the button again."
)


@pytest.fixture
def busy(page_of_ada: Client, ada: User, directory: Sandbox) -> Client:
    """Ada has sent as many reports as she may."""
    for _ in range(ceiling.MOST):
        stored(ada)
    return page_of_ada


@pytest.mark.parametrize(
    ("contact", "advice"),
    [
        ("", ""),
        ("Operations, +1 415-555-1212", " If it cannot wait: Operations, +1 415-555-1212"),
    ],
)
def test_one_more_is_refused_and_comes_back(
    busy: Client, directory: Sandbox, settings: Any, contact: str, advice: str
) -> None:
    settings.EMERGENCY_CONTACT = contact
    answers = least(directory, details="kept text")
    page = busy.post(NEW, answers)
    form = page.context["form"]
    assert (page.status_code, form.errors) == (422, {"__all__": [f"{SAID}{advice}"]})
    assert (form["details"].value(), str(form["form_key"].value())) == ("kept text", answers["form_key"])
    assert (Submission.objects.count(), directory.incidents) == (ceiling.MOST, [])


def test_what_was_sent_before_still_leads_to_its_receipt(busy: Client, ada: User, directory: Sandbox) -> None:
    earlier = Submission.objects.first()
    assert earlier is not None
    answer = busy.post(NEW, least(directory, form_key=str(earlier.form_key)))
    assert (answer.status_code, answer["Location"]) == (302, earlier.get_absolute_url())


def test_the_other_half_of_a_double_click_is_no_other_report(busy: Client, ada: User) -> None:
    """It looked for the form before the first half had stored it, and counts after that."""
    last = Submission.objects.first()
    assert last
    assert ceiling.objection_to_another(ada, last.form_key) is None
    assert ceiling.objection_to_another(ada, uuid4()) is not None


def test_others_and_later_reports_are_let_through(busy: Client, directory: Sandbox) -> None:
    other = Client()
    other.force_login(User.objects.create_user("bruno", directory.account.users[1]["email"]))
    assert send(other, least(directory)).state == "created"
    last = Submission.objects.filter(created_by__username="ada").last()
    assert last
    Submission.objects.filter(pk=last.pk).update(created_at=now() - ceiling.WITHIN - timedelta(seconds=1))
    assert send(busy, least(directory)).state == "created"
    assert busy.post(NEW, least(directory)).status_code == 422


def test_the_ceiling_is_what_it_says(page_of_ada: Client, directory: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ceiling, "MOST", 3)
    answers = [page_of_ada.post(NEW, least(directory)).status_code for _ in range(6)]
    assert answers == [302, 302, 302, 422, 422, 422]
    assert len(directory.incidents) == 3
