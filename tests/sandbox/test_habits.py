"""What an account may do that PagerDuty does not document: lists that stay behind, titles that change, other words."""

import pytest

from sandbox import Sandbox
from sandbox.world import Habits
from tests.sandbox.base import an_incident, ask, create


def statuses(sandbox: Sandbox, query: str = "") -> list[str]:
    return [row["status"] for row in ask(sandbox, f"GET /incidents?incident_key=mine{query}").json["incidents"]]


def resolve(sandbox: Sandbox, id: str) -> None:
    assert ask(sandbox, f"PUT /incidents/{id}", {"incident": {"status": "resolved"}}).status == 200


@pytest.mark.parametrize("query", ["", "&date_range=all"])
def test_a_new_incident_that_lists_do_not_show_yet(sandbox: Sandbox, query: str) -> None:
    sandbox.habits.lists_lag = 40
    id = create(sandbox, incident_key="mine")["id"]
    assert statuses(sandbox, query) == []
    assert ask(sandbox, f"GET /incidents/{id}").json["incident"]["status"] == "triggered"
    again = ask(sandbox, "POST /incidents", an_incident(sandbox, incident_key="mine"))
    assert (again.status, again.json["error"]["code"]) == (400, 2002)
    sandbox.clock.advance(seconds=39)
    assert statuses(sandbox, query) == []
    sandbox.clock.advance(seconds=1)
    assert statuses(sandbox, query) == ["triggered"]


def test_a_resolution_that_lists_do_not_show_yet(sandbox: Sandbox) -> None:
    sandbox.habits.lists_lag = 40
    id = create(sandbox, incident_key="mine")["id"]
    sandbox.clock.advance(seconds=30)
    resolve(sandbox, id)
    assert statuses(sandbox) == []
    sandbox.clock.advance(seconds=10)
    assert (statuses(sandbox), statuses(sandbox, "&statuses[]=resolved")) == (["triggered"], [])
    sandbox.clock.advance(seconds=30)
    assert (statuses(sandbox), statuses(sandbox, "&statuses[]=triggered")) == (["resolved"], [])


def test_a_button_that_lists_do_not_show_yet(sandbox: Sandbox) -> None:
    id = create(sandbox, incident_key="mine")["id"]
    sandbox.habits.lists_lag = 40
    assert ask(sandbox, f"POST /sandbox/incidents/{id}/acknowledge").status == 303
    assert statuses(sandbox) == ["triggered"]
    sandbox.clock.advance(seconds=40)
    assert statuses(sandbox) == ["acknowledged"]


def test_titles_that_are_cut_or_lose_their_emoji(sandbox: Sandbox) -> None:
    sandbox.habits = Habits(longest_title=255, drops_emoji=True)
    row = create(sandbox, title=f"🔥Zürich – 支払い{'x' * 300}")
    assert (row["title"], row["description"]) == ((f"Zürich – 支払い{'x' * 300}")[:255],) * 2
    assert row["summary"] == f"[#{row['incident_number']}] {row['title']}"


def test_a_key_in_use_in_other_words(sandbox: Sandbox) -> None:
    said = "This service already uses this incident key"
    sandbox.habits = Habits(duplicate_status=409, duplicate_text=said)
    create(sandbox, incident_key="mine")
    answer = ask(sandbox, "POST /incidents", an_incident(sandbox, incident_key="mine"))
    assert (answer.status, answer.json["error"]["errors"]) == (409, [said])


def test_a_clock_that_is_behind(sandbox: Sandbox) -> None:
    before = create(sandbox)
    sandbox.clock.advance(minutes=-10)
    after, date = create(sandbox), ask(sandbox, "GET /teams").headers["date"]
    assert after["created_at"] < before["created_at"]
    assert date == sandbox.clock.now().strftime("%a, %d %b %Y %H:%M:%S GMT")


def test_habits_from_outside(sandbox: Sandbox) -> None:
    open_door = {"Authorization": None, "From": None}
    changed = ask(sandbox, "POST /sandbox/habits", {"lists_lag": 5, "drops_emoji": True}, open_door)
    assert changed.json["lists_lag"] == 5
    ask(sandbox, "POST /sandbox/habits", {"longest_title": 9}, open_door)
    assert sandbox.habits == Habits(lists_lag=5, drops_emoji=True, longest_title=9)
    for wrong in ({"sleeps": 1}, {"lists_lag": "long"}, ["lists_lag"]):
        assert ask(sandbox, "POST /sandbox/habits", wrong, open_door).status == 400
    ask(sandbox, "POST /sandbox/reset", {}, open_door)
    assert sandbox.habits == Habits()
