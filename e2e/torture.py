"""What `make torture` does: break everything at once, then count: one incident for each submission, or plainly none.

Clumsy people submit through two web processes with two workers behind them, PagerDuty (a sandbox) fails on a share of
all calls, and every second one of the processes is killed. Afterwards all is left in peace until each submission is
decided, and what the database says is held against what PagerDuty has. All of it on loopback, all of it seeded.
"""

import argparse
import queue
import random
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Self

from e2e.counting import Figures, offences, report
from e2e.part import Part
from e2e.people import Form, Person, Story
from e2e.stage import Stage
from sandbox.faults import KINDS

RARE = {"429", "429 bare"}  # each of them holds back all calls for seconds
SILENCE = 5.0  # seconds: longer than the web process waits for PagerDuty, shorter than a worker does
# Seconds: a lease, the longest wait between two attempts, and the attempts themselves, with room; less where we hurry.
SETTLED_WITHIN, SETTLED_SOON = 300.0, 60.0


def main() -> int:
    options = read_options()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # end what was started, whoever ends us
    print(f"seed {options.seed} · again with: make torture ARGS='--seed {options.seed}'", flush=True)
    settings = {"DELIVERY_WINDOW_MINUTES": str(options.window)}
    with Stage(people=options.clients, settings=settings) as stage:
        found, figures = torture(stage, options)
        print(report(figures, stage), flush=True)
        if found:
            stage.keeps_folder = True
            print("\nBROKEN:\n  " + "\n  ".join(found) + f"\nWhat the processes said: {stage.folder}", flush=True)
            return 1
    print("Every submission is decided, every created one has its one incident, no incident is without one.")
    return 0


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make torture", description=__doc__.split("\n")[0])
    parser.add_argument("--submissions", type=int, default=500)
    parser.add_argument("--clients", type=int, default=20)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    parser.add_argument("--faults", type=float, default=0.4, help="the share of PagerDuty's answers that fail")
    parser.add_argument("--kill-every", type=float, default=1.0, metavar="SECONDS", help="0: nothing is killed")
    parser.add_argument("--window", type=int, default=30, metavar="MINUTES", help="DELIVERY_WINDOW_MINUTES")
    parser.add_argument("--hurry", action="store_true", help="at the end kill everything and put the clocks forward")
    parser.add_argument("--limit", type=float, default=900.0, metavar="SECONDS", help="for the submissions to come in")
    return parser.parse_args()


def torture(stage: Stage, options: argparse.Namespace) -> tuple[list[str], Figures]:
    """The whole run. Returns what is wrong, one sentence each, and the figures."""
    dice = random.Random(options.seed)  # noqa: S311  (no secret)
    parts = [part for _ in range(2) for part in (stage.add_web(), stage.add_worker())]
    webs = [web.wait().url for web in stage.webs]
    people = [Person(webs, name, dice.randrange(2**32)) for name in stage.names]
    in_parallel([person.log_in for person in people])
    forms = plan(dice, options.submissions, [row["id"] for row in stage.api("services") if row["status"] != "disabled"])
    chaos = {"share": options.faults, "seed": options.seed, "kinds": kinds(), "seconds": SILENCE}
    figures = Figures(started=time.monotonic(), chaos=chaos, calls_before=calls(stage))
    stage.tell("chaos", chaos)
    with Keeper(parts, options.kill_every, random.Random(options.seed)) as keeper:  # noqa: S311  (no secret)
        figures.stories = submit_all(people, forms, until=time.monotonic() + options.limit)
        keeper.kill_every = 0.0
        figures.submitted, figures.calls = time.monotonic(), calls(stage)
        stage.tell("chaos", {"share": 0})
        if options.hurry:
            put_forward(stage, parts)
        wait_until_decided(stage, SETTLED_SOON if options.hurry else SETTLED_WITHIN)
        figures.decided = time.monotonic()
    figures.kills = Counter({part.name: part.kills for part in parts})
    odd = [f"{part.name} ended by itself: see its log" for part in parts if part.deaths > part.kills]
    return [*odd, *offences(stage, figures.stories)], figures


def kinds() -> list[str]:
    """Every way to fail that the sandbox knows; the rate limits more rarely."""
    return sorted(KINDS - RARE) * 3 + sorted(RARE)


def calls(stage: Stage) -> int:
    return sum(stage.ask("requests").values())


def plan(dice: random.Random, count: int, services: list[str]) -> list[Form]:
    """The forms: some clicked twice, sent again or cancelled; some with a key of their own, and some as twins."""
    forms: list[Form] = []
    while len(forms) < count:
        number = len(forms) + 1
        is_typed = dice.random() < 0.15
        form = Form(
            title=f"Something is broken, report {number}",
            service=dice.choice(services),
            key=f"till-{number}" if is_typed else "",
            is_doubled=dice.random() < 0.25,
            is_reloaded=dice.random() < 0.15,
            is_cancelled=dice.random() < 0.05,
        )
        forms += [form, form] if is_typed and dice.random() < 0.4 else [form]  # the same report from two browsers
    return forms[:count]


def submit_all(people: list[Person], forms: list[Form], *, until: float) -> list[Story]:
    """Everybody takes the next form from the pile until there is none."""
    pile: queue.SimpleQueue[Form] = queue.SimpleQueue()
    for form in forms:
        pile.put(form)
    stories: list[Story] = []

    def work(person: Person) -> None:
        while time.monotonic() < until:
            try:
                form = pile.get_nowait()
            except queue.Empty:
                return
            stories.append(person.fill_in(form))

    in_parallel([partial(work, person) for person in people])
    if len(stories) < len(forms):
        raise SystemExit(f"Only {len(stories)} of {len(forms)} forms were submitted within the time: see --limit.")
    return stories


def in_parallel(works: list[Callable[[], None]]) -> None:
    """Do all of them at once; the first failure is raised when all have ended."""
    failures: list[BaseException] = []

    def guarded(work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001  (raised below)
            failures.append(error)

    threads = [threading.Thread(target=guarded, args=(work,), daemon=True) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def wait_until_decided(stage: Stage, seconds: float) -> None:
    until = time.monotonic() + seconds
    pending = "SELECT count(*) FROM incidents_submission WHERE state = 'pending'"
    while stage.database.run(pending)[0][0] and time.monotonic() < until:
        time.sleep(0.5)


def put_forward(stage: Stage, parts: list[Part]) -> None:
    """Instead of a minute's wait: kill everything, so that nobody holds a lease, and end all leases and waits."""
    for part in parts:
        part.kill()
    due = "UPDATE incidents_submission SET leased_until = NULL, next_attempt_at = created_at WHERE state = 'pending'"
    stage.database.run(due)


class Keeper(threading.Thread):
    """Kills one of the processes at every interval, and starts again whatever has ended."""

    def __init__(self, parts: list[Part], kill_every: float, dice: random.Random) -> None:
        super().__init__(daemon=True)
        self.parts, self.kill_every, self.dice = parts, kill_every, dice
        self.is_over = threading.Event()

    def run(self) -> None:
        next_kill = time.monotonic() + self.kill_every
        while not self.is_over.wait(0.05):
            if self.kill_every and time.monotonic() >= next_kill:
                self.dice.choice(self.parts).kill()
                next_kill += self.kill_every
            for part in self.parts:
                part.revive()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.is_over.set()
        self.join()


if __name__ == "__main__":
    sys.exit(main())
