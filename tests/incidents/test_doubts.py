"""What may have happened without our knowing of it: answers that lie or lag, attempts that were overtaken, clocks."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.contrib.auth.models import User
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.test import Client as Browser
from django.utils.timezone import now

from incidentportal import pagerduty
from incidentportal.audit.models import Entry
from incidentportal.directory.models import Person
from incidentportal.incidents import delivery
from incidentportal.incidents.attempt import BLIND, Created, Over, Try, is_alike
from incidentportal.incidents.delivery import cancel, deliver, deliver_due, submit
from incidentportal.incidents.models import LEASE, SETTLING, Attempt, State, Submission
from incidentportal.incidents.report import Report
from incidentportal.pagerduty import Unavailable
from sandbox import Fault, Sandbox
from tests.incidents.test_delivery import AFTER, BEFORE, QUICK, claimed, fault, go_on, outcome, settled, stored

A_SECOND = timedelta(seconds=1)
LIES_OF_LISTS = ("filter ignored", "other rows", "empty list")


def creations(sandbox: Sandbox) -> int:
    return [(request.method, request.path) for request in sandbox.requests].count(("POST", "/incidents"))


def resolve_all(sandbox: Sandbox) -> None:
    """As somebody does in PagerDuty, whose lists may show it later."""
    for incident in sandbox.incidents:
        sandbox.remember(incident, dict(incident))
        incident["status"] = "resolved"


# Answers that were not asked for


@pytest.mark.parametrize("key", ["", "till-42"])
@pytest.mark.parametrize("kind", LIES_OF_LISTS)
def test_another_incident_swallows_no_page(ada: User, directory: Sandbox, kind: str, key: str) -> None:
    deliver(stored(ada, title="Something else"))
    directory.faults = [fault(BEFORE), fault(kind, "GET /incidents")]
    submission = stored(ada, incident_key=key)
    deliver(submission, limits=QUICK)
    if key:  # it looked first, and was shown something else
        assert outcome(submission, directory) == ("pending", 1)
    directory.faults = [fault(kind, "GET /incidents")]
    settled()
    go_on(submission)
    if kind != "empty list":
        assert outcome(submission, directory) == ("pending", 1)
    go_on(submission)
    assert outcome(submission, directory) == ("created", 2)
    assert submission.incident_id == directory.incidents[1]["id"]


def test_the_incident_of_another_service_is_not_in_our_way(ada: User, directory: Sandbox) -> None:
    """The same typed key is open on another service, and PagerDuty leaves out the filter by service."""
    other = next(row["id"] for row in directory.account.services if row["name"] == "VPN")
    deliver(stored(ada, service=other, incident_key="till-42"))
    directory.faults = [fault("filter ignored", "GET /incidents")]
    submission = stored(ada, incident_key="till-42")
    deliver(submission, limits=QUICK)
    submission.refresh_from_db()
    assert outcome(submission, directory) == ("created", 2)


def test_an_incident_that_somebody_moved_to_another_service_is_ours(ada: User, directory: Sandbox) -> None:
    directory.faults = [fault(AFTER)]
    submission = stored(ada)
    deliver(submission, limits=QUICK)
    other = next(row for row in directory.account.services if row["name"] == "VPN")
    directory.incidents[0]["service"] = {"id": other["id"], "type": "service_reference", "summary": "VPN"}
    settled()
    go_on(submission)
    assert outcome(submission, directory) == ("created", 1)


@pytest.mark.parametrize("key", ["", "till-42"])
@pytest.mark.parametrize("said_key", [None, "ours"])
def test_a_creation_that_is_answered_with_an_earlier_incident_is_not_believed(
    ada: User, directory: Sandbox, said_key: str | None, key: str
) -> None:
    """The answer has the id of another submission's incident, and no key or even ours."""
    earlier = stored(ada, title="Something else")
    deliver(earlier)
    earlier.refresh_from_db()
    submission = stored(ada, incident_key=key)
    answer = earlier.incident | {"incident_key": said_key and submission.incident_key}
    with answering(answer) as address:
        attempt = claimed(submission)
        client = pagerduty.Client(address, "no-account-0123456789")
        delivery.finish(attempt, Try(attempt, client).create(seen=[]))
    submission.refresh_from_db()
    assert (submission.state, submission.incident_id) == ("pending", "")
    settled()
    go_on(submission)
    assert outcome(submission, directory) == ("created", 2)
    assert submission.incident_id == directory.incidents[1]["id"]


