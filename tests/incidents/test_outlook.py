"""Know before: what the form says of who will be paged, and what it asks before it pages."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from django.utils.html import escape
from django.utils.timezone import now

from incidentportal.directory.models import EscalationPolicy, Person, Service
from incidentportal.incidents.models import Submission
from incidentportal.incidents.outlook.gather import Outlook
from incidentportal.incidents.outlook.paging_path import PagingPath
from incidentportal.incidents.outlook.phrases import LOW_URGENCY
from sandbox import Fault, Sandbox
from tests.incidents.base import least, send

NEW, OUTLOOK = "/incidents/new/", "/incidents/new/outlook/"


def outlook(client: Client, answers: dict[str, Any]) -> Outlook:
    answer = client.post(OUTLOOK, answers)
    assert answer.status_code == 200
    found: Outlook = answer.context["outlook"]
    assert found.verdict.button in answer.content.decode()
    return found


def path_of(found: Outlook) -> PagingPath:
    assert found.path is not None
    return found.path


def test_it_names_who_is_paged(page_of_ada: Client, directory: Sandbox) -> None:
    found = outlook(page_of_ada, least(directory))
    service = Service.objects.get(name="Checkout API")
    first = [person.name for person in path_of(found).first.people]
    assert found.policy == service.own_policy
    assert found.verdict.sentence == f"Pages {first[0]} now."
    assert found.verdict.button == f"Page {first[0]}"
    incident = send(page_of_ada, least(directory)).incident
    assert [row["assignee"]["summary"] for row in incident["assignments"]] == first


def test_a_picked_policy_decides(page_of_ada: Client, directory: Sandbox) -> None:
    service = Service.objects.get(name="Checkout API")
    other = EscalationPolicy.objects.exclude(pk=service.escalation_policy_id)[0]
    found = outlook(page_of_ada, least(directory, escalation_policy=other.id))
    assert found.policy == other
    assert any("instead of the service's own policy" in note for note in found.verdict.notes)


def someone_off_call(outlook_now: Outlook) -> Person:
    return Person.objects.exclude(pk__in=path_of(outlook_now).people).exclude(email="ada@example.com")[0]


def test_somebody_who_is_not_on_call_asks_for_one_more_confirmation(page_of_ada: Client, directory: Sandbox) -> None:
    person = someone_off_call(outlook(page_of_ada, least(directory)))
    answers = least(directory, assignees=[person.id], details="kept text")
    refused = page_of_ada.post(NEW, answers)
    assert (refused.status_code, directory.incidents) == (422, [])
    shown = refused.context["outlook"]
    assert f"{person.name} is not on call" in shown.verdict.needs_confirmation
    page = refused.content.decode()
    assert f'value="{shown.verdict.token}"' in page
    assert "kept text" in page
    other = Person.objects.exclude(pk__in=[person.id, *shown.path.people]).exclude(email="ada@example.com").reverse()[0]
    confirmed = answers | {"confirmed": shown.verdict.token}
    assert page_of_ada.post(NEW, confirmed | {"assignees": [other.id]}).status_code == 422
    assert page_of_ada.post(NEW, confirmed).status_code == 302
    assert directory.incidents[0]["assignments"][0]["assignee"]["id"] == person.id


def test_a_service_in_maintenance_says_its_end_and_asks(page_of_ada: Client, directory: Sandbox) -> None:
    service = Service.objects.get(status="maintenance")
    answer = page_of_ada.post(NEW, least(directory, service=service.id))
    assert (answer.status_code, directory.incidents) == (422, [])
    assert "In maintenance until" in answer.context["outlook"].verdict.sentence
    assert "In maintenance until" in " ".join(answer.context["form"].errors["service"])


def test_self_assignment_notifies_nobody(page_of_ada: Client, directory: Sandbox) -> None:
    me = Person.objects.get(email="ada@example.com")
    found = outlook(page_of_ada, least(directory, assignees=[me.id]))
    starts = "You are assigning yourself: the incident starts acknowledged, and you are not notified."
    assert found.verdict.sentence == starts
    submission = send(page_of_ada, least(directory, assignees=[me.id]))
    assert submission.incident["status"] == "acknowledged"


def test_a_disabled_service_turns_the_button_off(page_of_ada: Client, directory: Sandbox) -> None:
    service = Service.objects.get(status="disabled")
    answer = page_of_ada.get(NEW, {"service": service.id})
    assert answer.context["outlook"].verdict.can_submit is False
    assert "creates no incidents" in answer.context["outlook"].verdict.sentence


@pytest.mark.parametrize("kind", ["500", "429", "drop before", "cut off", "401", "403"])
def test_without_on_calls_it_says_so_and_never_guesses(page_of_ada: Client, directory: Sandbox, kind: str) -> None:
    directory.faults = [Fault(kind, call="*")] * 5
    found = outlook(page_of_ada, least(directory))
    assert found.verdict.sentence.startswith("Who is on call now is unknown, with no earlier answer")


def test_the_last_known_is_shown_with_its_age(page_of_ada: Client, directory: Sandbox) -> None:
    first = path_of(outlook(page_of_ada, least(directory))).first.people[0].name
    cache.clear()
    directory.faults = [Fault("502", call="*")] * 5
    with time_machine.travel(now() + timedelta(minutes=12), tick=True):
        found = outlook(page_of_ada, least(directory))
    assert found.verdict.sentence.startswith("Who is on call now is unknown; 12 minutes ago it was")
    assert first in found.verdict.sentence


def test_why_pagerduty_does_not_answer_is_said_once(page_of_ada: Client, directory: Sandbox) -> None:
    outlook(page_of_ada, least(directory))
    cache.clear()
    directory.faults = [Fault("502", call="*")] * 5
    with time_machine.travel(now() + timedelta(minutes=12), tick=True):
        answer = page_of_ada.post(OUTLOOK, least(directory))
    found = answer.context["outlook"]
    problem = found.path_warning.removesuffix(" Showing who was on call 12 minutes ago.")
    assert found.radar_warning == "Showing what was open 12 minutes ago."
    assert answer.content.decode().count(escape(problem)) == 1


def test_low_urgency_is_explained_once(page_of_ada: Client, directory: Sandbox) -> None:
    outlook(page_of_ada, least(directory))
    cache.clear()
    directory.faults = [Fault("502", call="*")] * 5
    found = outlook(page_of_ada, least(directory, urgency="low"))
    assert [note for note in found.notes if note.startswith("Low urgency")] == [LOW_URGENCY]


def test_open_incidents_of_the_service_are_shown(page_of_ada: Client, directory: Sandbox) -> None:
    outlook(page_of_ada, least(directory))
    send(page_of_ada, least(directory, title="Card payments fail"))  # the very next report sees it
    answer = page_of_ada.post(OUTLOOK, least(directory, title="card payments failing"))
    (row,) = answer.context["outlook"].radar.rows
    (assignee,) = row.incident.assignees
    for shown in (f"#{row.incident.number}</span> <bdi>Card payments fail</bdi>", f"· <bdi>{assignee.name}</bdi>"):
        assert shown in answer.content.decode()
    assert (row.incident.number, row.incident.title) == (
        directory.incidents[0]["incident_number"],
        "Card payments fail",
    )
    assert row.likeness > 70


def test_what_an_open_incident_says_keeps_its_direction_and_its_markup(page_of_ada: Client, directory: Sandbox) -> None:
    send(page_of_ada, least(directory))
    odd = directory.incidents[0]
    odd["title"] = "<b>x</b>\u202e\n y"
    odd["assignments"][0]["assignee"]["summary"] = "Ad\u202ea"
    odd["service"]["summary"] = "Check\u202eout"
    cache.clear()
    page = page_of_ada.post(OUTLOOK, least(directory)).content.decode()
    assert "<bdi>&lt;b&gt;x&lt;/b&gt; y</bdi>" in page
    assert "<bdi>Ada</bdi>" in page
    assert [char for char in page if char == "\u202e"] == []


def test_one_form_costs_four_calls_and_the_next_none(page_of_ada: Client, directory: Sandbox) -> None:
    def fill_in() -> dict[str, Any]:
        answers = least(directory)
        page_of_ada.get(NEW)
        for title in ("", "Card", "Card payments", "Card payments fail"):
            page_of_ada.post(OUTLOOK, answers | {"title": title})
            page_of_ada.post("/incidents/new/check/title/", answers | {"title": title})
            page_of_ada.post("/incidents/new/draft/", answers | {"title": title})
            page_of_ada.get("/directory/services/", {"q": title}, headers={"HX-Request": "true"})
        return answers

    answers = fill_in()
    page_of_ada.post(NEW, answers)
    assert len(directory.incidents) == 1
    assert len(directory.requests) <= 4, [(r.method, r.path) for r in directory.requests]
    directory.requests.clear()
    fill_in()
    assert [(r.method, r.path) for r in directory.requests] == []


def test_a_service_that_went_away_meanwhile_is_caught_when_sending(page_of_ada: Client, directory: Sandbox) -> None:
    answers = least(directory, details="kept text")
    outlook(page_of_ada, answers)
    service = next(row for row in directory.account.services if row["id"] == answers["service"])
    service["status"] = "disabled"
    answer = page_of_ada.post(NEW, answers)
    assert (answer.status_code, Submission.objects.count(), directory.incidents) == (422, 0, [])
    assert "disabled" in " ".join(answer.context["form"].errors["service"])
    assert "kept text" in answer.content.decode()
