"""Nothing typed is lost: drafts, and what a log-in interrupted."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.contrib.auth.models import User
from django.test import Client
from django.utils.html import strip_tags
from django.utils.timezone import now

from incidentportal.incidents.drafts import LONGEST
from incidentportal.incidents.models import Draft
from sandbox import Sandbox
from tests.conftest import PASSWORD
from tests.incidents.base import filled_in, least

NEW, DRAFT = "/incidents/new/", "/incidents/new/draft/"


def test_what_is_typed_is_saved_and_offered_on_return(page_of_ada: Client, directory: Sandbox) -> None:
    key = str(uuid4())
    answer = page_of_ada.post(DRAFT, {"form_key": key, "title": "Half a tit", "details": " two\nlines ", "urgency": ""})
    assert answer.status_code == 200
    assert Draft.objects.get().answers == {"title": ["Half a tit"], "details": [" two\nlines "]}
    page = page_of_ada.get(NEW)
    assert [str(draft.form_key) for draft in page.context["drafts"]] == [key]
    assert "Half a tit" in page.content.decode()
    resumed = page_of_ada.get(NEW, {"draft": key})
    form = resumed.context["form"]
    assert (form["title"].value(), form["details"].value(), str(form["form_key"].value())) == (
        "Half a tit",
        " two\nlines ",
        key,
    )
    assert form.errors == {}


def test_a_draft_that_cannot_be_right_is_kept_as_it_was_typed(page_of_ada: Client, directory: Sandbox) -> None:
    key = str(uuid4())
    page_of_ada.post(DRAFT, {"form_key": key, "service": "Checkout AP", "conference_url": "javascript:x"})
    form = page_of_ada.get(NEW, {"draft": key}).context["form"]
    assert (form["service"].value(), form["conference_url"].value()) == (["Checkout AP"], "javascript:x")
    assert set(form.errors) == {"service", "conference_url"}


def test_the_latest_text_wins_and_an_emptied_form_is_no_draft(page_of_ada: Client, directory: Sandbox) -> None:
    key = str(uuid4())
    for title in ("A", "B"):
        page_of_ada.post(DRAFT, {"form_key": key, "title": title})
    assert [draft.title for draft in Draft.objects.all()] == ["B"]
    page_of_ada.post(DRAFT, {"form_key": key, "title": "  "})
    assert Draft.objects.count() == 0


def test_a_draft_is_private_to_its_author(page_of_ada: Client, directory: Sandbox) -> None:
    key = str(uuid4())
    page_of_ada.post(DRAFT, {"form_key": key, "title": "Mine"})
    person = directory.account.users[3]
    other = Client()
    other.force_login(User.objects.create_user("other", person["email"], PASSWORD))
    assert other.get(NEW, {"draft": key}).status_code == 404
    assert list(other.get(NEW).context["drafts"]) == []
    other.post(f"/incidents/new/draft/{key}/discard/")
    assert Draft.objects.count() == 1


def test_a_draft_goes_when_it_is_sent_or_discarded(page_of_ada: Client, directory: Sandbox) -> None:
    answers = least(directory)
    page_of_ada.post(DRAFT, answers)
    page_of_ada.post(NEW, answers)
    assert Draft.objects.count() == 0
    page_of_ada.post(DRAFT, answers)  # a late save of the page that was just sent
    assert Draft.objects.count() == 0
    for title in ("Edited", "Edited again"):  # back, and another text: kept as the form that it will be
        page_of_ada.post(DRAFT, answers | {"title": title})
    assert [draft.title for draft in Draft.objects.all()] == ["Edited again"]
    changed = page_of_ada.post(NEW, answers | {"title": "Edited again"})
    assert (changed.status_code, str(changed.context["form"]["form_key"].value())) == (
        409,
        str(Draft.objects.get().form_key),
    )
    Draft.objects.all().delete()
    other = answers | {"form_key": str(uuid4())}
    page_of_ada.post(DRAFT, other)
    answer = page_of_ada.post(f"/incidents/new/draft/{other['form_key']}/discard/")
    assert (answer.status_code, Draft.objects.count()) == (302, 0)


def test_a_draft_of_any_size_or_shape_is_kept_or_says_why_not(page_of_ada: Client, directory: Sandbox) -> None:
    incomplete = "Draft not saved: this page is incomplete. Copy what you wrote, and reload it."
    for data, said in (
        ({"form_key": "nonsense", "title": "x"}, incomplete),
        ({"title": "x"}, incomplete),
        (
            {"form_key": str(uuid4()), "details": "x" * (LONGEST + 1)},
            "Draft not saved: it is longer than 200,000 characters.",
        ),
        ({"form_key": str(uuid4()), "title": "\x00"}, ""),
        (
            {"form_key": str(uuid4()), "service": ["x" * LONGEST, "y"]},
            "Draft not saved: it is longer than 200,000 characters.",
        ),
    ):
        answer = page_of_ada.post(DRAFT, data)
        assert (answer.status_code, strip_tags(answer.content.decode()).strip()) == (200, said)
    assert Draft.objects.count() == 0


def test_what_is_too_long_leaves_what_was_kept_before(page_of_ada: Client, directory: Sandbox) -> None:
    answers = {"form_key": str(uuid4()), "title": "Kept"}
    page_of_ada.post(DRAFT, answers)
    page_of_ada.post(DRAFT, answers | {"details": "x" * LONGEST})
    assert Draft.objects.get().answers == {"title": ["Kept"]}


def test_a_save_stores_and_asks_the_directory_nothing(
    page_of_ada: Client, directory: Sandbox, django_assert_num_queries: Any
) -> None:
    answers = filled_in(directory, page_of_ada.get(NEW, {"title": "x"})) | {"urgency": "high"}
    for change in ({}, {"title": "Another"}, {"service": "no such", "assignees": ["nobody", "no one"]}):
        # Who it is (2), whether this form was sent, and one statement that stores it.
        with django_assert_num_queries(4) as asked:
            assert page_of_ada.post(DRAFT, answers | change).status_code == 200
        assert [query["sql"] for query in asked.captured_queries if "directory_" in query["sql"]] == []
    assert Draft.objects.get().answers["assignees"] == ["nobody", "no one"]


def test_drafts_are_kept_seven_days(page_of_ada: Client, directory: Sandbox) -> None:
    page_of_ada.post(DRAFT, {"form_key": str(uuid4()), "title": "old"})
    page_of_ada.post(DRAFT, {"form_key": str(uuid4()), "title": "new"})
    Draft.objects.filter(answers__title=["old"]).update(updated_at=now() - timedelta(days=7, seconds=1))
    assert [draft.title for draft in page_of_ada.get(NEW).context["drafts"]] == ["new"]
    assert Draft.objects.stale().delete()[0] == 1
    assert [draft.title for draft in Draft.objects.all()] == ["new"]


def test_a_link_is_followed_and_what_was_kept_is_offered(directory: Sandbox, ada: User, client: Client) -> None:
    client.post(NEW, least(directory, title="Kept"))
    client.post(f"/login/?next={NEW}%3Ftitle=Link", {"login": "ada", "password": PASSWORD})
    page = client.get(NEW, {"title": "Link"})
    assert page.context["form"]["title"].value() == "Link"
    assert [draft.title for draft in page.context["drafts"]] == ["Kept"]


def test_what_somebody_else_wrote_is_not_shown_to_who_logs_in_next(
    directory: Sandbox, ada: User, client: Client
) -> None:
    client.post(NEW, least(directory, title="Kept", author=str(ada.pk + 1)))
    client.post(f"/login/?next={NEW}", {"login": "ada", "password": PASSWORD})
    assert (client.get(NEW).status_code, Draft.objects.count()) == (200, 0)


def test_a_page_without_its_key_sends_nothing_and_keeps_the_text(page_of_ada: Client, directory: Sandbox) -> None:
    for key in ("", "nonsense"):
        answer = page_of_ada.post(NEW, least(directory, details="kept text", form_key=key))
        assert (answer.status_code, directory.incidents) == (422, [])
        form = answer.context["form"]
        assert form["details"].value() == "kept text"
        assert "nothing was sent" in answer.content.decode()
    page_of_ada.post(NEW, least(directory, details="kept text", form_key=str(form["form_key"].value())))
    assert len(directory.incidents) == 1