def test_our_incident_is_ours_though_an_incident_of_some_earlier_account_had_its_id(
    ada: User, directory: Sandbox
) -> None:
    earlier = stored(ada, title="Something else")
    directory.faults = [fault(AFTER)]
    submission = stored(ada)
    deliver(submission, limits=QUICK)
    Submission.objects.filter(pk=earlier.pk).update(state="created", incident_id=directory.incidents[0]["id"])
    settled()
    go_on(submission)
    assert outcome(submission, directory) == ("created", 1)


@contextmanager
def answering(incident: Any) -> Iterator[str]:
    """The address of a PagerDuty that says of every creation that it made this incident."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            body = json.dumps({"incident": incident}).encode()
            self.send_response(201)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            """Nothing to say."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


# A key that is in use, however PagerDuty says so


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (400, "Open incident with matching dedup key already exists on this service"),
        (400, "An open incident already uses this incident key"),
        (422, "incident_key has already been taken"),
        (409, "Conflict"),
    ],
)
def test_a_key_in_use_is_looked_for_and_never_sent_again(ada: User, directory: Sandbox, status: int, text: str) -> None:
    """The answer is lost, the look-up lags, PagerDuty refuses the second request, and then somebody resolves."""
    directory.habits.duplicate_status, directory.habits.duplicate_text = status, text
    directory.habits.lists_lag = 100
    directory.faults = [fault(AFTER)]
    submission = stored(ada)
    with time_machine.travel(now(), tick=False) as clock:
        deliver(submission, limits=QUICK)
        go_on(submission)
        clock.shift(SETTLING)
        go_on(submission)
        assert (outcome(submission, directory), creations(directory)) == (("pending", 1), 2)
        resolve_all(directory)
        clock.shift(SETTLING - A_SECOND)
        go_on(submission)
    assert (outcome(submission, directory), creations(directory)) == (("created", 1), 2)


def test_a_typed_key_that_is_in_use_and_not_shown_is_refused_in_the_end(ada: User, directory: Sandbox) -> None:
    directory.faults = [fault("409")]
    submission = stored(ada, incident_key="till-42")
    with time_machine.travel(now(), tick=False) as clock:
        deliver(submission, limits=QUICK)
        go_on(submission)
        assert submission.state == "pending"
        clock.shift(SETTLING)
        go_on(submission)
    said = "PagerDuty says that an open incident has this incident key, but does not show it. Look in PagerDuty first."
    quoted = "PagerDuty says: An open incident already uses this incident key"
    assert (outcome(submission, directory), submission.errors) == (("rejected", 0), {"incident_key": [said, quoted]})
    assert creations(directory) == 1


@pytest.mark.parametrize("text", ["Unknown key: urgency", "Priority is already taken", "Duplicate assignee"])
def test_what_pagerduty_said_is_not_lost_where_it_was_taken_for_a_key_in_use(
    ada: User, directory: Sandbox, text: str
) -> None:
    directory.habits.duplicate_text = text
    deliver(stored(ada, incident_key="till-42"))
    directory.faults = [fault("empty list", "GET /incidents") for _ in range(3)]
    submission = stored(ada, incident_key="till-42")
    deliver(submission, limits=QUICK)
    settled()
    go_on(submission)
    assert submission.state == "rejected"
    assert f"PagerDuty says: {text}" in [sentence for said in submission.errors.values() for sentence in said]


def test_a_typed_key_of_somebody_else_that_shows_late_is_decided_when_it_shows(ada: User, directory: Sandbox) -> None:
    directory.habits.lists_lag = 20
    with time_machine.travel(now(), tick=False) as clock:
        deliver(stored(ada, incident_key="till-42"))
        submission = stored(ada, incident_key="till-42")
        deliver(submission, limits=QUICK)
        clock.shift(timedelta(seconds=20))
        go_on(submission)
    assert (submission.state, submission.incident_id) == ("rejected", directory.incidents[0]["id"])


