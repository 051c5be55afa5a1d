"""Who is on call, what is open, what is in maintenance: asked once, kept for seconds, else as last known."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connections
from django.utils.timezone import now

from incidentportal import pagerduty
from incidentportal.directory.live import answers as live
from incidentportal.directory.live.oncalls import known_oncalls_of, oncalls_of, open_incidents_of, windows_of
from incidentportal.directory.models import EscalationPolicy, LastKnown, Service
from sandbox import Fault, Sandbox
from tests.directory.lists import Lists


def policy(name: str) -> str:
    return EscalationPolicy.objects.get(name=name).pk


def create(sandbox: Sandbox, service: str, title: str) -> None:
    row = sandbox.account.named("services", service)
    incident = {"type": "incident", "title": title, "service": {"id": row["id"], "type": "service_reference"}}
    pagerduty.connect().create_incident(incident, from_email="ada@example.com")


def test_each_level_has_its_people(directory: Sandbox) -> None:
    before = now()
    found = oncalls_of([policy("Payments")])[policy("Payments")]
    assert found.problem == ""
    assert [row.level for row in found.rows] == [1, 2, 3]
    assert found.fetched_at is not None and before <= found.fetched_at <= now()
    first, _, last = found.rows
    assert (first.schedule_name, last.schedule_name) == ("Payments primary", "")
    assert first.until is not None and first.until.tzinfo and first.until > now()
    assert last.until is None


def test_several_policies_are_asked_for_in_one_call_and_kept_apart(directory: Sandbox) -> None:
    ids = list(EscalationPolicy.objects.values_list("pk", flat=True))
    first = oncalls_of(ids)
    assert directory.counts() == {"GET /oncalls": 1}
    assert set(first) == set(ids)
    again = oncalls_of([*ids[:3], ids[0]])
    assert again == {pk: first[pk] for pk in ids[:3]}
    assert directory.counts() == {"GET /oncalls": 1}


def test_a_policy_without_anybody_on_call_is_known_to_have_nobody(directory: Sandbox) -> None:
    target = directory.account.named("escalation_policies", "Payments")
    target["escalation_rules"] = []
    found = oncalls_of([target["id"], "PNOTHERE"])
    assert [(found[pk].rows, found[pk].problem, found[pk].fetched_at is None) for pk in found] == [([], "", False)] * 2


def test_it_is_asked_again_when_it_is_not_fresh_any_more(directory: Sandbox) -> None:
    asked: list[int] = []

    def fetch(client: pagerduty.Client) -> list[int]:
        asked.append(1)
        return []

    for _ in range(3):
        live.ask("asked-once", fetch, fresh=timedelta(hours=1))
    assert len(asked) == 1
    while len(asked) < 3:  # each time that it is not fresh any more
        live.ask("asked-again", fetch, fresh=timedelta(seconds=1))


def test_the_same_question_within_a_minute_is_asked_once(directory: Sandbox) -> None:
    for _ in range(3):
        oncalls_of([policy("Payments")])
    assert (directory.counts()["GET /oncalls"], live.FRESH) == (1, timedelta(minutes=1))


@pytest.mark.parametrize("fault", ["500", "429", "403", "garbage", "drop before", "cut off"])
def test_without_an_answer_the_last_known_one_comes_with_its_age(directory: Sandbox, fault: str) -> None:
    pk = policy("Payments")
    before = oncalls_of([pk])[pk]
    LastKnown.objects.update(fetched_at=now() - timedelta(hours=3))
    cache.clear()
    directory.faults = [Fault(fault, "GET /oncalls")]
    found = oncalls_of([pk, "PNEW"])
    assert found[pk].rows == before.rows
    assert found[pk].problem != ""
    fetched_at = found[pk].fetched_at
    assert fetched_at is not None
    assert now() - fetched_at > timedelta(hours=2)
    assert (found["PNEW"].rows, found["PNEW"].fetched_at, found["PNEW"].problem) == ([], None, found[pk].problem)


def test_silence_is_waited_for_once_and_not_on_every_page(directory: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "READ_TIMEOUT", 0.3)
    pk = policy("Payments")
    directory.faults = [Fault("late", "GET /oncalls", seconds=86_400)]
    assert "did not answer" in oncalls_of([pk])[pk].problem
    assert "did not answer" in oncalls_of([pk])[pk].problem
    assert directory.counts() == {"GET /oncalls": 1}
    monkeypatch.undo()
    cache.clear()
    assert oncalls_of([pk])[pk].problem == ""


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_asks_and_all_get_its_answer(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PATIENCE_SECONDS", "LOCK_SECONDS", "READ_TIMEOUT", "WITHIN"):
        monkeypatch.setattr(live, name, 3600)
    pk = sandbox.account.escalation_policies[0]["id"]
    sandbox.faults = [Fault("late", "GET /oncalls", seconds=0.3)]
    gate = threading.Barrier(8)

    def ask(_: int) -> Any:
        gate.wait()
        try:
            return oncalls_of([pk])[pk]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(ask, range(8)))
    assert sandbox.counts() == {"GET /oncalls": 1}
    assert {answer.fetched_at for answer in found} == {found[0].fetched_at}
    assert found[0].rows and {answer.problem for answer in found} == {""}


def test_who_waits_too_long_for_another_takes_the_last_known(
    directory: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "PATIENCE_SECONDS", 0.1)
    pk = policy("Payments")
    before = oncalls_of([pk])[pk]
    cache.clear()
    cache.add(live.lock_of(f"oncalls:{pk}"), 1)
    found = oncalls_of([pk])[pk]
    assert (found.rows, found.fetched_at, found.problem) == (
        before.rows,
        before.fetched_at,
        "PagerDuty has not answered yet.",
    )
    assert directory.counts() == {"GET /oncalls": 1}


def test_what_is_known_is_told_without_asking(directory: Sandbox) -> None:
    pk = policy("Payments")
    assert known_oncalls_of([pk]) == {}
    answer = oncalls_of([pk])
    assert known_oncalls_of([pk, "PNEW"]) == answer
    cache.clear()
    assert known_oncalls_of([pk, "PNEW"]) == answer
    assert directory.counts() == {"GET /oncalls": 1}


def test_maintenance_windows_of_a_service(directory: Sandbox) -> None:
    service = Service.objects.get(status="maintenance")
    found = windows_of(service.pk)
    assert found.problem == ""
    assert found.rows[0].start <= now() < found.rows[0].end
    assert found.rows[0].description
    assert [row.start for row in found.rows] == sorted(row.start for row in found.rows)
    assert windows_of(Service.objects.get(name="VPN").pk).rows == []
    assert windows_of(service.pk) == found
    assert directory.counts() == {"GET /maintenance_windows": 2}


def test_odd_windows_are_left_out(lists: Lists) -> None:
    good = {"start_time": "2026-11-24T10:00:00+02:00", "end_time": "2026-11-24T09:00:00Z", "description": "x\x00y"}
    later = {"start_time": "2026-11-24T08:30:00Z", "end_time": "2026-11-24T09:30:00Z"}
    odd: list[Any] = [
        {},
        {"start_time": None, "end_time": 7},
        {**good, "end_time": "soon"},
        {**good, "start_time": "2026-13-01"},
    ]
    lists.rows["maintenance_windows"] = [later, *odd, good]
    found = windows_of("P1")
    assert [(row.start, row.description) for row in found.rows] == [
        (datetime(2026, 11, 24, 8, tzinfo=UTC), "xy"),
        (datetime(2026, 11, 24, 8, 30, tzinfo=UTC), ""),
    ]


def test_open_incidents_of_several_services_newest_first(directory: Sandbox) -> None:
    create(directory, "Checkout API", "first")
    directory.clock.advance(minutes=5)
    create(directory, "VPN", "second")
    ids = [Service.objects.get(name=name).pk for name in ("Checkout API", "VPN")]
    directory.requests.clear()
    found = open_incidents_of(ids)
    assert [row.title for row in found.rows][:2] == ["second", "first"]
    assert open_incidents_of(list(reversed(ids))) == found
    assert directory.counts() == {"GET /incidents": 1}
    cache.clear()
    directory.faults = [Fault("503", "GET /incidents")]
    last = open_incidents_of(ids)
    assert (last.rows, last.fetched_at, last.problem != "") == (found.rows, found.fetched_at, True)


def test_no_service_has_no_incidents(directory: Sandbox) -> None:
    assert open_incidents_of([]).rows == []
    assert directory.requests == []


def test_any_question_may_be_asked_with_a_freshness_of_its_own(directory: Sandbox) -> None:
    asked: list[int] = []

    def fetch(client: pagerduty.Client) -> Any:
        asked.append(1)
        return {"number": len(asked), "odd\x00": float("nan")}

    for _ in range(2):
        assert live.ask("a-question", fetch, fresh=timedelta(seconds=5)).answer == {"number": 1, "odd": None}
    live.forget("a-question")
    assert live.ask("a-question", fetch).answer["number"] == 2
