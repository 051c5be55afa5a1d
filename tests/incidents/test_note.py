"""Add my report as a note to an open incident instead: once, and honestly."""

from queue import Queue
from threading import Thread
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client

from incidentportal.audit.models import Event
from incidentportal.incidents.models import Draft, Note, Submission
from incidentportal.incidents.notes import claim_again, result_of
from sandbox import Fault, Sandbox
from tests.incidents.base import least, send


@pytest.fixture
def incident(page_of_ada: Client, directory: Sandbox) -> Any:
    send(page_of_ada, least(directory))
    return directory.incidents[0]


def notes_sent(sandbox: Sandbox) -> list[Any]:
    return [request for request in sandbox.requests if request.method == "POST" and request.path.endswith("/notes")]


def test_a_report_becomes_a_note(page_of_ada: Client, directory: Sandbox, incident: Any) -> None:
    answers = least(directory, title="Card payments fail", details="Two more customers.")
    page_of_ada.post("/incidents/new/draft/", answers)
    answer = page_of_ada.post(f"/incidents/new/note/{incident['id']}/", answers)
    (sent,) = notes_sent(directory)
    assert (sent.headers["From"], sent.json) == (
        "ada@example.com",
        {"note": {"content": "Card payments fail\n\nTwo more customers."}},
    )
    assert (answer.status_code, Note.objects.get().outcome) == (200, "added")
    assert (Submission.objects.count(), Draft.objects.count(), len(directory.incidents)) == (1, 0, 1)


def test_twice_is_once(page_of_ada: Client, directory: Sandbox, incident: Any) -> None:
    answers = least(directory)
    for _ in range(2):
        page_of_ada.post(f"/incidents/new/note/{incident['id']}/", answers)
    assert len(notes_sent(directory)) == 1


def test_another_text_of_the_same_form_is_another_note(page_of_ada: Client, directory: Sandbox, incident: Any) -> None:
    answers = least(directory)
    page_of_ada.post(f"/incidents/new/note/{incident['id']}/", answers)
    answer = page_of_ada.post(f"/incidents/new/note/{incident['id']}/", answers | {"details": "IMPORTANT"})
    assert [request.json["note"]["content"] for request in notes_sent(directory)] == [
        "Card payments fail",
        "Card payments fail\n\nIMPORTANT",
    ]
    assert answer.context["earlier_note"] is True


def test_a_lost_answer_is_not_sent_again_and_said(page_of_ada: Client, directory: Sandbox, incident: Any) -> None:
    directory.faults = [Fault("drop after", call="POST /incidents/")]
    answers = least(directory)
    for _ in range(2):
        answer = page_of_ada.post(f"/incidents/new/note/{incident['id']}/", answers)
    assert (len(notes_sent(directory)), Note.objects.get().outcome) == (1, "unknown")
    assert "We do not know whether it was added" in answer.content.decode()


def test_a_refusal_is_said_and_can_be_tried_again(page_of_ada: Client, directory: Sandbox, incident: Any) -> None:
    answers = least(directory)
    page_of_ada.post("/incidents/new/note/QNOSUCHINCIDENT/", answers)
    assert Note.objects.get().outcome == "rejected"
    directory.faults = [Fault("401", call="POST /incidents/")]
    answer = page_of_ada.post(f"/incidents/new/note/{incident['id']}/", answers)
    assert f"Not added to incident <code>{incident['id']}</code>: PagerDuty refused" in answer.content.decode()
    page_of_ada.post(f"/incidents/new/note/{incident['id']}/", answers)
    assert sorted(Note.objects.values_list("outcome", flat=True)) == ["added", "rejected"]


