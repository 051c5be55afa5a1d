"""Everything that changes while the sandbox runs: incidents and what belongs to them, and the time."""

import threading
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sandbox.account import Account, Row
from sandbox.clock import Clock
from sandbox.grown import account_of
from sandbox.shifts import on_call


@dataclass
class Rules:
    """Where PagerDuty's documentation leaves open what happens, the sandbox is strict; each can be switched off."""

    refuse_disabled: bool = True
    refuse_maintenance: bool = True
    refuse_nobody_on_call: bool = True


@dataclass
class Climb:
    """How far an incident has climbed its escalation policy, and when it climbs on."""

    policy: str
    level: int
    loops_left: int
    due: datetime


class World:
    """One account over time. Whoever reads or changes it holds `lock`."""

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
        self.url = ""
        self._size = (services, people, policies)
        self._begin()

    def _begin(self) -> None:
        self.account: Account
        self.account, self.ids = account_of(self.clock.now(), *self._size)
        self.logs: dict[str, list[Row]] = {}
        self.notes: dict[str, list[Row]] = {}
        self.field_values: dict[str, dict[str, Any]] = {}
        self.subscribers: dict[str, set[tuple[str, str]]] = {}
        self.keys: dict[tuple[str, str], Row] = {}
        self.climbs: dict[str, Climb] = {}
        self.due: list[tuple[datetime, int, str]] = []
        self.turns: dict[str, int] = {}
        self.windows: dict[str, str] = {}

    def reset(self) -> None:
        """Begin again: the same account, without incidents. The clock goes on."""
        with self.lock:
            self._begin()

    @property
    def incidents(self) -> list[Row]:
        """All incidents, in the order in which they were created."""
        return self.account.incidents

    def on_call(self, policy_id: str, level: int = 1) -> list[Row]:
        """The people whom that level of a policy reaches now."""
        policy = self.account.find("escalation_policies", policy_id)
        rules = policy["escalation_rules"] if policy else []
        return on_call(self.account, rules[level - 1], self.clock.now()) if level <= len(rules) else []
