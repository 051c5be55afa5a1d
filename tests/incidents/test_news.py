"""However many receipts are open, PagerDuty is asked little, and each receipt says what is so."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client
from django.utils.timezone import now

from incidentportal import pagerduty
from incidentportal.directory.models import Service
from incidentportal.incidents.models import State, Submission
from incidentportal.incidents.receipt import Receipt, receipt_of
from sandbox import Fault, Sandbox
from tests.incidents.base import least, send

LIST = "GET /incidents"


@pytest.fixture
def clock(directory: Sandbox, settings: Any) -> Iterator[time_machine.Traveller]:
    """A clock that stands still until it is moved, for the portal, its cache and the sandbox alike."""
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    cache.clear()
    with time_machine.travel(now(), tick=False) as traveller:
        yield traveller


def receipts(sandbox: Sandbox, author: User, count: int, *, services: int) -> list[Submission]:
    """Incidents that were created just now, on so many services in turn."""
    sandbox.account.maintenance_windows.clear()
    sandbox.rules.refuse_disabled = sandbox.rules.refuse_maintenance = sandbox.rules.refuse_nobody_on_call = False
    chosen = [service["id"] for service in sandbox.account.services[:services]]
    found = [submission(author, chosen[number % services]) for number in range(count)]
    sandbox.requests.clear()
    return Submission.objects.bulk_create(found)


def submission(author: User, service_id: str) -> Submission:
    body = {
        "type": "incident",
        "title": "Card payments fail",
        "service": {"id": service_id, "type": "service_reference"},
    }
    incident = pagerduty.connect().create_incident(body, from_email="ada@example.com")
    return Submission(
        created_by=author,
        form_key=uuid4(),
        title=incident.title,
        service_id=service_id,
        service_name=incident.service.name,
        request=body,
        state=State.CREATED,
        decided_at=now(),
        expires_at=now(),
        incident=incident.raw,
        incident_id=incident.id,
    )


def calls(sandbox: Sandbox) -> dict[str, int]:
    """How often PagerDuty was asked for the list, and for one incident."""
    counts = sandbox.counts()
    alone = sum(count for call, count in counts.items() if call.startswith(f"{LIST}/"))
    assert counts.get(LIST, 0) + alone == len(sandbox.requests)
    return {"list": counts.get(LIST, 0), "alone": alone}


def a_minute(clock: time_machine.Traveller, open_pages: list[Submission], every: int = 5) -> dict[str, list[Receipt]]:
    """Every page looks every five seconds, not all at the same moment. Returns what each was told."""
    told: dict[str, list[Receipt]] = {row.incident_id: [] for row in open_pages}
    for second in range(60):
        for place, row in enumerate(open_pages):
            if second % every == place % every:
                told[row.incident_id].append(receipt_of(row))
        clock.shift(1)
    return told


def test_two_hundred_receipts_cost_no_more_than_thirty_calls_a_minute(
    clock: time_machine.Traveller, directory: Sandbox, ada: User
) -> None:
    rows = receipts(directory, ada, 200, services=15)
    told = a_minute(clock, rows)
    assert len(directory.requests) <= 30
    assert {len(news) for news in told.values()} == {12}
    assert {news.status for of_one in told.values() for news in of_one} == {"triggered"}
    assert {news.problem for of_one in told.values() for news in of_one} == {""}


def test_ten_receipts_of_a_service_cost_no_more_than_one(
    clock: time_machine.Traveller, directory: Sandbox, ada: User
) -> None:
    rows = receipts(directory, ada, 10, services=1)
    told = a_minute(clock, rows)
    assert {news.status for of_one in told.values() for news in of_one} == {"triggered"}
    assert calls(directory) == {"list": 9, "alone": 0}


def test_ten_viewers_of_a_receipt_cost_as_much_as_one(
    clock: time_machine.Traveller, directory: Sandbox, ada: User
) -> None:
    (row,) = receipts(directory, ada, 1, services=1)
    a_minute(clock, [row] * 10)
    assert calls(directory) == {"list": 0, "alone": 12}


def test_what_happens_to_one_of_many_is_told_at_the_next_look(
    clock: time_machine.Traveller, directory: Sandbox, ada: User
) -> None:
    rows = receipts(directory, ada, 12, services=3)
    for row in rows:
        receipt_of(row)
    first, second, third = directory.incidents[:3]
    for incident, status in ((first, "acknowledged"), (second, "resolved")):
        incident["status"] = status
    directory.incidents.remove(third)  # merged away, or beyond the list
    clock.shift(7)
    directory.requests.clear()
    told = {row.incident_id: receipt_of(row) for row in rows}
    assert [told[incident["id"]].status for incident in (first, second, third)] == [
        "acknowledged",
        "resolved",
        "triggered",
    ]
    assert "not found" in told[third["id"]].problem.lower()
    assert {news.problem for key, news in told.items() if key != third["id"]} == {""}
    assert calls(directory) == {"list": 1, "alone": 1}


def test_while_pagerduty_is_away_one_asks_for_all(clock: time_machine.Traveller, directory: Sandbox, ada: User) -> None:
    rows = receipts(directory, ada, 12, services=3)
    for row in rows:
        receipt_of(row)
    clock.shift(7)
    directory.requests.clear()
    directory.faults = [Fault("502", call="*")] * 50
    told = [receipt_of(row) for row in rows]
    assert {(news.status, bool(news.problem)) for news in told} == {("triggered", True)}
    assert calls(directory) == {"list": 1, "alone": 0}


def test_without_a_cache_the_list_answers_for_the_one_who_asked(
    clock: time_machine.Traveller, directory: Sandbox, ada: User, settings: Any
) -> None:
    rows = receipts(directory, ada, 3, services=1)
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    assert [(news.status, news.problem) for news in map(receipt_of, rows)] == [("triggered", "")] * 3
    assert calls(directory) == {"list": 3, "alone": 0}


def test_where_the_list_is_refused_each_is_asked_for_alone(
    clock: time_machine.Traveller, directory: Sandbox, ada: User
) -> None:
    rows = receipts(directory, ada, 3, services=1)
    directory.faults = [Fault("403", call="GET /incidents")]
    assert [(news.status, news.problem) for news in map(receipt_of, rows)] == [("triggered", "")] * 3
    assert calls(directory) == {"list": 1, "alone": 3}


def test_pages_share_what_was_asked(page_of_ada: Client, directory: Sandbox) -> None:
    pages = [send(page_of_ada, least(directory, service=pk)) for pk in services()]
    for row in pages:
        page_of_ada.get(row.get_absolute_url())
    cache.clear()
    directory.requests.clear()
    for row in pages:
        page = page_of_ada.get(f"{row.get_absolute_url()}status/")
        assert page.context["receipt"].status == "triggered"
    assert calls(directory) == {"list": 1, "alone": 0}


def services() -> list[Any]:
    return list(Service.objects.filter(status="active").order_by("pk").values_list("pk", flat=True)[:3])


@pytest.mark.parametrize("kind", ["other service", "other key"])
def test_a_receipt_believes_nothing_that_is_about_another_incident(
    ada: User, directory: Sandbox, clock: time_machine.Traveller, kind: str
) -> None:
    ours, *_ = receipts(directory, ada, 3, services=2)
    for other in directory.incidents[1:]:
        other["status"] = "acknowledged"
    directory.faults = [Fault(kind, "GET /incidents/*")]
    cache.clear()
    Submission.objects.exclude(pk=ours.pk).delete()  # so that it is asked for alone
    receipt = receipt_of(ours)
    assert (receipt.status, receipt.problem) == ("triggered", "PagerDuty's answer could not be read.")
