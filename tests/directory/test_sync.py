"""The mirror follows the account: entirely or not at all, and never more than it must write."""

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils.timezone import now

from incidentportal import pagerduty
from incidentportal.directory.models import (
    MIRROR,
    EscalationPolicy,
    IncidentType,
    Person,
    Priority,
    Service,
    Sync,
    SyncPart,
    Team,
)
from incidentportal.directory.sync.mirror import Findings, write, write_one
from incidentportal.pagerduty import shared_state
from sandbox import Fault, Sandbox
from tests.directory.conftest import synced
from tests.directory.lists import Lists


def named(names: str) -> list[dict[str, Any]]:
    return [{"id": f"P{number}", "name": name} for number, name in enumerate(names.split())]


def test_it_holds_what_the_account_has(directory: Sandbox) -> None:
    account = directory.account
    lists = [account.services, account.users, account.escalation_policies, account.priorities, account.teams]
    for model, rows in zip([Service, Person, EscalationPolicy, Priority, Team], lists, strict=True):
        assert set(model._default_manager.values_list("pk", "name")) == {(row["id"], row["name"]) for row in rows}
    checkout = Service.objects.get(name="Checkout API")
    assert (checkout.team_names, checkout.own_policy.name) == ("Payments", "Payments")  # type: ignore[union-attr]
    assert list(Priority.objects.values_list("name", "color"))[:2] == [("P1", "a8171c"), ("P2", "eb6016")]
    assert IncidentType.objects.filter(enabled=False).get().name == "drill"
    assert {len(policy.rules) for policy in EscalationPolicy.objects.all()} >= {1, 3}
    assert Sync.objects.age() < timedelta(seconds=30)  # type: ignore[operator]


def test_changes_are_taken_over_and_what_left_is_marked_gone(directory: Sandbox) -> None:
    account = directory.account
    gone, renamed = account.services.pop(), account.services[0]
    renamed["name"] = renamed["summary"] = "Renamed"
    synced()
    assert Service.objects.get(pk=renamed["id"]).name == "Renamed"
    assert Service.objects.get(pk=gone["id"]).is_gone
    account.services.append(gone)
    synced()
    assert not Service.objects.get(pk=gone["id"]).is_gone


def test_a_sync_without_changes_writes_no_row(directory: Sandbox) -> None:
    before = {kind: dict(model._default_manager.values_list("pk", "synced_at")) for kind, model in MIRROR.items()}
    versions = dict(Sync.objects.values_list("kind", "version"))
    synced()
    assert {
        kind: dict(model._default_manager.values_list("pk", "synced_at")) for kind, model in MIRROR.items()
    } == before
    assert dict(Sync.objects.values_list("kind", "version")) == versions
    assert not SyncPart.objects.exists()


def test_only_what_can_be_searched_makes_the_search_read_again(directory: Sandbox) -> None:
    versions = dict(Sync.objects.values_list("kind", "version"))
    directory.account.services[0]["status"] = "critical"
    directory.account.users[0]["job_title"] = "Countess"
    synced()
    assert {kind for kind, version in Sync.objects.values_list("kind", "version") if versions[kind] != version} == {
        "people"
    }


@pytest.mark.parametrize("call", ["GET /priorities", "GET /teams", "GET /incidents/types"])
@pytest.mark.parametrize("fault", ["402"])
def test_an_account_may_do_without_priorities_teams_and_types(directory: Sandbox, call: str, fault: str) -> None:
    directory.faults = [Fault(fault, call)]
    said = synced()
    assert sum(": 0 (0 changed" in line for line in said) == 1
    assert {
        Priority.objects.current().count(),
        Team.objects.current().count(),
        IncidentType.objects.current().count(),
    } > {0}
    assert Service.objects.current().count() == 64


def test_an_account_without_priorities_answers_404(directory: Sandbox) -> None:
    directory.account.priorities.clear()
    synced()
    assert not Priority.objects.current().exists()
    assert Priority.objects.count() == 5


@pytest.mark.parametrize("fault", ["500", "502", "garbage", "drop after", "403", "401", "cut off"])
def test_a_list_that_cannot_be_had_leaves_its_kind_as_it_was(directory: Sandbox, fault: str) -> None:
    directory.account.services.pop()
    directory.account.users.pop()
    directory.faults = [Fault(fault, "GET /services")]
    with pytest.raises(pagerduty.Problem) as raised:
        synced()
    assert Service.objects.current().count() == 64
    assert Sync.objects.get(kind="services").problem == str(raised.value)
    synced()
    assert (Service.objects.current().count(), Person.objects.current().count()) == (63, 39)
    assert Sync.objects.get(kind="services").problem == ""


def test_a_refused_list_keeps_no_other_from_being_read(directory: Sandbox) -> None:
    directory.account.users.pop()
    directory.faults = [Fault("403", "GET /services")]
    with pytest.raises(pagerduty.Rejected):
        synced()
    assert Person.objects.current().count() == 39


def test_a_list_that_breaks_in_the_middle_leaves_its_kind_as_it_was(lists: Lists) -> None:
    lists.rows["services"] = named("A B C")
    synced()
    lists.rows["services"] = [{"id": f"P{number}", "name": f"S {number}"} for number in range(250)]
    first = len(lists.asked) + 4  # teams, priorities, types, policies
    lists.breaks = {first + 2: 403}
    with pytest.raises(pagerduty.Rejected):
        synced()
    assert sorted(Service.objects.current().values_list("name", flat=True)) == ["A", "B", "C"]
    assert not SyncPart.objects.exists()
    synced()
    assert Service.objects.current().count() == 250


