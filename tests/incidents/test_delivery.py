"""Send once: whatever breaks, exactly one incident or a plain "none was created"."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.contrib.auth.models import User
from django.core.cache import cache
from django.utils.timezone import now

from incidentportal import pagerduty
from incidentportal.audit.models import Entry, Event
from incidentportal.directory.models import Person, Service
from incidentportal.incidents import delivery
from incidentportal.incidents.attempt import BLIND, BLIND_LOOKS, Created
from incidentportal.incidents.delivery import Limits, cancel, deliver, deliver_due, submit
from incidentportal.incidents.models import SETTLING, Attempt, State, Submission
from incidentportal.incidents.report import Report
from incidentportal.pagerduty import Incident
from sandbox import Fault, Sandbox
from sandbox.faults import KINDS

QUICK = Limits(silence=1.0, total=5.0)


def stored(ada: User, **answers: Any) -> Submission:
    """A submission that nobody has tried to send yet."""
    form_key = answers.pop("form_key", None) or uuid4()
    service = Service.objects.get(name="Checkout API").id
    report = Report(**{"title": "Card payments fail", "service": service, **answers})
    sender = Person.objects.get(email=ada.email)
    submission, _ = submit(created_by=ada, sender=sender, form_key=form_key, report=report)
    return submission


def go_on(submission: Submission) -> None:
    """Make the next attempt now, as a worker would when its time has come."""
    Submission.objects.filter(pk=submission.pk).update(next_attempt_at=now())
    submission.refresh_from_db()
    deliver(submission, limits=QUICK)
    submission.refresh_from_db()


def claimed(submission: Submission) -> Attempt:
    """An attempt that has begun."""
    attempt = Submission.objects.claim(submission)
    assert attempt
    return attempt


def outcome(submission: Submission, sandbox: Sandbox) -> tuple[str, int]:
    return submission.state, len(sandbox.incidents)


# What one attempt makes of each fault of `POST /incidents`: state, incidents.
FIRST = {
    "drop before": ("pending", 0),
    "drop after": ("pending", 1),
    "late": ("pending", 1),
    "late before": ("pending", 0),
    "slow body": ("pending", 1),
    "drip headers": ("pending", 1),
    "continue": ("pending", 1),
    "429": ("pending", 0),
    "429 bare": ("pending", 0),
    "429 after": ("pending", 1),
    "408": ("pending", 0),
    "500": ("pending", 0),
    "500 after": ("pending", 1),
    "502": ("pending", 0),
    "502 after": ("pending", 1),
    "503": ("pending", 0),
    "cut off": ("pending", 1),
    "garbage": ("pending", 1),
    "redirect": ("pending", 0),
    "other service": ("pending", 1),
    "other service before": ("pending", 0),
    "other key": ("pending", 1),
    "other key before": ("pending", 0),
    "409": ("pending", 0),
    "409 after": ("created", 1),
    "in use": ("pending", 0),
    "in use after": ("created", 1),
    "401": ("rejected", 0),
    "401 json": ("rejected", 0),
    "402": ("rejected", 0),
    "403": ("rejected", 0),
    "403 denied": ("rejected", 0),
    "half surrogate": ("created", 1),
    "nul": ("created", 1),
    "wrong types": ("created", 1),
    # These are lies of lists, and a creation returns none.
    "filter ignored": ("created", 1),
    "other rows": ("created", 1),
    "empty list": ("created", 1),
}
UNDECIDED = [kind for kind, (state, _) in FIRST.items() if state == "pending"]
# PagerDuty said that it has the key, and did not have it: nothing is sent again after that.
SAID_IN_USE = {"409", "in use"}
# The second attempt looks first. A look that fails, or that shows something else, decides nothing.
BEFORE, AFTER = "drop before", "drop after"
# Lies of a list that still show what is there, and lies about one incident, of which a look asks none.
SHOWS_OURS = {"half surrogate", "nul", "wrong types", "filter ignored", "other service", "other key"}


def fault(kind: str, call: str = "POST /incidents") -> Fault:
    """What is late comes too late for any caller, and what drips still drips when the caller has given up."""
    seconds = {"late": 86_400.0, "late before": 86_400.0, "slow body": 50.0}
    return Fault(kind, call=call, seconds=seconds.get(kind, 0.9 if kind in {"drip headers", "continue"} else 2.5))


def test_every_way_in_which_a_call_can_fail_is_in_the_matrix() -> None:
    assert set(FIRST) == KINDS


@pytest.mark.parametrize("kind", FIRST)
def test_a_fault_of_the_first_attempt(ada: User, directory: Sandbox, kind: str) -> None:
    directory.faults = [fault(kind)]
    submission = stored(ada)
    deliver(submission, limits=QUICK)
    submission.refresh_from_db()
    assert outcome(submission, directory) == FIRST[kind]
    if submission.state == "pending":
        forget_the_rate_limit()
        settled()
        go_on(submission)
        assert outcome(submission, directory) == (("rejected", 0) if kind in SAID_IN_USE else ("created", 1))
    if submission.state == "created":
        assert submission.incident_id == directory.incidents[0]["id"]


@pytest.mark.parametrize("first", [BEFORE, AFTER])
@pytest.mark.parametrize("kind", FIRST)
def test_a_fault_of_the_look_decides_nothing(ada: User, directory: Sandbox, first: str, kind: str) -> None:
    directory.faults = [fault(first), fault(kind, "GET /incidents")]
    submission = stored(ada)
    deliver(submission, limits=QUICK)
    go_on(submission)
    if first == AFTER:
        assert outcome(submission, directory) == ("created" if kind in SHOWS_OURS else "pending", 1)
    else:
        assert outcome(submission, directory) == ("pending", 0)
    forget_the_rate_limit()
    settled()
    go_on(submission)
    assert outcome(submission, directory) == ("created", 1)


@pytest.mark.parametrize("kind", FIRST)
def test_a_fault_of_the_second_creation(ada: User, directory: Sandbox, kind: str) -> None:
    directory.faults = [fault(BEFORE), fault(kind)]
    submission = stored(ada)
    deliver(submission, limits=QUICK)
    settled()
    go_on(submission)
    assert outcome(submission, directory) == FIRST[kind]
    if submission.state == "pending":
        forget_the_rate_limit()
        settled()
        go_on(submission)
        assert outcome(submission, directory) == (("rejected", 0) if kind in SAID_IN_USE else ("created", 1))


def settled() -> None:
    """So long after the latest request that it would be seen if it had taken effect."""
    long_ago = now() - SETTLING
    Submission.objects.update(unseen_since=long_ago - timedelta(minutes=1))
    Submission.objects.exclude(heard_at=None).update(heard_at=long_ago)
    Submission.objects.exclude(key_in_use_at=None).update(key_in_use_at=long_ago)


def forget_the_rate_limit() -> None:
    cache.clear()


def test_an_incident_of_ours_that_was_resolved_meanwhile_counts(ada: User, directory: Sandbox) -> None:
    directory.faults = [fault(AFTER)]
    submission = stored(ada)
    deliver(submission, limits=QUICK)
    directory.incidents[0]["status"] = "resolved"
    go_on(submission)
    assert outcome(submission, directory) == ("created", 1)


def test_a_lease_that_is_held_keeps_others_out(ada: User, directory: Sandbox) -> None:
    submission = stored(ada)
    claimed(submission)
    submission.refresh_from_db()
    deliver(submission, limits=QUICK)
    attempts = list(Attempt.objects.values_list("number", "outcome"))
    assert (deliver_due(), outcome(submission, directory), attempts) == (0, ("pending", 0), [(1, "")])


def test_a_stale_view_of_a_submission_claims_nothing(ada: User, directory: Sandbox) -> None:
    submission = stored(ada)
    stale = Submission.objects.get(pk=submission.pk)
    directory.faults = [fault(BEFORE)]
    deliver(submission, limits=QUICK)
    Submission.objects.update(next_attempt_at=now())
    assert Submission.objects.claim(stale) is None


def test_a_process_that_died_is_found_out_by_a_look(ada: User, directory: Sandbox) -> None:
    submission = stored(ada)
    Submission.objects.claim(submission)  # ... and the process is killed after PagerDuty acted
    pagerduty.connect().create_incident(submission.request, from_email=ada.email)
    with time_machine.travel(now() + timedelta(seconds=61)):
        assert deliver_due() == 1
        submission.refresh_from_db()
    assert outcome(submission, directory) == ("created", 1)


def test_unreachable_to_the_end_of_the_window_is_a_plain_none(ada: User, directory: Sandbox, settings: Any) -> None:
    submission = stored(ada)
    settings.PAGERDUTY_API_URL = "http://127.0.0.1:9"
    deliver(submission, limits=QUICK)
    submission.refresh_from_db()
    assert (submission.state, submission.heard_at) == ("pending", None)
    with time_machine.travel(submission.expires_at + timedelta(seconds=1)):
        go_on(submission)
    assert (outcome(submission, directory), submission.attempts) == (("expired", 0), 2)


@pytest.mark.parametrize(("kind", "state", "incidents"), [(AFTER, "created", 1), (BEFORE, "expired", 0)])
def test_after_the_window_we_only_look(ada: User, directory: Sandbox, kind: str, state: str, incidents: int) -> None:
    directory.faults = [fault(kind)]
    submission = stored(ada)
    deliver(submission, limits=QUICK)
    with time_machine.travel(submission.expires_at + timedelta(seconds=1)):
        settled()
        go_on(submission)
    assert outcome(submission, directory) == (state, incidents)
    assert [r.method for r in directory.requests if r.path == "/incidents"] == ["POST", "GET"]


def test_nothing_is_claimed_while_pagerduty_cannot_be_asked(ada: User, directory: Sandbox) -> None:
    directory.faults = [fault(AFTER), fault("500", "GET /incidents")]
    submission = stored(ada)
    deliver(submission, limits=QUICK)
    with time_machine.travel(submission.expires_at + timedelta(seconds=1)):
        go_on(submission)
        assert (submission.state, submission.is_overdue) == ("pending", True)
        go_on(submission)
    assert outcome(submission, directory) == ("created", 1)


def test_a_look_right_after_a_lost_request_does_not_decide_that_there_is_none(ada: User, directory: Sandbox) -> None:
    directory.faults = [fault(BEFORE)]
    submission = stored(ada)
    Submission.objects.update(expires_at=now() + timedelta(seconds=1))
    deliver(submission, limits=QUICK)
    Submission.objects.update(expires_at=now())
    go_on(submission)
    said = "PagerDuty does not show an incident of an earlier attempt yet."
    assert (submission.state, submission.problem) == ("pending", said)
    with time_machine.travel(now() + SETTLING):
        go_on(submission)
    assert outcome(submission, directory) == ("expired", 0)


def test_nothing_is_sent_again_before_a_lost_request_would_show(ada: User, directory: Sandbox) -> None:
    """Somebody resolves at once what was created and lost, and the look-up lags: a second request would page again."""
    directory.habits.lists_lag = 40
    directory.faults = [fault(AFTER)]
    submission = stored(ada)
    with time_machine.travel(now(), tick=False) as clock:
        deliver(submission, limits=QUICK)
        directory.incidents[0]["status"] = "resolved"
        for _ in range(10):
            submission.refresh_from_db()
            clock.move_to(max(now(), submission.next_attempt_at))
            go_on(submission)
    assert outcome(submission, directory) == ("created", 1)
    assert [r.method for r in directory.requests if r.path == "/incidents"].count("POST") == 1


def test_a_lost_request_is_looked_for_again_just_when_it_would_show(ada: User, directory: Sandbox) -> None:
    directory.faults = [fault(BEFORE)]
    submission = stored(ada)
    with time_machine.travel(now(), tick=False) as clock:
        deliver(submission, limits=QUICK)
        submission.refresh_from_db()
        settles_at = submission.settles_at
        assert settles_at == now() + SETTLING
        while submission.state == "pending":
            clock.move_to(submission.next_attempt_at)
            go_on(submission)
        assert outcome(submission, directory) == ("created", 1)
        assert settles_at <= now() <= settles_at + timedelta(seconds=4)  # a minute after the first look, a moment later


@pytest.mark.parametrize("first", [BEFORE, AFTER])
def test_a_look_that_always_fails_does_not_stop_the_page(ada: User, directory: Sandbox, first: str) -> None:
    directory.faults = [fault(first), *(fault("500", "GET /incidents") for _ in range(9))]
    submission = stored(ada)
    deliver(submission, limits=QUICK)
    for _ in range(BLIND_LOOKS):
        with time_machine.travel(now() + BLIND - timedelta(seconds=10)):
            go_on(submission)
    assert submission.state == "pending"
    directory.faults = [fault("500", "GET /incidents")] if first == BEFORE else []
    with time_machine.travel(now() + BLIND):
        go_on(submission)
    assert outcome(submission, directory) == ("created", 1)


def test_a_refusal_of_what_was_sent_blindly_decides_nothing(ada: User, directory: Sandbox) -> None:
    failing = [fault("500", "GET /incidents") for _ in range(BLIND_LOOKS + 1)]
    directory.faults = [fault(AFTER), *failing, fault("401")]
    submission = stored(ada)
    deliver(submission, limits=QUICK)
    for _ in range(BLIND_LOOKS):
        go_on(submission)
    with time_machine.travel(now() + BLIND):
        go_on(submission)
        assert submission.state == "pending"
        go_on(submission)
    assert outcome(submission, directory) == ("created", 1)


def test_a_twin_that_never_sent_anything_claims_nothing(ada: User, directory: Sandbox) -> None:
    first, twin = (stored(ada, incident_key="till-42") for _ in range(2))
    directory.faults = [fault(AFTER)]
    deliver(first, limits=QUICK)  # it paged, and does not know
    directory.faults = [fault("500", "GET /incidents")]
    deliver(twin, limits=QUICK)  # its look failed, so it sent nothing
    go_on(twin)
    go_on(first)
    assert (first.state, twin.state, len(directory.incidents)) == ("created", "rejected", 1)


def test_an_incident_belongs_to_one_submission(ada: User, directory: Sandbox) -> None:
    first, twin = (stored(ada, incident_key="till-42") for _ in range(2))
    deliver(first, limits=QUICK)
    incident = Submission.objects.get(pk=first.pk).incident
    # Both looked before either wrote it down.
    delivery.finish(claimed(twin), Created(Incident.read(incident), is_found=True))
    twin.refresh_from_db()
    assert (twin.state, twin.incident_number) == ("rejected", str(incident["incident_number"]))


def test_cancelling_what_nobody_heard_is_at_once(ada: User, directory: Sandbox) -> None:
    submission = stored(ada)
    cancel(submission)
    assert outcome(submission, directory) == ("cancelled", 0)
    deliver(submission, limits=QUICK)
    assert outcome(submission, directory) == ("cancelled", 0)


@pytest.mark.parametrize(("kind", "state", "incidents"), [(AFTER, "created", 1), (BEFORE, "cancelled", 0)])
def test_cancelling_what_may_have_been_heard_looks_first(
    ada: User, directory: Sandbox, kind: str, state: str, incidents: int
) -> None:
    directory.faults = [fault(kind)]
    submission = stored(ada)
    deliver(submission, limits=QUICK)
    submission.refresh_from_db()
    cancel(submission)
    assert submission.state == "pending"
    go_on(submission)
    with time_machine.travel(now() + SETTLING):
        go_on(submission)
    assert outcome(submission, directory) == (state, incidents)


def test_cancelling_during_an_attempt_lets_the_attempt_tell(ada: User, directory: Sandbox) -> None:
    submission = stored(ada)
    claimed(submission)
    cancel(submission)
    assert (submission.state, submission.cancel_asked_at is not None) == ("pending", True)


def test_somebody_elses_key_is_no_success_of_ours(ada: User, directory: Sandbox) -> None:
    first = stored(ada, incident_key="till-42")
    deliver(first, limits=QUICK)
    second = stored(ada, incident_key="till-42")
    deliver(second, limits=QUICK)
    second.refresh_from_db()
    number = directory.incidents[0]["incident_number"]
    assert outcome(second, directory) == ("rejected", 1)
    said = f"Already open under this key: #{number} “Card payments fail”. No second one was created."
    assert second.errors == {"incident_key": [said]}
    assert second.incident_id == directory.incidents[0]["id"]


def test_a_key_may_be_used_again_when_the_other_is_resolved(ada: User, directory: Sandbox) -> None:
    deliver(stored(ada, incident_key="till-42"), limits=QUICK)
    directory.incidents[0]["status"] = "resolved"
    second = stored(ada, incident_key="till-42")
    deliver(second, limits=QUICK)
    second.refresh_from_db()
    assert outcome(second, directory) == ("created", 2)


def test_a_typed_key_that_was_lost_is_found_again_and_not_mixed_up(ada: User, directory: Sandbox) -> None:
    """Two people type the same key and title; the first one's answer is lost."""
    directory.faults = [fault(AFTER)]
    first, second = (stored(ada, incident_key="till-42") for _ in range(2))
    deliver(first, limits=QUICK)
    deliver(second, limits=QUICK)
    second.refresh_from_db()
    go_on(first)
    assert (first.state, second.state, len(directory.incidents)) == ("created", "rejected", 1)


