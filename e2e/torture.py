"""What `make torture` does: break everything at once, then count: each submission has one incident, or visibly none.

Clumsy people submit through two web processes with two workers behind them. A share of all calls to PagerDuty (a
sandbox) fails or is answered untruly, its lists stay behind, its clock is off, and somebody resolves incidents at once.
Once a second one of the processes is killed, and other troubles come and go beside that (`trouble.py`). Then everything
is left alone until each submission is decided, and the database and what every page said are compared with PagerDuty.
All of it runs on loopback, and all of it is seeded.
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
from typing import Any

from e2e.counting import Figures, offences, report
from e2e.people import Form, Person, Story
from e2e.process import Process
from e2e.responders import Responders
from e2e.stage import Stage
from e2e.trouble import Trouble
from sandbox.api.errors import DUPLICATE
from sandbox.faults import KINDS

RARE = {"429", "429 bare", "429 after"}  # each of them holds all calls back for seconds
SILENCE = 5.0  # seconds: longer than the web process waits for PagerDuty, shorter than a worker does
LONG_AGO = "2020-01-01 00:00:00+00:00"
ENDINGS = ["", "", "", " 🔥", f" in {'every ' * 60}shop"]
PACE = 1.5  # seconds between two signs of life: shorter than anybody's patience
# Seconds: a lease, the longest waits between two attempts and for what lists may still hide, and the attempts
# themselves, with room to spare.
SETTLED_WITHIN = 600.0


def main() -> int:
    options = read_options()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that a polite kill also ends what we started
    print(f"seed {options.seed} · again with: make torture ARGS='--seed {options.seed}'", flush=True)
    settings = {"DELIVERY_WINDOW_MINUTES": str(options.window), "DIRECTORY_MAX_AGE_MINUTES": "1440"}
    with Stage(
        people=options.clients, settings=settings, has_servers=options.servers, sets_clocks=options.clocks
    ) as stage:
        if options.clocks and not stage.clocks:
            print("NO CLOCK IS SET: there is no C compiler on this machine.", flush=True)
        found, figures = torture(stage, options)
        print(report(figures, stage), flush=True)
        if found:
            stage.keeps_folder = True
            print("\nBROKEN:\n  " + "\n  ".join(found) + f"\nThe logs are in {stage.folder}", flush=True)
            return 1
    print(
        "Every submission is decided, each created one has one incident, no incident is without a submission, "
        "and no page said anything else."
    )
    return 0


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make torture", description=__doc__.split("\n")[0])
    parser.add_argument("--submissions", type=int, default=500)
    parser.add_argument("--clients", type=int, default=20)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    parser.add_argument("--faults", type=float, default=0.4, help="the share of PagerDuty's answers that fail")
    parser.add_argument("--kill-every", type=float, default=1.0, metavar="SECONDS", help="0: nothing is killed")
    parser.add_argument("--trouble-every", type=float, default=20.0, metavar="SECONDS", help="0: only kills")
    parser.add_argument("--longest-trouble", type=float, default=90.0, metavar="SECONDS")
    parser.add_argument("--no-clocks", dest="clocks", action="store_false", help="set no clock")
    parser.add_argument("--lag", type=float, default=40.0, metavar="SECONDS", help="how far lists stay behind, at most")
    parser.add_argument("--responders", type=float, default=0.3, help="the share of incidents that is resolved at once")
    parser.add_argument("--servers", action="store_true", help="with a PostgreSQL and a Redis of its own")
    parser.add_argument("--settle", type=float, default=SETTLED_WITHIN, metavar="SECONDS", help="then all is decided")
    parser.add_argument("--window", type=int, default=30, metavar="MINUTES", help="DELIVERY_WINDOW_MINUTES")
    parser.add_argument("--hurry", action="store_true", help="at the end, kill everything and end all waits")
    parser.add_argument(
        "--limit", type=float, default=900.0, metavar="SECONDS", help="until everything must be submitted"
    )
    return parser.parse_args()


def torture(stage: Stage, options: argparse.Namespace) -> tuple[list[str], Figures]:
    """The whole run. Returns what went wrong, one sentence each, and the figures."""
    dice = random.Random(options.seed)  # noqa: S311  (no secret)
    processes = [process for _ in range(2) for process in (stage.add_web(), stage.add_worker())]
    webs = [web.wait().url for web in stage.webs]
    people = [Person(webs, name, dice.randrange(2**32)) for name in stage.names]
    in_parallel([person.log_in for person in people])
    forms = plan(dice, options.submissions, [row["id"] for row in stage.api("services") if row["status"] != "disabled"])
    chaos = {"share": options.faults, "seed": options.seed, "kinds": kinds(), "seconds": SILENCE, "pace": PACE}
    figures = Figures(started=time.monotonic(), chaos=chaos, calls_before=calls(stage))
    figures.account = set_habits(stage, dice, options.lag)
    stage.tell("chaos", chaos)
    again = random.Random(options.seed)  # noqa: S311  (no secret)
    trouble = Trouble(
        stage, again, kill_every=options.kill_every, every=options.trouble_every, longest=options.longest_trouble
    )
    with trouble, Responders(stage, options.responders) as responders:
        figures.stories = submit_all(people, forms, until=time.monotonic() + options.limit)
        trouble.calm()
        figures.submitted, figures.calls = time.monotonic(), calls(stage)
        stage.tell("chaos", {"share": 0})
        if options.hurry:
            end_all_waits(stage, processes, options.lag)
        wait_until_decided(stage, options.settle)
        figures.decided = time.monotonic()
        in_parallel([partial(read_all, person) for person in people])
    figures.resolved, figures.troubles = responders.resolved, trouble.happened
    figures.kills = Counter({process.name: process.kills for process in processes})
    odd = [f"{process.name} ended by itself: see its log" for process in processes if process.deaths > process.kills]
    return [*odd, *offences(stage, figures.stories)], figures


def kinds() -> list[str]:
    """Every kind of fault that the sandbox knows; rate limits are rarer."""
    return sorted(KINDS - RARE) * 3 + sorted(RARE)


def set_habits(stage: Stage, dice: random.Random, longest_lag: float) -> str:
    """Give the account some of the habits that an account may have, and return them in words."""
    habits: dict[str, Any] = {
        "lists_lag": round(dice.uniform(longest_lag / 8, longest_lag), 1),
        "longest_title": dice.choice([0, 255]),
        "drops_emoji": dice.choice([True, False]),
        "duplicate_status": dice.choice([400, 409, 422]),
        "duplicate_text": dice.choice([DUPLICATE, "This service already uses this incident key"]),
    }
    minutes = dice.choice([-10, 0, 10])
    stage.tell("habits", habits)
    stage.tell("clock", {"minutes": minutes})
    return ", ".join([*(f"{name} {value}" for name, value in habits.items()), f"clock off by {minutes} min"])


def read_all(person: Person) -> None:
    """Everybody looks at everything of theirs once more."""
    for story in person.stories:
        person.look_at(story)


def calls(stage: Stage) -> int:
    return sum(stage.ask("requests").values())


def plan(dice: random.Random, count: int, services: list[str]) -> list[Form]:
    """The forms: some clicked twice, sent again or cancelled; some with a key of their own, some sent by two people."""
    forms: list[Form] = []
    while len(forms) < count:
        number = len(forms) + 1
        is_typed = dice.random() < 0.15
        form = Form(
            title=f"Something is broken, report {number}{dice.choice(ENDINGS)}",
            service=dice.choice(services),
            key=f"till-{number}" if is_typed else "",
            is_doubled=dice.random() < 0.25,
            is_reloaded=dice.random() < 0.15,
            is_cancelled=dice.random() < 0.05,
        )
        forms += [form, form] if is_typed and dice.random() < 0.4 else [form]  # the same report from two browsers
    return forms[:count]


def submit_all(people: list[Person], forms: list[Form], *, until: float) -> list[Story]:
    """Everybody takes the next form from the pile until it is empty."""
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
        raise SystemExit(f"Only {len(stories)} of {len(forms)} forms were submitted in time; see --limit.")
    return stories


def in_parallel(works: list[Callable[[], None]]) -> None:
    """Do all of them at once; when all have ended, raise the first failure."""
    failures: list[BaseException] = []

    def guarded(work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as error:
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


def end_all_waits(stage: Stage, processes: list[Process], lag: float) -> None:
    """Instead of waiting: kill everything, so that nobody works under a lease, and end all leases and waits.

    Nothing that PagerDuty heard takes effect later, so that it is long ago as soon as lists show it.
    """
    for process in processes:
        process.kill()
    time.sleep(lag)
    for column in ("heard_at", "key_in_use_at"):
        stage.database.run(f"UPDATE incidents_submission SET {column} = %s WHERE {column} IS NOT NULL", LONG_AGO)  # noqa: S608
    due = "UPDATE incidents_submission SET leased_until = NULL, next_attempt_at = created_at WHERE state = 'pending'"
    stage.database.run(due)


if __name__ == "__main__":
    sys.exit(main())
