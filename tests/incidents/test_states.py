"""No sequence of events leads to two incidents, to a decision that changes, or to one that is not true."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
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
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from incidentportal import pagerduty
from incidentportal.directory.models import Person, Service
from incidentportal.incidents.delivery import Limits, cancel, deliver, is_same, submit
from incidentportal.incidents.models import SETTLING, State, Submission
from incidentportal.incidents.report import Report
from incidentportal.pagerduty import Client, Problem, Unavailable
from sandbox import Fault, Sandbox

LIMITS = Limits(silence=10.0, total=20.0)  # real seconds: no busy machine may change what happens
KEY = "till-1"  # whoever types a key types this one
MOST = 3  # submissions that are pending at once
START = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
# One of each sort of failure (test_delivery.py has all), deaths, and a request that we give up on before it arrives.
MISHAPS: list[Fault | str] = [
    Fault("drop before"),
    Fault("drop after"),
    Fault("402"),
    Fault("402"),
    Fault("429", seconds=5),
    Fault("500", "GET /incidents"),
    Fault("403", "GET /incidents"),
    Fault("filter ignored", "GET /incidents"),
    Fault("other rows", "GET /incidents"),
    Fault("other key before"),
    Fault("other service"),
    Fault("409 after"),
    Fault("429 after", seconds=5),
    Fault("half surrogate", "*"),
    "killed before",
    "killed after",
    "lost",
    "lost",
    "none",
]
A_LITTLE, SETTLED, A_LEASE, A_WINDOW = 3, SETTLING.total_seconds() + 1, 61, 31 * 60
# A request that nobody waits for any more arrives by then, and lists show what it did so much later: within `SETTLING`.
ARRIVES_WITHIN, LAGS = timedelta(seconds=20), [0, 10, 39]
create = Client.create_incident
find = Client.find_incidents
some, mishaps = st.integers(0, MOST - 1), st.sampled_from(MISHAPS)
is_any_pending = precondition(lambda self: self.pending())


class Killed(BaseException):
    """The process is gone: nothing catches this."""


class Deliveries(RuleBasedStateMachine):
    """Submissions among people, failures, deaths and time. What really happened is kept beside what the portal says."""

    def __init__(self, sandbox: Sandbox, ada: User) -> None:
        super().__init__()
        self.sandbox, self.ada = sandbox, ada
        self.made: dict[Any, list[str]] = {}  # the incidents that each submission really created
        self.asked: set[Any] = set()  # the submissions for which a creation ever left
        self.decided: dict[Any, str] = {}
        self.on_their_way: list[tuple[Submission, datetime]] = []  # requests that nobody waits for any more
        self.travel = time_machine.travel(START, tick=False)
        self.clock = self.travel.start()
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()
        cache.clear()
        sandbox.reset()

    def teardown(self) -> None:
        try:
            self.all_is_decided_in_the_end()
        finally:
            transaction.set_rollback(True)
            self.savepoint.__exit__(None, None, None)
            self.travel.stop()

    # What people do

    @initialize(is_typed=st.booleans(), lag=st.sampled_from(LAGS))
    def begin(self, is_typed: bool, lag: int) -> None:
        self.sandbox.habits.lists_lag = lag
        self.submit(is_typed)

    @precondition(lambda self: len(self.pending()) < MOST)
    @rule(is_typed=st.booleans())
    def submit(self, is_typed: bool) -> None:
        """Stored, by a double click."""
        service = Service.objects.get(name="Checkout API").id
        sender = Person.objects.get(email=self.ada.email)
        report, key = Report(title="Broken", service=service, incident_key=KEY if is_typed else ""), uuid4()
        (first, is_new), again = (submit(created_by=self.ada, sender=sender, form_key=key, report=report) for _ in "12")
        assert (is_new, *again, is_same(first, report)) == (True, first, False, True)
        self.made[first.pk] = []

    @is_any_pending
    @rule(which=some)
    def cancel(self, which: int) -> None:
        submission = self.pick(which)
        if submission.attempts:  # else it is cancelled at once, and that is all
            cancel(submission)

    # What the portal does

    @is_any_pending
    @rule(which=some, mishap=mishaps)
    def attempt(self, which: int, mishap: Fault | str) -> None:
        self.deliver(self.due(which), mishap)

    @precondition(lambda self: self.pending() and not self.on_their_way)
    @rule(which=some)
    def page_somebody_who_resolves_at_once(self, which: int) -> None:
        """The answer is lost, and PagerDuty's lists may not show yet what happened."""
        self.deliver(self.due(which), Fault("drop after"))
        self.somebody_resolves()
        self.keep_trying(which)

    @is_any_pending
    @rule(which=some)
    def keep_trying(self, which: int) -> None:
        """One attempt after the other, as the worker makes them: long enough to be sure of a request that was lost."""
        for _ in range(8):
            if self.pending():
                self.deliver(self.due(which))

    @is_any_pending
    @rule(which=some, mishap=mishaps, other=some, other_mishap=mishaps)
    def attempt_two_at_once(self, which: int, mishap: Fault | str, other: int, other_mishap: Fault | str) -> None:
        """Another process makes an attempt, for the same or another submission, while we hold the answer to a look."""
        others = [self.due(other).pk]

        def find_slowly(*args: Any, **named: Any) -> Any:
            found = find(*args, **named)
            while others:
                self.deliver(Submission.objects.get(pk=others.pop()), other_mishap)
            return found

        with patch.object(Client, "find_incidents", find_slowly):
            self.deliver(self.due(which), mishap)

    # What happens meanwhile

    @rule()
    def somebody_else_opens(self) -> None:
        reference = {"id": Service.objects.get(name="Checkout API").pk, "type": "service_reference"}
        self.create_undisturbed({"type": "incident", "title": "Rival", "service": reference, "incident_key": KEY})

    @precondition(lambda self: self.sandbox.incidents and not self.on_their_way)
    @rule()
    def somebody_resolves(self) -> None:
        """All. Not while a request is on its way: PagerDuty forgets a key when its incident is resolved."""
        for incident in self.sandbox.incidents:
            self.sandbox.remember(incident, dict(incident))
            incident["status"] = "resolved"

    @precondition(lambda self: self.on_their_way)
    @rule()
    def a_lost_request_arrives(self) -> None:
        submission, _ = self.on_their_way.pop()
        self.made[submission.pk] += self.create_undisturbed(submission.request)

    @rule(seconds=st.sampled_from([A_LITTLE, SETTLED, A_LEASE, A_WINDOW]))
    def time_passes(self, seconds: float) -> None:
        self.clock.shift(seconds)
        self.on_their_way = [(what, at) for what, at in self.on_their_way if now() - at < ARRIVES_WITHIN]

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
            made, is_created = self.made[submission.pk], submission.state == State.CREATED
            if submission.is_key_typed:  # of two such, all alike, nobody can tell which one PagerDuty heard
                assert not is_created or submission.pk in self.asked
            else:
                assert made == ([submission.incident_id] if is_created else []), submission.state

    @invariant()
    def an_incident_belongs_to_one(self) -> None:
        """An incident that we made is, once all is decided, that of exactly one submission."""
        claims = list(Submission.objects.filter(state=State.CREATED).values_list("incident_id", flat=True))
        assert len(claims) == len(set(claims)), claims
        if not self.pending():
            assert sorted(claims) == sorted(pk for made in self.made.values() for pk in made)

    def all_is_decided_in_the_end(self) -> None:
        """What is on its way arrives, leases end, and PagerDuty answers: then a few attempts must be enough."""
        while self.on_their_way:
            self.a_lost_request_arrives()
        self.time_passes(A_LEASE)
        for _ in range(30 * len(self.made)):
            if self.pending():
                self.deliver(self.due(0))
        assert not self.pending()
        self.nobody_is_paged_twice()
        self.a_decision_stands()
        self.what_is_said_is_true()
        self.an_incident_belongs_to_one()

    # Helpers

    def pending(self) -> list[Submission]:
        rows = Submission.objects.filter(state=State.PENDING).in_bulk()
        return [rows[pk] for pk in self.made if pk in rows]

    def pick(self, which: int) -> Submission:
        return self.pending()[which % len(self.pending())]

    def due(self, which: int) -> Submission:
        """One of the pending ones, when the time of its next attempt has come."""
        submission = self.pick(which)
        self.time_passes(max(0.0, (submission.next_attempt_at - now()).total_seconds()))
        return submission

    def deliver(self, submission: Submission, mishap: Fault | str = "none") -> None:
        """One attempt; what it asks for and what comes of it is written down where it happens."""

        def watched(*args: Any, **named: Any) -> Any:
            before = len(self.sandbox.incidents)
            self.asked.add(submission.pk)
            try:
                return self.creation(submission, mishap)(*args, **named)
            finally:
                self.made[submission.pk] += [incident["id"] for incident in self.sandbox.incidents[before:]]

        self.sandbox.faults = [mishap] if isinstance(mishap, Fault) else []
        with patch.object(Client, "create_incident", watched), suppress(Killed):
            deliver(submission, limits=LIMITS)
        self.sandbox.faults = []

    def creation(self, submission: Submission, mishap: Fault | str) -> Callable[..., Any]:
        """What takes the place of the creation."""

        def die(*args: Any, **named: Any) -> Any:
            if mishap == "killed after":
                create(*args, **named)
            raise Killed

        def lose(*_: Any, **__: Any) -> Any:
            self.on_their_way.append((submission, now()))
            raise Unavailable("PagerDuty did not answer.")

        return {"killed before": die, "killed after": die, "lost": lose}.get(str(mishap), create)

    def create_undisturbed(self, incident: Any) -> list[str]:
        """Straight into PagerDuty, which may refuse. The id of what was created."""
        cache.clear()
        with suppress(Problem):
            return [pagerduty.connect().create_incident(incident, from_email=self.ada.email).id]
        return []


def test_no_sequence_of_events_breaks_the_promise(ada: User, directory: Sandbox) -> None:
    run_state_machine_as_test(
        lambda: Deliveries(directory, ada),  # type: ignore[arg-type]  # any callable will do
        settings=settings(
            max_examples=60,
            stateful_step_count=20,
            deadline=None,
            database=None,
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        ),
    )