def test_a_key_that_came_into_use_between_the_look_and_the_creation(ada: User, directory: Sandbox) -> None:
    submission = stored(ada, incident_key="till-42")
    rival = stored(ada, incident_key="till-42", title="Another title")
    directory.faults = [fault(BEFORE)]
    deliver(submission, limits=QUICK)
    deliver(rival, limits=QUICK)
    settled()
    go_on(submission)
    assert outcome(submission, directory) == ("rejected", 1)


def test_every_attempt_is_written_down(ada: User, directory: Sandbox) -> None:
    directory.faults = [fault("500")]
    submission = stored(ada)
    deliver(submission, limits=QUICK)
    settled()
    go_on(submission)
    rows = list(Attempt.objects.values_list("number", "outcome", "problem"))
    assert [row[:2] for row in rows] == [(1, "unavailable"), (2, "created")]
    assert "status 500" in rows[0][2]
    assert len(Attempt.objects.get(number=1).request_id) == 32
    events = list(Entry.objects.order_by("pk").values_list("event", flat=True))
    assert events[-3:] == ["submission stored", "submission unavailable", "submission created"]


def test_the_rate_limit_is_waited_for(ada: User, directory: Sandbox) -> None:
    directory.faults = [Fault("429", call="POST /incidents", seconds=40)]
    submission = stored(ada)
    deliver(submission, limits=QUICK)
    submission.refresh_from_db()
    assert 39 < (submission.next_attempt_at - now()).total_seconds() < 42


