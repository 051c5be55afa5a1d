"""The account over time: incidents and what belongs to them, the clock, and the faults that are queued."""

import threading
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sandbox.account import Account, Row
from sandbox.account.growth import build_account
from sandbox.account.shifts import on_call
from sandbox.api.errors import DUPLICATE, Refusal, refusal
from sandbox.api.messages import Request
from sandbox.api.rate_limits import RateLimits
from sandbox.clock import Clock
from sandbox.faults import Chaos, Fault


@dataclass
class Rules:
    """Strict where PagerDuty's documentation does not say what happens; each rule can be switched off."""

    refuse_disabled: bool = True
    refuse_maintenance: bool = True
    refuse_nobody_on_call: bool = True


@dataclass
class Habits:
    """What an account may do although it is not documented. All of it is off unless a test or a demo wants it.

    `lists_lag` is how many seconds lists stay behind: a new incident, or its new status, shows there only then. It is
    there at once for whoever knows its id, and for the rule that a key is used once.
    """

    lists_lag: float = 0
    longest_title: int = 0  # cut after so many characters; 0: not cut
    drops_emoji: bool = False
    duplicate_status: int = 400
    duplicate_text: str = DUPLICATE

    def __post_init__(self) -> None:
        self.lists_lag, self.longest_title = float(self.lists_lag), int(self.longest_title)

    def written(self, title: str) -> str:
        """The title as the account keeps it."""
        if self.drops_emoji:
            title = "".join(letter for letter in title if ord(letter) < 0x10000)
        return title[: self.longest_title] if self.longest_title else title

    def duplicate(self) -> Refusal:
        """How a key that is in use is refused."""
        return refusal(self.duplicate_status, 2002, "Arguments Caused Error", self.duplicate_text)


@dataclass
class Escalation:
    """The level of its policy that an incident has reached, and when it moves on."""

    policy: str
    level: int
    loops_left: int
    due: datetime


class World:
    """One account over time. Whoever reads or changes it holds `lock`.

    `requests` are the API calls so far, in order. `faults` are the ways in which calls to come will fail, in order;
    each is used up by the next call that it matches.
    """

    def __init__(
        self,
        *,
        rehearsal: bool = False,
        services: int | None = None,
        people: int | None = None,
        policies: int | None = None,
        speed: float = 1.0,
    ) -> None:
        self.rehearsal = rehearsal
        self.clock = Clock(speed)
        self.rules = Rules()
        self.lock = threading.RLock()
        self.has_been_called = threading.Condition(self.lock)
        self.url = ""
        self.rate_limits = False
        self.limits = RateLimits()
        self._size = (services, people, policies)
        self._begin()

    def _begin(self) -> None:
        self.account: Account
        self.account, self.ids = build_account(self.clock.now(), *self._size)
        self.requests: list[Request] = []
        self.faults: list[Fault] = []
        self.chaos: Chaos | None = None
        self.habits = Habits()
        self.earlier: dict[str, list[tuple[datetime, Row | None]]] = {}
        self.logs: dict[str, list[Row]] = {}
        self.notes: dict[str, list[Row]] = {}
        self.field_values: dict[str, dict[str, Any]] = {}
        self.subscribers: dict[str, set[tuple[str, str]]] = {}
        self.incident_of_key: dict[tuple[str, str], Row] = {}
        self.escalations: dict[str, Escalation] = {}
        self.escalations_due: list[tuple[datetime, int, str]] = []
        self.round_robin_turns: dict[str, int] = {}
        self.window_states: dict[str, str] = {}

    def reset(self) -> None:
        """Begin again: the same account, without incidents, faults or requests. The clock goes on."""
        with self.lock:
            self._begin()

    @property
    def incidents(self) -> list[Row]:
        """All incidents, in the order in which they were created."""
        return self.account.incidents

    def remember(self, row: Row, before: Row | None) -> None:
        """What an incident was until now, for lists that stay behind; None if it was not there."""
        if self.habits.lists_lag:
            self.earlier.setdefault(row["id"], []).append((self.clock.now(), before))

    @property
    def listed_incidents(self) -> list[Row]:
        """All incidents as lists show them: as they were some seconds ago."""
        if not self.habits.lists_lag:
            return self.incidents
        shown_until = self.clock.now() - timedelta(seconds=self.habits.lists_lag)
        rows = (self._as_of(shown_until, row) for row in self.incidents)
        return [row for row in rows if row]

    def _as_of(self, moment: datetime, row: Row) -> Row | None:
        """The row before the first change after that moment."""
        return next((before for at, before in self.earlier.get(row["id"], []) if at > moment), row)

    def on_call(self, policy_id: str, level: int = 1) -> list[Row]:
        """The people whom that level of a policy reaches now."""
        policy = self.account.find("escalation_policies", policy_id)
        rules = policy["escalation_rules"] if policy else []
        return on_call(self.account, rules[level - 1], self.clock.now()) if level <= len(rules) else []

    def counts(self) -> dict[str, int]:
        """How often each call was made, by method and path."""
        return dict(Counter(f"{request.method} {request.path}" for request in self.requests))

    def wait_for_calls(self, number: int) -> None:
        """Until that many calls have taken effect. Their answers may still be on the way."""
        with self.has_been_called:
            self.has_been_called.wait_for(lambda: len(self.requests) >= number)

    def next_fault(self, request: Request) -> Fault | None:
        """Take the first queued fault that matches the call, else one at random while chaos is on."""
        for fault in self.faults:
            if fault.matches(request.method, request.path):
                self.faults.remove(fault)
                return fault
        return self.chaos.next() if self.chaos else None
