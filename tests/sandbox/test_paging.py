"""Who is paged when, over simulated time."""

from datetime import timedelta
from typing import Any

from sandbox import Sandbox
from sandbox.clock import parse, stamp
from tests.sandbox.base import ask, assigned, create, id_of, log_of, paged


def now(sandbox: Sandbox, incident: dict[str, Any]) -> dict[str, Any]:
    return dict(ask(sandbox, f"GET /incidents/{incident['id']}").json["incident"])


def kinds(sandbox: Sandbox, incident: dict[str, Any]) -> list[str]:
    return [entry["type"].removesuffix("_log_entry") for entry in log_of(sandbox, incident)]


def put(sandbox: Sandbox, incident: dict[str, Any], who: str = "ada@example.com", **change: Any) -> Any:
    change = {"incident": {"type": "incident_reference", **change}}
    return ask(sandbox, f"PUT /incidents/{incident['id']}", change, {"From": who})


def test_it_escalates_until_nobody_is_left(sandbox: Sandbox) -> None:
    if sandbox.clock.now().weekday() == 0:
        sandbox.clock.advance(days=1)  # schedules change over on Mondays
    incident = create(sandbox, "Identity Provider (login)")  # two levels, 10 and 20 minutes, once more from the start
    (first,), lead = assigned(incident), "Siân ap Rhys"
    assert incident["pending_actions"] == [{"type": "escalate", "at": after(incident, 10)}]
    sandbox.clock.advance(minutes=9.5)
    assert assigned(now(sandbox, incident)) == [first]
    sandbox.clock.advance(minutes=1)
    assert assigned(now(sandbox, incident)) == [lead]
    sandbox.clock.advance(minutes=20)
    assert assigned(now(sandbox, incident)) == [first]
    sandbox.clock.advance(minutes=10)
    assert (assigned(now(sandbox, incident)), now(sandbox, incident)["pending_actions"]) == ([lead], [])
    sandbox.clock.advance(days=2)
    assert paged(sandbox, incident) == [first, lead, first, lead]
    assert kinds(sandbox, incident) == [
        *("trigger", "notify", "escalate", "notify"),
        *("repeat_escalation_path", "escalate", "notify", "escalate", "notify", "exhaust_escalation_path"),
    ]


def after(incident: dict[str, Any], minutes: int) -> str:
    created = parse(incident["created_at"])
    assert created is not None
    return stamp(created + timedelta(minutes=minutes))


def test_what_happened_while_nobody_looked_has_its_own_time(sandbox: Sandbox) -> None:
    incident = create(sandbox, "Identity Provider (login)")
    sandbox.clock.advance(hours=5)
    pages = [entry["created_at"] for entry in log_of(sandbox, incident) if entry["type"] == "notify_log_entry"]
    assert pages == [after(incident, minutes) for minutes in (0, 10, 30, 40)]


def test_an_acknowledgement_ends_it(sandbox: Sandbox) -> None:
    incident = create(sandbox, "Identity Provider (login)")
    reply = put(sandbox, incident, "sam.tan@example.com", status="acknowledged")
    answered = reply.json["incident"]
    assert (reply.status, answered["status"], assigned(answered)) == (200, "acknowledged", ["Sam Tan"])
    assert answered["acknowledgements"][0]["acknowledger"]["summary"] == "Sam Tan"
    sandbox.clock.advance(days=1)
    assert len(paged(sandbox, incident)) == 1
    assert kinds(sandbox, incident)[-1] == "acknowledge"
    assert log_of(sandbox, incident)[-1]["agent"]["summary"] == "Sam Tan"


def test_a_resolution_ends_it(sandbox: Sandbox) -> None:
    incident = create(sandbox)
    answered = put(sandbox, incident, status="resolved").json["incident"]
    assert (answered["status"], answered["assignments"], answered["assigned_via"]) == (
        "resolved",
        [],
        "escalation_policy",
    )
    assert answered["resolved_at"] is not None
    again = put(sandbox, incident, status="resolved")
    assert (again.status, again.json["error"]["code"]) == (400, 1001)
    sandbox.clock.advance(days=1)
    assert len(paged(sandbox, incident)) == 1


def test_reopening_pages_again(sandbox: Sandbox) -> None:
    incident = create(sandbox)
    put(sandbox, incident, status="resolved")
    answered = put(sandbox, incident, status="triggered").json["incident"]
    assert (answered["status"], answered["resolved_at"]) == ("triggered", None)
    sandbox.clock.advance(minutes=11)
    assert len(paged(sandbox, incident)) == 3


def test_a_low_urgency_stays_with_level_one(sandbox: Sandbox) -> None:
    incident = create(sandbox, urgency="low")
    assert incident["pending_actions"] == []
    sandbox.clock.advance(days=1)
    assert len(paged(sandbox, incident)) == 1
    (entry,) = [entry for entry in log_of(sandbox, incident) if entry["type"] == "notify_log_entry"]
    assert entry["channel"]["notification"]["type"] == "email_notification"


def test_an_empty_level_pages_nobody_until_the_next(sandbox: Sandbox) -> None:
    incident = create(sandbox, "Live Chat")
    assert assigned(incident) == []
    sandbox.clock.advance(minutes=29)
    assert paged(sandbox, incident) == []
    sandbox.clock.advance(minutes=2)
    assert (paged(sandbox, incident), assigned(now(sandbox, incident))) == (["Björk Jónsdóttir"], ["Björk Jónsdóttir"])