@pytest.mark.parametrize("kind", ["409 after", "in use after"])
@pytest.mark.parametrize("lag", [20, 40])
def test_a_refused_key_that_was_typed_may_be_our_own(
    ada: User, directory: Sandbox, page_of_ada: Browser, lag: int, kind: str
) -> None:
    """The first request took effect, although PagerDuty said that its key is in use; then the author cancels."""
    directory.habits.lists_lag = lag
    directory.faults = [fault(kind)]
    submission = stored(ada, incident_key="till-42")
    with time_machine.travel(now(), tick=False) as clock:
        deliver(submission, limits=QUICK)
        submission.refresh_from_db()
        cancel(submission)
        page = page_of_ada.get(submission.get_absolute_url()).text
        assert "No incident was created" not in page
        while submission.state == "pending":
            clock.move_to(max(now(), submission.next_attempt_at))
            go_on(submission)
    assert (outcome(submission, directory), creations(directory)) == (("created", 1), 1)


def test_of_two_with_the_same_typed_key_the_one_that_was_refused_is_not_the_created_one(
    ada: User, directory: Sandbox
) -> None:
    directory.habits.lists_lag = 20
    directory.faults = [fault(AFTER)]
    heard, refused = (stored(ada, incident_key="till-42") for _ in range(2))
    with time_machine.travel(now(), tick=False) as clock:
        deliver(heard, limits=QUICK)
        deliver(refused, limits=QUICK)
        clock.shift(timedelta(seconds=20))
        go_on(refused)
        go_on(heard)
    assert (heard.state, refused.state, len(directory.incidents)) == ("created", "rejected", 1)


def test_a_typed_key_that_is_said_to_be_in_use_is_no_none_after_a_cancellation(
    ada: User, directory: Sandbox, page_of_ada: Browser
) -> None:
    directory.faults = [fault("409")]
    submission = stored(ada, incident_key="till-42")
    deliver(submission, limits=QUICK)
    submission.refresh_from_db()
    cancel(submission)
    settled()
    go_on(submission)
    page = page_of_ada.get(submission.get_absolute_url()).text
    assert outcome(submission, directory) == ("cancelled", 0)
    assert "Cancelled. We see no incident." in page
    assert "obody was paged" not in page
    again = page_of_ada.get("/incidents/new/", {"again": str(submission.pk)}).text
    assert "PagerDuty may have received the earlier one" in again


@pytest.mark.parametrize("window", [1, 30])
def test_the_typed_key_of_an_alert_is_refused_in_the_end(
    ada: User, directory: Sandbox, settings: Any, window: int
) -> None:
    """PagerDuty refuses the key, and shows the incident that has it under the alert's own incident key."""
    settings.DELIVERY_WINDOW_MINUTES = window
    deliver(stored(ada, title="CPU load"))
    directory.faults = [fault("in use"), *(fault("other rows", "GET /incidents") for _ in range(50))]
    submission = stored(ada, incident_key="till-42")
    with time_machine.travel(now(), tick=False) as clock:
        deliver(submission, limits=QUICK)
        clock.shift(BLIND)
        go_on(submission)
    assert (outcome(submission, directory), creations(directory)) == (("rejected", 1), 2)
    assert submission.problem.startswith("PagerDuty says that an open incident has this incident key")


def test_a_typed_key_that_is_in_use_is_undecided_while_pagerduty_cannot_be_asked(ada: User, directory: Sandbox) -> None:
    directory.habits.lists_lag = 20
    directory.faults = [fault("409 after")]
    submission = stored(ada, incident_key="till-42")
    with time_machine.travel(now(), tick=False) as clock:
        deliver(submission, limits=QUICK)
        clock.shift(timedelta(hours=1))
        directory.faults = [fault("500", "GET /incidents")]
        go_on(submission)
        assert submission.state == "pending"
        go_on(submission)
    assert outcome(submission, directory) == ("created", 1)


