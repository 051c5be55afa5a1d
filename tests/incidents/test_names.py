"""One page reads each thing of the directory once, however many of its parts speak of it."""

import re
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from incidentportal.directory.models import EscalationPolicy, Person, Service
from incidentportal.incidents.names import Names
from sandbox import Sandbox
from tests.incidents.base import an_id, filled_in, least

NEW = "/incidents/new/"
NOON = "2026-11-24T12:00:00Z"  # nobody's night: what was paged for tonight is not counted
LOGIN = {"django_session": 1, "auth_user": 1, "directory_person": 1}  # whose page it is, and who that is in PagerDuty
CHOICES = {"directory_priority": 1, "directory_incidenttype": 1}
LINKED = (
    LOGIN
    | CHOICES
    | {
        "directory_person": 2,  # the sender, and the time zones of who is on call
        "directory_service": 2,  # the one that was chosen, with its policy, and the others of its policy
    }
)

Ask = Callable[[], Any]


def reads(ask: Ask, status: int = 200) -> dict[str, int]:
    """How many queries read each table, once PagerDuty's answers are known."""
    with time_machine.travel(NOON, tick=True):
        ask()
        with CaptureQueriesContext(connection) as asked:
            assert ask().status_code == status
    found = (re.search(r'^SELECT .*? FROM "(\w+)"', query["sql"], re.DOTALL) for query in asked.captured_queries)
    return dict(Counter(match[1] for match in found if match))


def test_an_empty_form_reads_no_more_than_what_it_offers(page_of_ada: Client) -> None:
    assert reads(lambda: page_of_ada.get(NEW)) == LOGIN | CHOICES | {"incidents_draft": 1}


def test_a_link_reads_what_it_names_once(page_of_ada: Client, directory: Sandbox) -> None:
    by_name = {"title": "x", "service": "Checkout API", "priority": "P2"}
    by_id = {"service": an_id(directory.account.services, "Checkout API")}
    for answers in (by_name, by_id, by_name | {"incident_type": "major_incident"}):
        assert reads(partial(page_of_ada.get, NEW, answers)) == LINKED | {"incidents_draft": 1}


def test_a_form_that_names_everything_reads_each_once(page_of_ada: Client, directory: Sandbox) -> None:
    answers = filled_in(directory, page_of_ada.get(NEW, {"title": "x"})) | {"urgency": ""}
    found = reads(lambda: page_of_ada.post(NEW, answers | {"title": ""}), 422)
    is_own = Service.objects.get(pk=answers["service"]).escalation_policy_id == answers["escalation_policy"]
    policy = {} if is_own else {"directory_escalationpolicy": 1}  # the service's own is read with it
    assert found == LINKED | policy | {"incidents_submission": 1}


def test_what_is_wrong_reads_no_more(page_of_ada: Client, directory: Sandbox) -> None:
    answers = least(directory, title="")
    assert reads(lambda: page_of_ada.post(NEW, answers), 422) == LINKED | {"incidents_submission": 1}


def test_parts_of_the_page_read_what_they_show(page_of_ada: Client, directory: Sandbox) -> None:
    answers = least(directory)
    found = reads(lambda: page_of_ada.post(f"{NEW}outlook/", answers))
    assert found == {name: count for name, count in LINKED.items() if name not in CHOICES}
    for name in ("title", "service"):
        found = reads(partial(page_of_ada.post, f"{NEW}check/{name}/", answers))
        assert found == LOGIN | CHOICES | {"directory_service": 1}


def test_sending_reads_the_service_again_only_because_it_was_refreshed(page_of_ada: Client, directory: Sandbox) -> None:
    found = reads(lambda: page_of_ada.post(NEW, least(directory)), 302)
    known = {name: count for name, count in found.items() if name.startswith("directory_")}
    assert known == {
        **CHOICES,
        "directory_person": 2,
        "directory_service": 4,  # as typed, as refreshed, its name for the row, and the others of its policy
        "directory_favorite": 1,
    }


def test_many_people_are_one_question(page_of_ada: Client, directory: Sandbox, settings: Any) -> None:
    settings.PAGERDUTY_MAX_ASSIGNEES = 20
    people = list(Person.objects.exclude(email="ada@example.com").values_list("pk", flat=True)[:15])
    several = [*people, "Nobody", "No one", "Niemand"]
    few, many = (
        reads(partial(page_of_ada.get, f"{NEW}?{urlencode({'assignees': some}, doseq=True)}"))
        for some in (several[:1], several)
    )
    assert many == few


@pytest.fixture
def names(directory: Sandbox) -> Names:
    return Names()


def test_a_name_of_several_and_one_that_is_gone_are_told_apart(names: Names) -> None:
    first, second, third = Service.objects.order_by("pk")[:3]
    Service.objects.filter(pk__in=[first.pk, second.pk]).update(name="Twice", name_key="twice")
    Service.objects.filter(pk=third.pk).update(is_gone=True)
    wanted = ["Twice", first.pk, third.pk, "None", "x\x00"]
    names.read(Service, wanted)
    assert names.found("service", first.pk) == first
    assert [names.found("service", value) for value in wanted if value != first.pk] == [None] * 4
    assert [sentence_of(names, value) for value in wanted if value != first.pk] == [
        "More than one service is called “Twice”. Pick the right one from the list.",
        "This service no longer exists in PagerDuty. Pick another one.",
        "No service is called “None”. Pick one from the list.",
        "This service contains a character that can't be read. Pick one from the list.",
    ]


def sentence_of(names: Names, value: str) -> str:
    with pytest.raises(ValidationError) as raised:
        names.find(Service, value)
    return str(raised.value.message)


def test_the_policy_of_a_service_that_was_read_is_known(names: Names, django_assert_num_queries: Any) -> None:
    service = names.find(Service, "Checkout API")
    with django_assert_num_queries(0):
        policy = names.find(EscalationPolicy, service.escalation_policy_id)
        assert policy == service.own_policy
        assert names.find(Service, service.pk) is service


def test_what_went_while_the_form_was_open_is_not_remembered(page_of_ada: Client, directory: Sandbox) -> None:
    answers = least(directory, form_key=str(uuid4()))
    directory.account.services[:] = [row for row in directory.account.services if row["id"] != answers["service"]]
    page = page_of_ada.post(NEW, answers)
    assert page.status_code == 422
    assert page.context["outlook"].verdict.sentence == "Choose a service to see who will be paged."
    assert page.context["form"].errors["service"] == ["This service no longer exists in PagerDuty. Pick another one."]