def test_pressed_three_times_at_once_after_a_refusal_it_is_one_note(
    transactional_db: None, page_of_ada: Client, ada: User, directory: Sandbox, incident: Any
) -> None:
    path, answers = f"/incidents/new/note/{incident['id']}/", least(directory)
    directory.faults = [Fault("401", call="POST /incidents/")]
    page_of_ada.post(path, answers)
    assert Note.objects.get().outcome == "rejected"
    said: Queue[str] = Queue()

    def press() -> None:
        browser = Client()
        browser.force_login(ada)
        said.put(browser.post(path, answers).content.decode())
        connection.close()

    presses = [Thread(target=press, daemon=True) for _ in range(3)]
    with directory.lock:  # nobody gets an answer before the others have pressed too
        for thread in presses:
            thread.start()
        late = [said.get(timeout=60) for _ in range(2)]
    for thread in presses:
        thread.join()
    assert all("We do not know whether it was added" in page for page in late)
    assert "Added as a note" in said.get()
    assert (len(notes_sent(directory)), Note.objects.get().outcome) == (2, "added")


@pytest.mark.parametrize("outcome", ["", "added", "unknown"])
def test_only_what_was_refused_is_tried_again(db: None, ada: User, outcome: str) -> None:
    note = Note.objects.create(created_by=ada, form_key=uuid4(), incident_id="Q1", outcome=outcome)
    assert [claim_again(note), note.outcome] == [False, outcome]
    Note.objects.update(outcome="rejected")
    stale = Note.objects.get()
    assert [claim_again(note), claim_again(stale)] == [True, False]
    assert (note.outcome, stale.outcome) == ("", "")


def test_an_empty_report_is_no_note(page_of_ada: Client, directory: Sandbox, incident: Any) -> None:
    answer = page_of_ada.post(f"/incidents/new/note/{incident['id']}/", least(directory, title=" \x00 "))
    assert (answer.status_code, notes_sent(directory), Note.objects.count()) == (422, [], 0)


def test_a_report_that_is_too_long_is_refused_whole(page_of_ada: Client, directory: Sandbox, incident: Any) -> None:
    answers = least(directory, details="x" * 25_000)
    answer = page_of_ada.post(f"/incidents/new/note/{incident['id']}/", answers)
    assert (answer.status_code, notes_sent(directory)) == (422, [])
    assert "25020 characters long; at most 25000 fit into a note" in answer.content.decode()


def test_a_note_that_was_not_added_is_kept_as_a_draft(page_of_ada: Client, directory: Sandbox, incident: Any) -> None:
    answer = page_of_ada.post("/incidents/new/note/QNOSUCHINCIDENT/", least(directory, details="kept text"))
    assert answer.status_code == 422
    assert "Your text is kept as a draft" in answer.content.decode()
    assert Draft.objects.get().answers["details"] == ["kept text"]


@pytest.mark.parametrize("incident_id", ["x" * 65, "a", "q0123456789abc"])
def test_a_note_to_what_is_no_id_is_not_found(page_of_ada: Client, directory: Sandbox, incident_id: str) -> None:
    assert page_of_ada.post(f"/incidents/new/note/{incident_id}/", least(directory)).status_code == 404


def test_every_outcome_of_a_note_has_its_event() -> None:
    assert {f"note {outcome}" for outcome in Note.Outcome.values if outcome} <= {*Event}


@pytest.mark.parametrize(
    ("outcome", "problem", "wanted"),
    [
        ("added", "", ("ok", "Added as a note{}. No new incident was created, and this paged nobody.")),
        ("rejected", "<b>No.", ("error", "Not added{}: &lt;b&gt;No.")),
        (
            "unknown",
            "Lost.",
            ("warning", "We do not know whether it was added{}: Lost. Check the incident before you try again."),
        ),
        ("", "", ("warning", "We do not know whether it was added{}. Check the incident before you try again.")),
    ],
)
def test_each_outcome_has_its_sentence(outcome: str, problem: str, wanted: tuple[str, str]) -> None:
    note = Note(incident_id="Q0123456789ABC", outcome=outcome, problem=problem)
    submission = Submission(incident_id="Q0123456789ABC", incident_number="5")
    tone, sentence = wanted
    for of_form, is_page, to in (
        (submission, False, ""),
        (submission, True, " to incident #5 <code>Q0123456789ABC</code>"),
        (Submission(incident_id="Q1", incident_number="6"), True, " to incident <code>Q0123456789ABC</code>"),
        (None, True, " to incident <code>Q0123456789ABC</code>"),
    ):
        result = result_of(note, of_form, is_page=is_page)
        assert (result.tone, result.sentence) == (tone, sentence.format(to))