def test_two_incidents_of_one_report_are_logged(
    ada: User, directory: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    """It should never happen; where it does, somebody must know."""
    submission = stored(ada)
    deliver(submission, limits=QUICK)
    overtaken = submission.attempt_set.get()
    other = pagerduty.connect().create_incident({**submission.request, "incident_key": "x"}, from_email=ada.email)
    delivery.finish(overtaken, Created(other, is_found=False))
    assert f"PagerDuty has a second incident of it, {other.id}" in caplog.text


# Absence is not proof


@pytest.mark.parametrize("lag", [0, 25, 40])
def test_a_cancellation_is_no_none_while_the_lookup_lags(ada: User, directory: Sandbox, lag: int) -> None:
    directory.habits.lists_lag = lag
    directory.faults = [fault(AFTER)]
    submission = stored(ada)
    with time_machine.travel(now(), tick=False) as clock:
        deliver(submission, limits=QUICK)
        submission.refresh_from_db()
        cancel(submission)
        while submission.state == "pending":
            clock.move_to(max(now(), submission.next_attempt_at))
            go_on(submission)
    assert (outcome(submission, directory), creations(directory)) == (("created", 1), 1)


def test_a_none_after_a_doubt_says_that_we_see_none(ada: User, directory: Sandbox, page_of_ada: Browser) -> None:
    directory.faults = [fault(BEFORE)]
    submission = stored(ada)
    deliver(submission, limits=QUICK)
    go_on(submission)
    with time_machine.travel(submission.expires_at + SETTLING):
        go_on(submission)
        page = page_of_ada.get(submission.get_absolute_url()).text
    assert submission.state == "expired"
    assert "Expired. We see no incident." in page
    again = page_of_ada.get("/incidents/new/", {"again": str(submission.pk)}).text
    assert "PagerDuty may have received the earlier one: look there before you send it again." in again
    assert "obody was paged" not in page


@pytest.mark.parametrize(
    ("minutes", "then"), [(1, "and then the time to send it is over."), (2, "and only then send it again.")]
)
def test_nothing_is_to_be_sent_again_after_the_window(
    ada: User, directory: Sandbox, page_of_ada: Browser, settings: Any, minutes: int, then: str
) -> None:
    settings.DELIVERY_WINDOW_MINUTES = minutes
    directory.faults = [fault(BEFORE)]
    submission = stored(ada)
    deliver(submission, limits=QUICK)
    assert then in page_of_ada.get(submission.get_absolute_url()).text


def test_a_refusal_after_a_doubt_promises_nothing(ada: User, directory: Sandbox, page_of_ada: Browser) -> None:
    directory.faults = [fault(BEFORE), fault("402")]
    submission = stored(ada)
    deliver(submission, limits=QUICK)
    settled()
    go_on(submission)
    assert submission.state == "rejected"
    again = page_of_ada.get("/incidents/new/", {"again": str(submission.pk)}).text
    assert "PagerDuty refused this. We see no incident." in again
    assert "No incident was created" not in again


# Attempts that were overtaken


def test_an_attempt_that_lost_its_claim_sends_nothing(ada: User, directory: Sandbox) -> None:
    """It was paused for longer than its lease; meanwhile another one created, and somebody resolved."""
    submission = stored(ada)
    paused = claimed(submission)
    with time_machine.travel(now() + LEASE + SETTLING):
        go_on(submission)
        with time_machine.travel(now() + SETTLING):
            go_on(submission)
    resolve_all(directory)
    came_to = Try(paused, pagerduty.connect()).outcome()
    assert isinstance(came_to, Unavailable)
    assert (came_to.is_sent, creations(directory)) == (False, 1)


@pytest.mark.parametrize("change", [{"leased_until": None}, {"cancel_asked_at": now()}, {"state": "cancelled"}])
def test_an_attempt_looks_at_its_claim_at_the_last_moment(ada: User, directory: Sandbox, change: Any) -> None:
    attempt = claimed(stored(ada))
    Submission.objects.update(**change)
    assert isinstance(Try(attempt, pagerduty.connect()).outcome(), Unavailable)
    assert creations(directory) == 0


def test_an_attempt_without_time_left_sends_nothing(ada: User, directory: Sandbox) -> None:
    submission = stored(ada)
    attempt = claimed(submission)
    delivery.finish(attempt, Try(attempt, pagerduty.connect(within=-1.0)).outcome())
    submission.refresh_from_db()
    assert (submission.state, submission.heard_at, creations(directory)) == ("pending", None, 0)


def test_every_attempt_keeps_its_number(ada: User, directory: Sandbox) -> None:
    submission = stored(ada)
    overtaken = claimed(submission)
    with time_machine.travel(now() + LEASE):
        go_on(submission)
    delivery.finish(overtaken, Unavailable("No answer."))
    rows = list(Attempt.objects.values_list("number", "outcome"))
    assert rows == [(1, "unavailable"), (2, "unavailable")]


@pytest.mark.parametrize("decision", ["expired", "cancelled", "rejected"])
def test_a_late_yes_corrects_a_none(ada: User, directory: Sandbox, page_of_ada: Browser, decision: str) -> None:
    """The clock jumps an hour ahead during an attempt, so that its lease and the window seem to be over."""
    submission = stored(ada)
    slow = claimed(submission)
    directory.habits.lists_lag = 86_400  # nobody else can see it
    incident = pagerduty.connect().create_incident(submission.request, from_email=ada.email)
    with time_machine.travel(now(), tick=False) as clock:
        clock.shift(LEASE if decision == "rejected" else timedelta(hours=1))
        if decision == "cancelled":
            submission.refresh_from_db()
            cancel(submission)
        go_on(submission)
        assert submission.state == "pending"  # nothing says "none" so soon after an attempt that has not ended
        directory.faults = [fault("401")]
        clock.shift(SETTLING)
        go_on(submission)
        assert submission.state == decision
        delivery.finish(slow, Created(incident, is_found=False))
        submission.refresh_from_db()
        page = page_of_ada.get(submission.get_absolute_url()).text
    assert outcome(submission, directory) == ("created", 1)
    assert submission.incident_id == directory.incidents[0]["id"]
    assert "this page showed no incident, because PagerDuty" in page
    assert Entry.objects.filter(event="submission corrected").count() == 1


def test_a_late_yes_ends_what_another_attempt_still_tries(ada: User, directory: Sandbox) -> None:
    submission = stored(ada)
    slow = claimed(submission)
    incident = pagerduty.connect().create_incident(submission.request, from_email=ada.email)
    with time_machine.travel(now() + LEASE + A_SECOND):
        submission.refresh_from_db()
        overtaking = claimed(submission)
    delivery.finish(slow, Created(incident, is_found=False))
    delivery.finish(overtaking, Over())
    submission.refresh_from_db()
    assert (outcome(submission, directory), submission.corrected_at) == (("created", 1), None)


# Clocks


def test_a_clock_that_is_set_back_freezes_nothing_and_lengthens_nothing(ada: User, directory: Sandbox) -> None:
    directory.faults = [Fault("drop before", "*") for _ in range(500)]
    submission = stored(ada)
    minutes = 0
    with time_machine.travel(now(), tick=False) as clock:
        deliver_due()
        clock.shift(timedelta(minutes=-60))
        while minutes < 200 and submission.state == "pending":
            clock.shift(timedelta(minutes=1))
            minutes += 1
            deliver_due()
            submission.refresh_from_db()
            if submission.is_overdue:
                directory.faults = []
    assert outcome(submission, directory) == ("expired", 0)
    assert (minutes, submission.attempts > 20) == (33, True)


def test_a_clock_that_is_set_back_after_a_rate_limit_holds_nothing_back(ada: User, directory: Sandbox) -> None:
    directory.faults = [fault("429 bare")]
    submission = stored(ada)
    with time_machine.travel(now(), tick=False) as clock:
        deliver(submission, limits=QUICK)
        clock.shift(timedelta(hours=-1))
        settled()
        go_on(submission)
    assert outcome(submission, directory) == ("created", 1)


def test_a_clock_that_is_set_back_during_an_attempt_makes_nobody_wait(ada: User, directory: Sandbox) -> None:
    submission = stored(ada)
    with time_machine.travel(now(), tick=False) as clock:
        clock.shift(timedelta(minutes=20))
        directory.faults = [fault(BEFORE)]
        deliver(submission, limits=QUICK)
        Submission.objects.update(next_attempt_at=now())
        submission.refresh_from_db()
        attempt = claimed(submission)
        clock.shift(timedelta(minutes=-20))
        delivery.finish(attempt, Unavailable("No answer.", is_sent=False))
        submission.refresh_from_db()
        assert submission.expires_at <= now() + timedelta(minutes=30)
        go_on(submission)
        clock.shift(SETTLING)
        go_on(submission)
    assert outcome(submission, directory) == ("created", 1)


@pytest.mark.parametrize("minutes", [2, 59, 24 * 60])
def test_a_clock_that_is_set_ahead_ends_no_doubt(ada: User, directory: Sandbox, minutes: int) -> None:
    """Ours goes ahead between two looks, even beyond the window; PagerDuty's, by which its lists lag, does not."""
    directory.habits.lists_lag = 40
    directory.faults = [fault(AFTER)]
    submission = stored(ada)
    deliver(submission, limits=QUICK)
    go_on(submission)
    with time_machine.travel(now() + timedelta(minutes=minutes)):
        directory.clock.advance(minutes=-minutes)
        go_on(submission)
        assert (outcome(submission, directory), creations(directory)) == (("pending", 1), 1)
        directory.clock.advance(seconds=60)
        go_on(submission)
    assert (outcome(submission, directory), creations(directory)) == (("created", 1), 1)


def test_a_clock_that_is_set_ahead_is_no_long_time_without_a_look(ada: User, directory: Sandbox) -> None:
    directory.faults = [fault(AFTER), fault("500", "GET /incidents")]
    submission = stored(ada)
    deliver(submission, limits=QUICK)
    resolve_all(directory)
    with time_machine.travel(now() + timedelta(minutes=20)):
        go_on(submission)
        assert submission.state == "pending"
        go_on(submission)
    assert (outcome(submission, directory), creations(directory)) == (("created", 1), 1)


@pytest.mark.parametrize("minutes", [20, 60])
def test_a_clock_that_was_ahead_for_a_while_takes_nothing_from_the_window(
    ada: User, directory: Sandbox, minutes: int
) -> None:
    submission = stored(ada)
    ends = submission.expires_at
    Submission.objects.update(touched_at=now() + timedelta(minutes=minutes), next_attempt_at=ends)
    Submission.objects.follow_the_clock()
    submission.refresh_from_db()
    assert (submission.expires_at, submission.next_attempt_at < ends) == (ends, True)


@pytest.mark.parametrize(("name", "came_to"), [("next_attempt_at", ("created", 1)), ("leased_until", ("pending", 0))])
def test_a_time_that_only_a_wrong_clock_can_have_written_holds_nothing_back(
    ada: User, directory: Sandbox, name: str, came_to: tuple[str, int]
) -> None:
    """It was reckoned before the clock was set back, and written after."""
    submission = stored(ada)
    Submission.objects.update(**{name: now() + timedelta(hours=1)})
    assert deliver_due() == 1
    submission.refresh_from_db()
    assert (outcome(submission, directory), submission.attempts) == (came_to, 1)


def test_a_clock_that_is_a_little_behind_changes_nothing(ada: User, directory: Sandbox) -> None:
    submission = stored(ada)
    with time_machine.travel(now() - timedelta(seconds=30)):
        Submission.objects.follow_the_clock()
    before = submission.expires_at
    submission.refresh_from_db()
    assert submission.expires_at == before


LONG = "Die Kasse in der Filiale am Hauptbahnhof nimmt keine Karten mehr an, " * 5


@pytest.mark.parametrize(
    ("title", "habits"),
    [
        ("Card payments fail", {}),
        (LONG.strip(), {"longest_title": 255}),
        ("🔥 Kasse 3 🔥 brennt", {"drops_emoji": True}),
        ("🔥🔥", {"drops_emoji": True}),
    ],
)
@pytest.mark.parametrize("minutes", [-10, 0, 10])
def test_our_own_incident_under_a_typed_key_is_known_again(
    ada: User, directory: Sandbox, title: str, habits: dict[str, Any], minutes: int
) -> None:
    for name, value in habits.items():
        setattr(directory.habits, name, value)
    directory.clock.advance(minutes=minutes)
    directory.faults = [fault(AFTER)]
    submission = stored(ada, title=title, incident_key="till-42")
    deliver(submission, limits=QUICK)
    go_on(submission)
    assert outcome(submission, directory) == ("created", 1)


@pytest.mark.parametrize("is_resolved", [False, True])
@pytest.mark.parametrize("minutes", [-10, 10])
def test_our_own_incident_is_known_again_where_the_first_look_failed(
    ada: User, directory: Sandbox, is_resolved: bool, minutes: int
) -> None:
    directory.clock.advance(minutes=minutes)
    directory.faults = [fault(BEFORE, "GET /incidents"), fault(AFTER)]
    submission = stored(ada, incident_key="till-42")
    deliver(submission, limits=QUICK)
    if is_resolved:
        resolve_all(directory)
    settled()
    go_on(submission)
    assert outcome(submission, directory) == ("created", 1)


def test_what_had_the_typed_key_before_is_not_ours_however_alike(ada: User, directory: Sandbox) -> None:
    deliver(stored(ada, incident_key="till-42"))
    resolve_all(directory)
    directory.faults = [fault(BEFORE)]
    submission = stored(ada, incident_key="till-42")
    deliver(submission, limits=QUICK)
    settled()
    go_on(submission)
    assert outcome(submission, directory) == ("created", 2)


@pytest.mark.parametrize(
    ("ours", "theirs", "is_so"),
    [
        ("Till 3 is down", "Till 3 is down", True),
        ("Till 3 & 4 — down!", "Till 3 &amp; 4 - down", True),
        ("a" * 1024, "a" * 255 + "…", True),
        ("收银台三号无法刷卡" * 20, "收银台三号无法刷卡" * 9, True),  # cut at 255 bytes
        ("🔥" * 300 + "Kasse", "🔥" * 255, True),
        ("Till 3 is down", "Till 3", False),
        ("Till 3 is down", "", False),
        ("Till 3 is down", "Till 4 is down", False),
    ],
)
def test_which_titles_are_the_same(ours: str, theirs: str, is_so: bool) -> None:
    assert is_alike(ours, theirs) is is_so


# What the former version left behind


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_sent", [False, True])
def test_what_was_decided_before_doubts_were_kept_is_doubted_where_it_was_sent(ada: User, is_sent: bool) -> None:
    """It may have been received, whatever its page said."""
    executor = MigrationExecutor(connection)
    executor.migrate([("incidents", "0003_load_index")])
    try:
        old = executor.loader.project_state([("incidents", "0003_load_index")]).apps
        facts = {"form_key": uuid4(), "created_by_id": ada.pk, "request": {}, "expires_at": now(), "decided_at": now()}
        row = old.get_model("incidents", "Submission").objects.create(state="expired", **facts)
        facts = {"number": 1, "started_at": now(), "ended_at": now(), "outcome": "unavailable", "is_sent": is_sent}
        old.get_model("incidents", "Attempt").objects.create(submission=row, **facts)
    finally:
        executor = MigrationExecutor(connection)
        executor.migrate(executor.loader.graph.leaf_nodes())
    assert (Submission.objects.get(pk=row.pk).in_doubt_since is not None) == is_sent


# Keys and stores


def test_a_colleagues_form_key_gives_nobody_power_over_the_report(ada: User, directory: Sandbox) -> None:
    """The browser chooses the form's key; the incident's is ours."""
    form_key = uuid4()
    grace = User.objects.create_user("grace", "grace.hopper@example.com")
    sender = Person.objects.exclude(email=ada.email).first()
    assert sender
    theirs, _ = submit(
        created_by=grace, sender=sender, form_key=form_key, report=Report(title="x", service=stored(ada).service_id)
    )
    deliver(theirs, limits=QUICK)
    ours = stored(ada, form_key=form_key)
    deliver(ours, limits=QUICK)
    ours.refresh_from_db()
    assert outcome(ours, directory) == ("created", 2)
    assert len({row["incident_key"] for row in directory.incidents}) == 2
    assert not any(str(form_key) in row["incident_key"] for row in directory.incidents)


def test_what_was_decided_is_stored_even_if_its_incident_cannot_be(ada: User, directory: Sandbox) -> None:
    refuse_to_store("Poison")
    submission = stored(ada, title="Poison")
    deliver(submission, limits=QUICK)
    submission.refresh_from_db()
    assert (outcome(submission, directory), submission.incident) == (("created", 1), {})


def refuse_to_store(word: str) -> None:
    """The database takes no incident that contains the word."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(
                "CREATE TRIGGER poison BEFORE UPDATE ON incidents_submission "
                f"WHEN NEW.incident LIKE '%{word}%' BEGIN SELECT RAISE(ABORT, 'no'); END"
            )
        else:
            cursor.execute(
                "CREATE FUNCTION poison() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                f"IF NEW.incident::text LIKE '%{word}%' THEN RAISE EXCEPTION 'no' USING ERRCODE = '22P05'; END IF; "
                "RETURN NEW; END $$"
            )
            cursor.execute(
                "CREATE TRIGGER poison BEFORE UPDATE ON incidents_submission FOR EACH ROW EXECUTE FUNCTION poison()"
            )


def test_nothing_of_ours_is_left_unfinished(ada: User, directory: Sandbox) -> None:
    deliver(stored(ada), limits=QUICK)
    assert not Attempt.objects.filter(outcome=Attempt.Outcome.UNFINISHED)
    assert Submission.objects.get().state == State.CREATED
