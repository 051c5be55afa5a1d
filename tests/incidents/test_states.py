"""No sequence of events leads to two incidents, to a decision that changes, or to one that is not true."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import time_machine
from django.contrib.auth.models import User
from django.core.cache import cache
from django.db import transaction
from django.utils.timezone import now
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from incidentportal import pagerduty
from incidentportal.directory.models import Person, Service
from incidentportal.incidents.delivery import SETTLING, Limits, cancel, deliver, submit
from incidentportal.incidents.models import State, Submission
from incidentportal.pagerduty import Client, Problem, Unavailable
from incidentportal.sandbox import Fault, Sandbox

QUICK = Limits(silence=0.2, altogether=2.0)
LATE = 0.4  # seconds: later than QUICK waits
KEYS = ("till-1", "till-2")
CALLS = ("POST /incidents", "GET /incidents")
# One of each sort: no effect, an effect that nobody hears of, a refusal, a wait. tests/incidents/test_delivery.py has all.
FAULTS = ("drop before", "drop after", "late", "500 after", "401", "402", "429")
# A few seconds; until a lost request has taken effect or never will; a lease; a window.
STEPS = (3, 21, 61, 31 * 60)
Create = Callable[..., Any]
really_create = Client.create_incident


class Killed(BaseException):
    """The process is gone: nothing catches this."""


class Deliveries(RuleBasedStateMachine):
    """Submissions among people, faults, deaths and time. What really happened is kept beside what the portal says."""

    submissions = Bundle("submissions")

    def __init__(self, sandbox: Sandbox, ada: User) -> None:
        super().__init__()
        self.sandbox, self.ada = sandbox, ada
        self.made: dict[Any, list[str]] = {}  # the incidents that each submission really created
        self.asked: set[Any] = set()  # the submissions for which a creation ever left
        self.decided: dict[Any, str] = {}
        self.on_their_way: list[tuple[Any, datetime]] = []  # requests that nobody waits for any more
        self.time = time_machine.travel(now(), tick=True)
        self.clock = self.time.start()
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()
        cache.clear()
        sandbox.reset()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.savepoint.__exit__(None, None, None)
        self.time.stop()

    # What people do

    @initialize(target=submissions)
    def begin(self) -> Any:
        return self.submitted("", "Broken")

    @rule(target=submissions, key=st.sampled_from(["", *KEYS]), title=st.sampled_from(["Broken", "Also broken"]))
    def submit(self, key: str, title: str) -> Any:
        return self.submitted(key, title)

    def submitted(self, key: str, title: str) -> Any:
        """Stored, by a double click."""
        service = Service.objects.get(name="Checkout API")
        answers = {"form_key": uuid4(), "title": title, "service": service, "incident_key": key}
        (submission, is_new), again = (submit(created_by=self.ada, sender=self.sender, answers=answers) for _ in "12")
        assert (is_new, *again) == (True, submission, False)
        self.made[submission.pk] = []
        return submission.pk

    @rule(known=submissions)
    def cancel(self, known: Any) -> None:
        cancel(Submission.objects.get(pk=known))

    @rule(key=st.sampled_from(KEYS))
    def somebody_else_opens(self, key: str) -> None:
        service = Service.objects.get(name="Checkout API")
        reference = {"id": service.pk, "type": "service_reference"}
        incident = {"type": "incident", "title": "A rival", "service": reference, "incident_key": key}
        self.create_undisturbed(incident)

    @precondition(lambda self: self.sandbox.incidents and not self.on_their_way)
    @rule(data=st.data())
    def somebody_resolves(self, data: st.DataObject) -> None:
        """Not while a request is on its way: PagerDuty forgets a key when its incident is resolved."""
        data.draw(st.sampled_from(self.sandbox.incidents))["status"] = "resolved"

    # What the portal does

    @rule(known=submissions)
    def deliver(self, known: Any) -> None:
        self.attempt(self.due(known))

    @rule(known=submissions, other=submissions)
    def deliver_two_at_once(self, known: Any, other: Any) -> None:
        """Another process makes an attempt, for the same or another submission, while we hold an answer in our hands."""
        look, others = Client.find_incidents, [self.due(other)]

        def look_slowly(client: Client, key: str, *, service_id: str) -> Any:
            found = look(client, key, service_id=service_id)
            while others:
                self.attempt(others.pop())
            return found

        with patch.object(Client, "find_incidents", look_slowly):
            self.attempt(self.due(known))

    @rule(known=submissions, kind=st.sampled_from(FAULTS), call=st.sampled_from(CALLS))
    def deliver_with_a_fault(self, known: Any, kind: str, call: str) -> None:
        submission = self.due(known)
        self.sandbox.faults = [Fault(kind, call, LATE)]
        self.attempt(submission)
        self.sandbox.faults = []

    @rule(known=submissions)
    def be_killed_before_the_creation(self, known: Any) -> None:
        def die(*_: Any, **__: Any) -> Any:
            raise Killed

        self.attempt(self.due(known), die)

    @rule(known=submissions)
    def be_killed_after_the_creation(self, known: Any) -> None:
        def create_and_die(*args: Any, **named: Any) -> Any:
            really_create(*args, **named)
            raise Killed

        self.attempt(self.due(known), create_and_die)

    @rule(known=submissions)
    def lose_a_request_on_its_way(self, known: Any) -> None:
        """We gave up waiting, and PagerDuty has not acted yet."""
        submission = self.due(known)

        def lose(*_: Any, **__: Any) -> Any:
            self.on_their_way.append((submission, now()))
            raise Unavailable("PagerDuty did not answer.")

        self.attempt(submission, lose)

    # What happens meanwhile

    @precondition(lambda self: self.on_their_way)
    @rule()
    def a_lost_request_arrives(self) -> None:
        submission, _ = self.on_their_way.pop()
        self.made[submission.pk] += self.create_undisturbed(submission.request)

    @rule(seconds=st.sampled_from(STEPS))
    def time_passes(self, seconds: int) -> None:
        self.clock.shift(seconds)
        self.on_their_way = [(what, at) for what, at in self.on_their_way if now() - at < SETTLING]

    # What must hold

    @invariant()
    def nobody_is_paged_twice(self) -> None:
        assert all(len(made) <= 1 for made in self.made.values()), self.made

    @invariant()
    def a_decision_stands(self) -> None:
        for pk, state in Submission.objects.exclude(state=State.PENDING).values_list("pk", "state"):
            assert self.decided.setdefault(pk, state) == state

    @invariant()
    def what_is_said_is_true(self) -> None:
        for submission in Submission.objects.exclude(state=State.PENDING):
            made = self.made[submission.pk]
            if submission.state != State.CREATED:
                assert made == [] or self.has_a_twin(submission), (submission.state, submission.problem)
            elif self.has_a_twin(submission):  # which of the two PagerDuty heard cannot be told
                assert submission.pk in self.asked
            else:
                assert made == [submission.incident_id]

    @invariant()
    def an_incident_belongs_to_one(self) -> None:
        claims = list(Submission.objects.filter(state=State.CREATED).values_list("incident_id", flat=True))
        assert len(claims) == len(set(claims)), claims

    # Helpers

    @property
    def sender(self) -> Person:
        return Person.objects.get(email=self.ada.email)

    def due(self, pk: Any) -> Submission:
        """The submission, when the time of its next attempt has come."""
        submission = Submission.objects.get(pk=pk)
        wait = (submission.next_attempt_at - now()).total_seconds()
        if submission.state == State.PENDING and wait > 0:
            self.time_passes(wait)
        return submission

    def attempt(self, submission: Submission, create: Create = really_create) -> None:
        """One attempt; what it asks for and what comes of it is written down where it happens."""

        def watched(*args: Any, **named: Any) -> Any:
            before = len(self.sandbox.incidents)
            self.asked.add(submission.pk)
            try:
                return create(*args, **named)
            finally:
                self.made[submission.pk] += [incident["id"] for incident in self.sandbox.incidents[before:]]

        with patch.object(Client, "create_incident", watched), suppress(Killed):
            deliver(submission, limits=QUICK)

    def create_undisturbed(self, incident: Any) -> list[str]:
        """Straight into PagerDuty, which may refuse. The id of what was created."""
        cache.clear()
        with suppress(Problem):
            return [pagerduty.connect().create_incident(incident, from_email=self.ada.email)["id"]]
        return []

    def has_a_twin(self, submission: Submission) -> bool:
        alike = Submission.objects.filter(incident_key=submission.incident_key, title=submission.title)
        return alike.count() > 1


def test_no_sequence_of_events_breaks_the_promise(ada: User, directory: Sandbox) -> None:
    run_state_machine_as_test(
        lambda: Deliveries(directory, ada),
        settings=settings(
            max_examples=30,
            stateful_step_count=15,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
