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


NUL = [r'"\000"', r'"a\000b"', r'"\000' + "x" * 3000 + '"', "a\x00b"]


@pytest.mark.parametrize("cookie", NUL)
@pytest.mark.parametrize("name", ["sessionid", "csrftoken", "messages"])
@pytest.mark.parametrize("path", ["/incidents/new/", "/login/", "/admin/", "/nowhere/", "/healthz"])
def test_a_cookie_that_no_database_can_look_for_is_no_cookie(db: None, path: str, name: str, cookie: str) -> None:
    one = Client(headers={"cookie": f"{name}={cookie}"})
    assert one.get(path).status_code == Client().get(path).status_code
    assert one.post(path, {"login": "ada"}).status_code == Client().post(path, {"login": "ada"}).status_code


def test_the_other_cookies_count(page_of_ada: Client, directory: Sandbox) -> None:
    session = page_of_ada.cookies["sessionid"].value
    one = Client(headers={"cookie": rf'messages="\000"; sessionid={session}'})
    assert one.get(NEW).status_code == 200


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/incidents/%00/", 400),
        ("/directory/services/P%001/star/", 400),
        ("/admin/auth/user/%00/change/", 400),
        ("/admin/auth/user/?q=%00", 400),
        ("/admin/auth/user/?q=a&q=%00&q=b", 400),
        ("/admin/auth/user/?%00=1", 400),
        ("/static/%00", 400),
        ("/incidents/?q=%00", 200),
        ("/incidents/new/?title=%00&service=%00&draft", 404),
        ("/login/?next=%00", 302),
        ("/incidents/%ed%a0%80/", 404),
        ("/admin/auth/user/?q=%ed%a0%80", 200),
        ("/incidents/new/?title=%ed%a0%80", 200),
    ],
)
def test_characters_that_cannot_be_looked_up(page_of_ada: Client, ada: User, path: str, status: int) -> None:
    User.objects.update(is_staff=True, is_superuser=True)
    assert page_of_ada.get(path).status_code == status


def test_an_admin_form_that_cannot_be_looked_up(page_of_ada: Client, ada: User) -> None:
    User.objects.update(is_staff=True, is_superuser=True)
    form = {"action": "delete_selected", "_selected_action": ["1", "\x00"]}
    assert page_of_ada.post("/admin/incidents/draft/", form).status_code == 400


@pytest.mark.parametrize("header", ["host", "hx-current-url", "referer", "x-forwarded-for", "user-agent", "accept"])
@pytest.mark.parametrize("text", ["a\x00b", "http://[", "\xed\xa0\x80"])
def test_strange_headers_are_no_failure(page_of_ada: Client, header: str, text: str) -> None:
    headers = {"hx-request": "true", header: text}
    assert page_of_ada.get(NEW, headers=headers).status_code == (400 if header == "host" else 200)
    assert page_of_ada.post("/login/", {"login": "a", "password": "b"}, headers=headers).status_code in {302, 400}
