"""The admin shows what people submitted, changes none of it, and never shows a draft's text."""

from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils.timezone import now

from incidentportal.incidents.models import Attempt, Draft, Note, Submission

INCIDENTS = "/admin/incidents"


@pytest.fixture
def submission(ada: User) -> Submission:
    made = Submission.objects.create(
        created_by=ada,
        form_key=uuid4(),
        sender_email="ada@example.com",
        sender_name="Ada",
        title="Card payments fail",
        service_id="P1",
        service_name="Checkout API",
        request={"title": "Card payments fail"},
        incident_key="portal-1",
        expires_at=now(),
    )
    Attempt.objects.create(
        submission=made, number=1, started_at=now(), outcome=Attempt.Outcome.UNAVAILABLE, problem="It was too slow."
    )
    return made


@pytest.fixture
def note(ada: User) -> Note:
    return Note.objects.create(
        created_by=ada, form_key=uuid4(), incident_id="Q1", content="Two more customers.", digest="0" * 64
    )


@pytest.fixture
def draft(ada: User) -> Draft:
    return Draft.objects.create(created_by=ada, form_key=uuid4(), answers={"title": ["Our secret outage"]})


def read(client: Client, address: str) -> str:
    answer = client.get(f"{INCIDENTS}/{address}")
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_a_submission_is_shown_with_its_attempts(admin_client: Client, submission: Submission) -> None:
    assert "Card payments fail" in read(admin_client, "submission/")
    page = read(admin_client, f"submission/{submission.pk}/change/")
    assert ("It was too slow." in page, "Unavailable" in page) == (True, True)
    assert 'name="attempt_set-0-problem"' not in page
    assert '<input type="hidden" name="attempt_set-MAX_NUM_FORMS" value="0"' in page


def test_a_note_is_shown_with_its_outcome(admin_client: Client, note: Note) -> None:
    assert "Not yet known" in read(admin_client, "note/")
    assert "Two more customers." in read(admin_client, f"note/{note.pk}/change/")


def test_notes_are_found_by_outcome(admin_client: Client, note: Note) -> None:
    assert 'href="?outcome__exact=added"' in read(admin_client, "note/")
    assert "1 note" in read(admin_client, "note/?outcome__exact=")
    assert "0 notes" in read(admin_client, "note/?outcome__exact=added")


def test_a_draft_is_shown_without_its_text(admin_client: Client, draft: Draft) -> None:
    pages = [read(admin_client, "draft/"), read(admin_client, f"draft/{draft.pk}/change/")]
    assert ["ada" in page for page in pages] == [True, True]
    assert ["secret" in page for page in pages] == [False, False]


def test_a_drafts_text_cannot_be_guessed_by_filtering(admin_client: Client, draft: Draft) -> None:
    answer = admin_client.get(f"{INCIDENTS}/draft/", {"answers__icontains": "secret"})
    assert answer.status_code == 400


@pytest.mark.parametrize("name", ["submission", "note", "draft"])
def test_nothing_is_added_changed_or_deleted(
    admin_client: Client, submission: Submission, note: Note, draft: Draft, name: str
) -> None:
    row = {"submission": submission, "note": note, "draft": draft}[name]
    before = type(row)._default_manager.values().get()
    path = f"{INCIDENTS}/{name}/"
    typed = {"title": "Changed", "content": "Changed", "attempt_set-TOTAL_FORMS": 0, "attempt_set-INITIAL_FORMS": 0}
    assert [
        admin_client.post(f"{path}{row.pk}/change/", typed).status_code,
        admin_client.post(f"{path}{row.pk}/delete/", {"post": "yes"}).status_code,
        admin_client.post(f"{path}add/", typed).status_code,
    ] == [403, 403, 403]
    admin_client.post(path, {"action": "delete_selected", "_selected_action": row.pk, "post": "yes"})
    assert (type(row)._default_manager.values().get(), Attempt.objects.count()) == (before, 1)