def test_waits_grow_and_never_pass_a_turn(ada: User, directory: Sandbox) -> None:
    attempt = claimed(stored(ada))
    waits = []
    for attempt.number in range(1, 9):
        waits.append((delivery.next_time(attempt, None, []) - now()).total_seconds())
    bounds = [(1, 2), (2, 4), (4, 8), (8, 16), (16, 32), (30, 60), (30, 60), (30, 60)]
    assert all(low - 0.1 <= wait <= high for wait, (low, high) in zip(waits, bounds, strict=True)), waits
    soon, later, past = (now() + timedelta(seconds=seconds) for seconds in (10, 20, -10))
    assert delivery.next_time(attempt, None, [past, later, soon]) == soon


def test_an_id_of_an_earlier_account_takes_nothing_from_what_was_just_created(ada: User, directory: Sandbox) -> None:
    first, second = stored(ada), stored(ada, title="Second")
    deliver(first, limits=QUICK)
    incident = Incident.read(Submission.objects.get(pk=first.pk).incident)
    delivery.finish(claimed(second), Created(incident, is_found=False))
    second.refresh_from_db()
    assert (second.state, second.incident_id, second.incident_number) == ("created", "", str(incident.number))


def test_two_at_once_with_other_content_lose_neither(ada: User, directory: Sandbox) -> None:
    key = uuid4()
    first = stored(ada, form_key=key)
    again = Report(title="Other", service=Service.objects.get(name="Checkout API").id)
    second, is_new = submit(created_by=ada, sender=Person.objects.get(email=ada.email), form_key=key, report=again)
    assert (second.pk, is_new, delivery.is_same(second, again)) == (first.pk, False, False)


def test_every_outcome_of_an_attempt_has_its_event() -> None:
    assert {f"submission {outcome}" for outcome in Attempt.Outcome.values if outcome} <= {*Event}


def test_every_state_that_an_attempt_can_decide_is_an_outcome() -> None:
    assert {*Attempt.Outcome.values} - {*State.values} == {"unavailable", ""}
    assert {*State.values} - {*Attempt.Outcome.values} == {"pending"}
