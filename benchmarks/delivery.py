"""How fast a submission is for the person who waits, how fast workers deliver a backlog, and how fast drafts save."""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import requests

from benchmarks.measuring import Line, alternating, line
from e2e.people import NEW, SUBMISSION, Form, Person
from e2e.process import Process
from e2e.stage import Stage
from sandbox import TOKEN

TURNS = 25
MANY = 120  # submissions that wait for a worker
ANSWER = 0.2  # seconds that PagerDuty takes for each answer where the wait, not the machine, is measured
LATER = "UPDATE incidents_submission SET next_attempt_at = %s WHERE state = 'pending'"
NOW = "UPDATE incidents_submission SET next_attempt_at = created_at WHERE state = 'pending'"
PENDING = "SELECT count(*) FROM incidents_submission WHERE state = 'pending'"


def submit_to_receipt(stage: Stage) -> Iterator[Line]:
    """From the click to the receipt, against the one call that it must make, with the same body."""
    person = somebody(stage, stage.add_web().wait())
    service = next(row["id"] for row in stage.api("services") if row["name"] == "Checkout API")
    forms = [person.begin(Form("Card payments fail", service)) for _ in range(2 * TURNS + 3)]

    def submit() -> str:
        found = SUBMISSION.search(person.click(forms.pop()))
        if not found:
            raise RuntimeError("The form did not lead to a submission.")
        return found[1]

    def submit_and_read() -> None:
        person.get(f"/incidents/{submit()}/")

    submit()
    stored, email = stage.database.run("SELECT request, sender_email FROM incidents_submission")[0]
    body = json.loads(stored) if isinstance(stored, str) else stored

    def post_bare() -> None:
        """What a script would do: one call, and no promise."""
        headers = {"Authorization": f"Token token={TOKEN}", "From": email}
        incident = {"incident": {**body, "incident_key": str(uuid4())}}
        requests.post(f"{stage.sandbox.url}/incidents", json=incident, headers=headers, timeout=10).raise_for_status()

    whole, click, bare = alternating(TURNS, submit_and_read, submit, post_bare)
    yield line("submit, until the receipt is on the screen", whole, "the same body by requests.post", bare)
    yield line("submit, until the answer to the click", click, "the same body by requests.post", bare)


def pending_with_workers(stage: Stage) -> Iterator[Line]:
    """Submissions delivered a second from a backlog, by one worker and by four."""
    for seconds, what in ((0.0, "PagerDuty answers at once"), (ANSWER, f"PagerDuty takes {ANSWER:g} s")):
        one, four = (rate(stage, workers, seconds) for workers in (1, 4))
        yield Line(f"4 workers, {what}", f"{four:.1f} /s", f"1 worker: {one:.1f} /s", four / one)


def rate(stage: Stage, count: int, seconds: float) -> float:
    """How many are delivered a second, from the moment when all become due."""
    stage.store([f"Report {number}" for number in range(MANY)])
    stage.database.run(LATER, f"{datetime.now(UTC) + timedelta(minutes=5):%Y-%m-%d %H:%M:%S+00:00}")
    workers = [started_worker(stage) for _ in range(count)]
    stage.tell("chaos", {"share": 1 if seconds else 0, "kinds": ["late"], "seconds": seconds})
    started = time.perf_counter()
    stage.database.run(NOW)
    while stage.database.run(PENDING)[0][0]:
        time.sleep(0.02)
    taken = time.perf_counter() - started
    stage.tell("chaos", {"share": 0})
    for worker in workers:
        worker.stop()
    return MANY / taken


def started_worker(stage: Stage) -> Process:
    """A worker that is running: it begins by asking who is on call, and has a cache of its own, so that it must ask."""
    before = oncalls_asked(stage)
    worker = stage.add_worker(CACHE_URL="")
    while oncalls_asked(stage) == before:
        time.sleep(0.02)
    return worker


def oncalls_asked(stage: Stage) -> int:
    return int(stage.ask("requests").get("GET /oncalls", 0))


def draft_saved(stage: Stage) -> Iterator[Line]:
    """One save while somebody types, against the least that the same stack does for a request."""
    person = somebody(stage, stage.add_web().wait())
    answers = person.begin(Form("Card payments fail", ""))

    def save() -> None:
        answers["details"] = f"Since {uuid4()}. " * 20
        person.post(f"{NEW}draft/", answers).raise_for_status()

    def bare() -> None:
        person.browser.get(person.address("/healthz"), timeout=10).raise_for_status()

    def logged_in() -> None:
        person.browser.get(person.address("/"), timeout=10, allow_redirects=False).raise_for_status()

    saved, health, redirected = alternating(4 * TURNS, save, bare, logged_in)
    yield line("save a draft", saved, "/healthz", health)
    yield line("save a draft", saved, "a redirect for somebody logged in", redirected)


def somebody(stage: Stage, web: Process) -> Person:
    person = Person([web.url], stage.names[0])
    person.log_in()
    return person


MEASUREMENTS = [submit_to_receipt, pending_with_workers, draft_saved]
