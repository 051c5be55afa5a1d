"""No error is bare, and an expired log-in loses nothing."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import NoReverseMatch, reverse

from incidentportal.incidents.models import Submission
from sandbox import Sandbox
from tests.conftest import PASSWORD
from tests.incidents.base import least

NEW = "/incidents/new/"


@pytest.mark.parametrize("method", ["head", "get"])
@pytest.mark.parametrize("path", ["/incidents/new/", "/incidents/", "/healthz"])
def test_pages_can_be_asked_for_by_head(page_of_ada: Client, directory: Sandbox, method: str, path: str) -> None:
    assert getattr(page_of_ada, method)(path).status_code == 200


def test_nobody_can_sign_up() -> None:
    with pytest.raises(NoReverseMatch):
        reverse("account_signup")


@pytest.mark.parametrize("path", ["/incidents/new/check/title/", "/incidents/new/outlook/", "/incidents/new/rehearse/"])
def test_a_method_that_is_not_allowed_is_explained(page_of_ada: Client, directory: Sandbox, path: str) -> None:
    answer = page_of_ada.get(path)
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert "Method not allowed" in answer.content.decode()


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"x" * 5_000_001, "application/x-www-form-urlencoded"),
        (b"a=1&" * 1_001, "application/x-www-form-urlencoded"),
        (b"no parts", "multipart/form-data"),
        (b"title=x", "application/x-www-form-urlencoded; charset=utf-16"),
    ],
)
def test_what_cannot_be_read_is_explained(page_of_ada: Client, directory: Sandbox, body: bytes, kind: str) -> None:
    answer = page_of_ada.post("/incidents/new/", body, content_type=kind)
    assert (answer.status_code, directory.incidents) == (400, [])
    assert "Nothing was sent." in answer.content.decode()


def test_a_form_sent_after_the_log_in_expired_comes_back(directory: Sandbox, ada: User, client: Client) -> None:
    answers = least(directory, details="kept text")
    answer = client.post(NEW, answers)
    assert (answer.status_code, answer["Location"]) == (302, "/login/?next=/incidents/new/")
    answer = client.post(answer["Location"], {"login": "ada", "password": PASSWORD})
    assert answer["Location"] == NEW
    address = client.get(NEW)["Location"]
    for page in (client.get(address), client.get(address)):  # a reload loses nothing
        form = page.context["form"]
        assert "nothing was sent" in page.content.decode()
        assert (form["details"].value(), str(form["form_key"].value())) == ("kept text", answers["form_key"])
    assert (Submission.objects.count(), directory.incidents) == (0, [])


@pytest.mark.parametrize("path", ["rehearse/", "note/Q0123456789ABC/", "draft/"])
def test_any_button_of_the_form_is_kept_through_a_log_in(
    directory: Sandbox, ada: User, client: Client, path: str
) -> None:
    answer = client.post(NEW + path, least(directory, details="kept text"))
    assert answer["Location"] == "/login/?next=/incidents/new/"
    client.post(answer["Location"], {"login": "ada", "password": PASSWORD})
    assert client.get(client.get(NEW)["Location"]).context["form"]["details"].value() == "kept text"


def test_an_expired_log_in_leaves_the_page_as_it_is(directory: Sandbox, client: Client) -> None:
    answer = client.post("/incidents/new/check/title/", {"title": "x"}, headers={"HX-Request": "true"})
    assert (answer.status_code, answer["HX-Retarget"]) == (200, "#problem")
    assert 'target="_blank"' in answer.content.decode()
