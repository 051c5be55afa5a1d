"""A policy of any size is drawn in part, says how much it leaves out, and the verdict on it stays true."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.template.loader import render_to_string
from django.test import Client
from django.utils.html import strip_tags

from incidentportal import pagerduty
from incidentportal.directory.live.crowds import LEVELS, PEOPLE
from incidentportal.directory.live.oncalls import OnCalls, known_on_call, oncalls_of
from incidentportal.directory.models import EscalationPolicy, LastKnown, Person, Service
from incidentportal.directory.sync.directory import sync
from incidentportal.incidents.outlook.cases import Verdict
from incidentportal.incidents.outlook.gather import Outlook
from incidentportal.incidents.outlook.hints import notes_on_path
from incidentportal.incidents.outlook.paging_path import PagingPath, direct_path_of, path_of, responder
from incidentportal.incidents.outlook.situation import Situation
from incidentportal.incidents.outlook.verdict import verdict_on
from incidentportal.pagerduty import OnCall
from sandbox import Fault, Sandbox
from tests.incidents.base import least, on_call

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
SITUATION = Situation(now=NOW, sender_id="ME", service_name="Checkout", policy_name="Large", oncall_age_minutes=0)
SOON, LATE = NOW - timedelta(minutes=1), NOW + timedelta(hours=9)


def crowd(levels: int, people: int, *, first: int = 1, until: datetime | None = None) -> list[OnCall]:
    """So many people on so many levels, none of them on two."""
    return [
        on_call(level, f"P{level}-{number:03}", f"Person {level}-{number:03}", until=until)
        for level in range(first, first + levels)
        for number in range(people)
    ]


def large(levels: int, rows: list[OnCall], targets: int = 0, strategy: str = "assign_to_everyone") -> PagingPath:
    named = [{"id": f"P{number}", "type": "user", "name": f"Target {number}"} for number in range(targets)]
    rules = [{"delay_minutes": 30, "strategy": strategy, "targets": named}] * levels
    return path_of(rules, rows, zones={}, num_loops=0, urgency="high", now=NOW)


def verdict(path: PagingPath, **changes: Any) -> Verdict:
    return verdict_on(replace(SITUATION, path=path, **changes))


def drawn(path: PagingPath) -> str:
    outlook = Outlook(verdict(path), False, path, None, "", ())
    return str(render_to_string("incidents/outlook.html#path", {"outlook": outlook}))


def test_the_page_does_not_grow_with_the_policy() -> None:
    pages = [drawn(large(levels, crowd(levels, people))) for levels, people in ((LEVELS, PEOPLE), (50, 300), (90, 110))]
    assert [page.count('class="person-name"') for page in pages] == [LEVELS * PEOPLE] * 3
    assert [page.count('class="level-mark"') for page in pages] == [LEVELS] * 3
    assert [page.count("and 288 others") for page in pages] == [0, LEVELS, 0]
    assert ["and 30 more levels" in page for page in pages] == [False, True, False]
    assert "others" not in pages[0]


def test_what_people_set_up_is_drawn_whole() -> None:
    path = large(4, crowd(4, 10))
    assert [len(level.people) for level in path.levels] == [10] * 4
    assert (path.more_levels, path.others, [level.others for level in path.levels]) == (0, frozenset(), [0] * 4)


def test_a_level_with_one_too_many_says_so() -> None:
    path = large(1, crowd(1, PEOPLE + 1))
    assert (len(path.first.people), path.first.others, path.first.count) == (PEOPLE, 1, PEOPLE + 1)
    assert "and 1 other<" in drawn(path)


def test_the_verdict_counts_everybody() -> None:
    said = verdict(large(50, crowd(50, 300)))
    assert (said.sentence, said.button) == (
        "Pages Person 1-000, Person 1-001 and 298 others now.",
        "Page Person 1-000 and 299 others",
    )
    turns = verdict(large(2, crowd(2, 300), strategy="round_robin"))
    assert (turns.sentence, turns.button) == (
        "Pages one of Person 1-000, Person 1-001 and 298 others now (round robin).",
        "Page one of 300 people",
    )


def test_whoever_is_only_counted_is_on_call_all_the_same() -> None:
    path = large(50, crowd(50, 300))
    on, off = (responder(pk, "Grace Hopper", "", NOW) for pk in ("P49-299", "PNOBODY"))
    assert verdict(path, assignees=[on]).needs_confirmation == ""
    assert verdict(path, assignees=[off]).needs_confirmation == (
        "Grace Hopper is not on call in Large now; Person 1-000, Person 1-001 and 298 others are. Create it anyway?"
    )


def test_the_first_level_with_anybody_is_found_however_far_it_is() -> None:
    path = large(50, crowd(1, 300, first=41))
    assert [level.number for level in path.levels] == [*range(1, LEVELS + 1), 41]
    assert path.more_levels == 50 - LEVELS - 1
    assert verdict(path).sentence == (
        "Pages nobody now: level 1 of Large is empty; Person 41-000, Person 41-001 and 298 others (level 41) are paged"
        " after 20 hours."
    )


@pytest.mark.parametrize(
    ("shown", "others", "sentence"),
    [
        (SOON, SOON, "shift has just ended: whoever is on call next is notified, if anybody is."),
        (SOON, LATE, "and 18 others now."),
        (SOON, None, "and 18 others now."),
        (LATE, SOON, "and 18 others now."),
    ],
)
def test_a_shift_has_ended_only_if_everybodys_has(
    shown: datetime | None, others: datetime | None, sentence: str
) -> None:
    rows = crowd(1, 20)
    rows = [replace(row, until=shown if place < PEOPLE else others) for place, row in enumerate(rows)]
    assert verdict(large(1, rows)).sentence.endswith(sentence)


def test_a_shift_of_somebody_counted_that_ends_before_their_level_is_told() -> None:
    rows = [
        replace(row, until=NOW + timedelta(minutes=10) if row.person_id == "P2-019" else None)
        for row in crowd(1, 20, first=2)
    ]
    assert "whoever is on call at level 2 by then (now " in verdict(large(2, rows)).sentence


def test_shifts_that_end_too_early_are_named_as_far_as_one_can_read() -> None:
    path = large(2, crowd(2, 300, until=NOW + timedelta(minutes=10)))
    over = [note for note in notes_on_path(path) if "shift" in note]
    ends = "'s shift ends before level 2 is paged: whoever is on call next may be paged instead."
    assert over == [*(f"Person 2-00{number}{ends}" for number in range(3)), "Other shifts of level 2 end as early."]


def test_many_targets_are_counted_while_nobody_knows_who_is_on_call() -> None:
    named = [{"id": f"P{number}", "type": "user", "name": f"Target {number}"} for number in range(300)]
    rules = [{"delay_minutes": 30, "targets": named}] * 50
    page = drawn(path_of(rules, None, zones={}, num_loops=0, urgency="high", now=NOW))
    assert (page.count("Target "), page.count("and 288 more")) == (LEVELS * PEOPLE, LEVELS)


def test_many_assignees_are_counted() -> None:
    people = [responder(f"P{number}", f"Person {number}", "", NOW) for number in range(500)]
    page = drawn(direct_path_of(people))
    assert (page.count('class="person-name"'), "and 488 others" in page) == (PEOPLE, True)


def crowded(sandbox: Sandbox, count: int) -> str:
    """Put so many people on level 1 of Checkout API's policy."""
    service = Service.objects.get(name="Checkout API")
    policy = next(row for row in sandbox.account.escalation_policies if row["id"] == service.escalation_policy_id)
    users = sandbox.account.users[:count]
    assert len(users) == count
    targets = [{"id": user["id"], "type": "user_reference", "summary": user["name"]} for user in users]
    policy["escalation_rules"][0]["targets"] = targets
    sync(pagerduty.connect(), report=lambda line: None)
    cache.clear()
    return str(policy["id"])


