"""What goes wrong around the portal: processes die, stop and get another time; the database and the cache go away."""

import random
import resource
import signal
import sqlite3
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Self

from e2e.clocks import Clocks
from e2e.database import SQLite
from e2e.process import Process
from e2e.servers import Postgres
from e2e.stage import Stage

End = Callable[[], None]  # puts right what a trouble did
Begin = Callable[[], End]
FURTHEST = 60  # minutes by which a clock is set


class Trouble(threading.Thread):
    """Kills a process at every interval, and restarts whatever has ended; at another one, something else goes wrong."""

    def __init__(self, stage: Stage, dice: random.Random, *, kill_every: float, every: float, longest: float) -> None:
        super().__init__(daemon=True)
        self.stage, self.dice = stage, dice
        self.kill_every, self.every, self.longest = kill_every, every, longest
        self.processes = [*stage.webs, *stage.workers]
        self.happened: Counter[str] = Counter()
        self.is_over, self.lock = threading.Event(), threading.Lock()
        self.ends: list[tuple[float, End]] = []

    def run(self) -> None:
        next_kill, next_trouble = time.monotonic() + self.kill_every, time.monotonic() + self.every
        while not self.is_over.wait(0.05):
            with self.lock:
                if self.kill_every and time.monotonic() >= next_kill:
                    self.dice.choice(self.processes).kill()
                    next_kill += self.kill_every
                if self.every and time.monotonic() >= next_trouble:
                    self.begin()
                    next_trouble += self.every
                self.end(until=time.monotonic())
                for process in self.processes:
                    process.revive()

    def begin(self) -> None:
        name, begin = self.dice.choice(troubles(self.stage, self.dice))
        seconds = self.longest * self.dice.random() ** 3  # mostly short
        self.happened[name] += 1
        self.ends.append((time.monotonic() + seconds, begin()))

    def end(self, until: float = float("inf")) -> None:
        """Put right what has lasted long enough."""
        for place in [place for place in self.ends if place[0] <= until]:
            self.ends.remove(place)
            place[1]()

    def calm(self) -> None:
        """Put everything right; from now on whatever has ended is only started again."""
        with self.lock:
            self.kill_every = self.every = 0.0
            self.end()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.calm()
        self.is_over.set()
        self.join()


def troubles(stage: Stage, dice: random.Random) -> list[tuple[str, Begin]]:
    """What can go wrong here."""
    process, database = dice.choice([*stage.webs, *stage.workers]), stage.database
    found: list[tuple[str, Begin]] = [("stopped", partial(silence, process))]
    if stage.clocks:
        found.append(("clock set", partial(set_a_clock, stage.clocks, process.name, dice)))
    if stage.redis:
        found += [("Redis killed", partial(kill, stage.redis.process))]
        found += [("Redis silent", partial(silence, stage.redis.process))]
    if stage.postgres:
        found += [("PostgreSQL away", partial(crash, stage.postgres))]
        found += [("PostgreSQL silent", partial(silence, stage.postgres.process))]
    if isinstance(database, SQLite):
        found += [("SQLite locked", partial(lock, database.path)), ("disk full", partial(fill_the_disk, process))]
    return found


def silence(process: Process) -> End:
    """As when the machine swaps, or a virtual one is moved. A server takes connections, and says nothing."""
    process.signal(signal.SIGSTOP)
    return partial(process.signal, signal.SIGCONT)


def kill(process: Process) -> End:
    process.kill()
    return process.revive


def crash(postgres: Postgres) -> End:
    postgres.stop()
    return postgres.process.revive


def set_a_clock(clocks: Clocks, name: str, dice: random.Random) -> End:
    """One process has another time than the others for a while."""
    clocks.set(name, dice.choice([-FURTHEST, FURTHEST, dice.randint(-FURTHEST, FURTHEST)]))
    return partial(clocks.set, name, 0)


def lock(path: Path) -> End:
    """Another program writes to the file, and takes its time."""
    connection = sqlite3.connect(path, timeout=0.2, isolation_level=None, check_same_thread=False)
    with suppress(sqlite3.OperationalError):  # the portal was faster: nothing is locked this time
        connection.execute("BEGIN EXCLUSIVE")
    return connection.close


def fill_the_disk(process: Process) -> End:
    """This process can write nothing to any file."""
    before = {pid: limit for pid in process.members() if (limit := limit_files(pid, 0))}

    def end() -> None:
        for pid, limit in before.items():
            limit_files(pid, limit[0])

    return end


def limit_files(pid: int, size: int) -> tuple[int, int] | None:
    """Let a process write no file beyond this size. Returns what the limit was; None where the process has ended."""
    with suppress(ProcessLookupError):
        limit = resource.prlimit(pid, resource.RLIMIT_FSIZE)
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, limit[1]))
        return limit
    return None