def test_a_level_of_several_pages_all_of_them(sandbox: Sandbox) -> None:
    incident = create(sandbox, "Web Shop")
    assert assigned(incident) == ["Łukasz Wójcik", "Priya Raghunathan"]
    assert paged(sandbox, incident) == ["Łukasz Wójcik", "Priya Raghunathan"]


def test_a_round_robin_level_pages_one_of_them(sandbox: Sandbox) -> None:
    turns = [assigned(create(sandbox, "Kafka")) for _ in range(4)]
    people = ["Miguel Ángel Ruiz Peña", "李伟 Li Wei", "Ольга Иванова", "Miguel Ángel Ruiz Peña"]
    assert turns == [[person] for person in people]


def test_a_schedule_changes_over(sandbox: Sandbox) -> None:
    first = assigned(create(sandbox))
    sandbox.clock.advance(days=7)
    second = assigned(create(sandbox))
    assert sorted([*first, *second]) == ["José Álvarez", "Zoë Müller"]
    sandbox.clock.advance(days=7)
    assert assigned(create(sandbox)) == first


def test_it_can_be_reassigned(sandbox: Sandbox) -> None:
    incident = create(sandbox)
    sam = {"assignee": {"id": id_of(sandbox, "users", "Sam Tan"), "type": "user_reference"}}
    answered = put(sandbox, incident, assignments=[sam]).json["incident"]
    assert (assigned(answered), answered["assigned_via"]) == (["Sam Tan"], "direct_assignment")
    sandbox.clock.advance(days=1)
    assert paged(sandbox, incident)[1:] == ["Sam Tan"]
    refused = put(sandbox, incident, assignments=[{"id": "P123456"}])
    assert (refused.status, refused.json["error"]["errors"]) == (400, ["Assignee cannot be empty."])
    assert put(sandbox, incident, assignments=[{"assignee": {"id": "PNOSUCH"}}]).json["error"]["code"] == 1007


def test_it_can_be_escalated(sandbox: Sandbox) -> None:
    incident = create(sandbox)
    assert assigned(put(sandbox, incident, escalation_level=3).json["incident"]) == ["Grace Okafor"]
    assert put(sandbox, incident, escalation_level=4).json["error"]["code"] == 1006
    other = {"id": id_of(sandbox, "escalation_policies", "Management"), "type": "escalation_policy_reference"}
    answered = put(sandbox, incident, escalation_policy=other).json["incident"]
    assert (assigned(answered), answered["escalation_policy"]["summary"]) == (["Peter van den Berg"], "Management")


def test_it_can_be_edited(sandbox: Sandbox) -> None:
    incident = create(sandbox)
    answered = put(sandbox, incident, title="Cards and PayPal fail", priority="P1", urgency="low").json["incident"]
    assert (answered["summary"], answered["priority"]["summary"]) == ("[#1] Cards and PayPal fail", "P1")
    sandbox.clock.advance(days=1)
    assert len(paged(sandbox, incident)) == 1  # a low urgency does not escalate
    for change, code in (({"status": "closed"}, 1003), ({"priority": "P9"}, 1020), ({"title": ""}, 2001)):
        reply = put(sandbox, incident, **change)
        assert (reply.status, reply.json["error"]["code"]) == (400, code)
    assert put(sandbox, {"id": "QNOSUCH"}, title="x").json == {"error": {"message": "Not Found", "code": 2100}}


def test_the_log_says_how_people_were_told(sandbox: Sandbox) -> None:
    incident = create(sandbox, "Web Shop")
    page = ask(sandbox, f"GET /incidents/{incident['id']}/log_entries?limit=1&total=true").json
    assert {key: page[key] for key in ("limit", "offset", "more", "total")} == {
        "limit": 1,
        "offset": 0,
        "more": True,
        "total": 3,
    }
    (newest,) = page["log_entries"]
    assert (newest["type"], newest["user"]["summary"]) == ("notify_log_entry", "Priya Raghunathan")
    assert newest["channel"]["notification"]["type"].endswith("_notification")
    assert newest["incident"]["id"] == incident["id"]
    oldest = log_of(sandbox, incident)[0]
    assert (oldest["type"], oldest["id"]) == ("trigger_log_entry", incident["first_trigger_log_entry"]["id"])
    assert oldest["agent"]["summary"] == "Ada Byron"


def test_a_maintenance_window_begins_and_ends(sandbox: Sandbox) -> None:
    def status(service: str) -> str:
        return str(ask(sandbox, f"GET /services/{id_of(sandbox, 'services', service)}").json["service"]["status"])

    assert (status("Data Warehouse"), status("Load Balancers")) == ("maintenance", "active")
    sandbox.clock.advance(hours=4)
    assert (status("Data Warehouse"), status("Load Balancers")) == ("active", "active")
    sandbox.clock.advance(hours=21)
    assert (status("Data Warehouse"), status("Load Balancers")) == ("active", "maintenance")


def test_the_clock_can_run_faster() -> None:
    with Sandbox(speed=6000) as sandbox:
        incident = create(sandbox, "Identity Provider (login)")
        while len(paged(sandbox, incident)) < 2:  # ten minutes later, which is a tenth of a second
            pass