def test_what_is_kept_of_a_crowd_is_small_and_says_the_same_later(directory: Sandbox) -> None:
    pk = crowded(directory, PEOPLE + 5)
    now = oncalls_of([pk])[pk]
    assert len({row.person_id for row in now.rows if row.level == 1}) == PEOPLE
    assert len(now.others[1].ids) == 5
    assert now.others[1].ids.isdisjoint(row.person_id for row in now.rows if row.level == 1)
    cache.clear()
    directory.faults = [Fault("502", call="*")] * 5
    later = oncalls_of([pk])[pk]
    assert (later.rows, later.others, later.fetched_at) == (now.rows, now.others, now.fetched_at)
    assert later.problem


def test_the_page_leads_to_the_whole_policy(page_of_ada: Client, directory: Sandbox) -> None:
    policy = EscalationPolicy.objects.get(pk=crowded(directory, PEOPLE + 5))
    page = page_of_ada.post("/incidents/new/outlook/", least(directory)).content.decode()
    link = f'and 5 others (<a href="{policy.html_url}" target="_blank" rel="noopener">see all in PagerDuty</a>)'
    assert link in page
    assert "and 15 others now." in " ".join(strip_tags(page).split())


def test_a_look_up_counts_those_who_are_not_kept_by_name(page_of_ada: Client, directory: Sandbox) -> None:
    policy = crowded(directory, PEOPLE + 5)
    page_of_ada.get("/incidents/new/", {"service": "Checkout API"})
    found = page_of_ada.get("/directory/services/?q=checkout+api").content.decode()
    assert "and 14 more" in found
    here = oncalls_of([policy])[policy]
    ids = {*(row.person_id for row in here.rows), *here.others[1].ids}
    assert ids <= set(known_on_call(1000))
    everybody = page_of_ada.get("/directory/people/").content.decode()
    assert everybody.count("on call now") == len(ids & set(Person.objects.values_list("pk", flat=True)[:50]))


def test_an_answer_of_an_earlier_release_is_still_known(directory: Sandbox) -> None:
    person = Person.objects.all()[0]
    row = {"level": 1, "person_id": person.pk, "person_name": person.name, "schedule_name": "", "until": None}
    LastKnown.objects.create(key="oncalls:POLD", answer=[row], fetched_at=NOW)
    directory.faults = [Fault("502", call="*")] * 5
    known = oncalls_of(["POLD"])["POLD"]
    wanted = OnCalls([OnCall("POLD", 1, person.pk, person.name, "", None)], NOW, known.problem)
    assert (known, bool(known.problem)) == (wanted, True)


def test_of_very_many_targets_the_mirror_keeps_how_many_there_are(directory: Sandbox) -> None:
    pk = directory.account.escalation_policies[0]["id"]
    target = directory.account.users[0]
    targets = [{"id": f"PT{number:05}", "type": "user_reference", "summary": target["name"]} for number in range(300)]
    directory.account.escalation_policies[0]["escalation_rules"][0]["targets"] = targets
    sync(pagerduty.connect(), report=lambda line: None)
    rule = EscalationPolicy.objects.get(pk=pk).rules[0]
    assert (len(rule["targets"]), rule["more_targets"]) == (50, 250)
    path = path_of([rule], None, zones={}, num_loops=0, urgency="high", now=NOW)
    assert (len(path.first.targets), path.first.more_targets) == (PEOPLE, 300 - PEOPLE)