def test_what_fails_once_in_the_middle_is_asked_again(lists: Lists) -> None:
    lists.rows["services"] = [{"id": f"P{number}", "name": f"S {number}"} for number in range(250)]
    lists.breaks = {6: 429, 8: 502}
    synced()
    assert Service.objects.current().count() == 250
    assert Sync.objects.get(kind="services").calls == 5


def test_odd_rows_are_taken_as_far_as_they_can_be(lists: Lists) -> None:
    twins = [{"id": "P2", "name": "Same"}, {"id": "P3", "name": "Same"}]
    odd: list[Any] = [{"name": "no id"}, {"id": None}, {"id": "P1"}, *twins]
    lists.rows["services"] = [*odd, {"id": "P4", "name": "a\x00b <b>" + "x" * 400, "escalation_policy": None, "new": 1}]
    synced()
    assert dict(Service.objects.values_list("pk", "name")) == {
        "P1": "P1",
        "P2": "Same",
        "P3": "Same",
        "P4": "ab <b>" + "x" * 400,
    }
    kept = "What was known before and not seen again was kept."
    assert Sync.objects.get(kind="services").problem == f"4 were found, and 2 rows without an id. {kept}"


def test_a_policy_that_is_not_shown_has_a_stand_in_that_cannot_be_chosen(lists: Lists) -> None:
    lists.rows["services"] = [{"id": "P1", "name": "Secret", "escalation_policy": {"id": "PHIDDEN"}}]
    synced()
    policy = Service.objects.get().own_policy
    assert policy is not None
    assert (policy.name, policy.is_gone) == ("PHIDDEN (not shown to the portal)", True)
    lists.rows["escalation_policies"] = [{"id": "PHIDDEN", "name": "Shown now"}]
    synced()
    assert Service.objects.get().own_policy == EscalationPolicy.objects.current().get(name="Shown now")


def test_a_row_that_was_refreshed_while_the_list_was_read_stays(lists: Lists) -> None:
    lists.rows["services"] = named("Old Other Gone")
    synced()
    reading = Findings("services")
    reading.add(reading.batch_of(named("Older Changed")))
    write_one("services", {"id": "P0", "name": "Newer"})
    write_one("services", {"id": "P2", "name": "Not gone"})
    write_one("services", {"id": "P3", "name": "Just made"})
    write(reading)
    names = ["Newer", "Changed", "Not gone", "Just made"]
    assert list(Service.objects.current().order_by("pk").values_list("name", flat=True)) == names


def test_the_age_is_that_of_the_oldest_part(directory: Sandbox) -> None:
    Sync.objects.filter(kind="people").update(synced_at=now() - timedelta(hours=2))
    assert timedelta(hours=2) <= Sync.objects.age() < timedelta(hours=2, seconds=10)  # type: ignore[operator]
    Sync.objects.filter(kind="teams").update(synced_at=None)
    assert Sync.objects.age() >= timedelta(hours=2)  # type: ignore[operator]  # paging does without teams
    Sync.objects.filter(kind="services").update(synced_at=None)
    assert Sync.objects.age() is None


def test_one_of_several_workers_syncs_and_not_again_at_once_after_a_failure(directory: Sandbox) -> None:
    quarter = timedelta(minutes=15)
    assert not Sync.objects.claim(quarter)
    Sync.objects.filter(kind="people").update(synced_at=now() - timedelta(hours=2))
    assert [Sync.objects.claim(quarter) for _ in range(3)] == [True, False, False]
    directory.faults = [Fault("403", "GET /users")]
    with pytest.raises(pagerduty.Rejected):
        synced()
    assert not Sync.objects.claim(quarter)
    Sync.objects.update(claimed_until=now() - timedelta(seconds=1))
    assert Sync.objects.claim(quarter)
    synced()
    assert not Sync.objects.claim(quarter)


def test_the_command_shows_its_progress(sandbox: Sandbox, db: None) -> None:
    out = StringIO()
    call_command("sync_directory", stdout=out)
    assert out.getvalue().splitlines() == [
        "teams: 10 (10 changed, 0 gone; 1 calls)",
        "priorities: 5 (5 changed, 0 gone; 1 calls)",
        "incident-types: 4 (4 changed, 0 gone; 1 calls)",
        "escalation-policies: 15 (15 changed, 0 gone; 1 calls)",
        "services: 64 (64 changed, 0 gone; 1 calls)",
        "people: 40 (40 changed, 0 gone; 1 calls)",
    ]


@pytest.mark.parametrize("fault", ["401", "503", "drop before", "redirect"])
def test_the_command_fails_with_one_sentence(
    sandbox: Sandbox, db: None, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_state, "SILENT_SECONDS", 0.1)
    sandbox.faults = [Fault(fault, "*")] * 9
    with pytest.raises(CommandError) as raised:
        call_command("sync_directory", stdout=StringIO())
    assert str(raised.value).startswith("The directory could not be refreshed: ")
    assert "\n" not in str(raised.value)
    assert len(sandbox.requests) <= 6
