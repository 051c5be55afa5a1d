"""Real processes, killed with -9 at the worst moments. Whoever comes next finds out the truth: one incident."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import pytest

from e2e.people import Form, Person
from e2e.process import Process
from e2e.stage import Stage

pytestmark = pytest.mark.xdist_group("processes")
TITLE = "Card payments fail"
SILENT = [
    {"kind": "late", "call": "POST /incidents", "seconds": 86_400}
]  # it acts at once, and answers when we are gone
ROWS = "SELECT state, attempts, incident_id FROM incidents_submission"


@pytest.fixture(scope="module")
def running() -> Iterator[Stage]:
    with pytest.MonkeyPatch.context() as environment:
        environment.delenv("CACHE_URL", raising=False)
        with Stage() as stage:
            yield stage


@pytest.fixture
def stage(running: Stage) -> Iterator[Stage]:
    """Nothing submitted, nothing created."""
    for table in ("incidents_attempt", "incidents_submission"):
        running.database.run(f"DELETE FROM {table}")
    running.tell("reset", {})
    yield running
    for process in [*running.webs, *running.workers]:
        process.stop()


@pytest.fixture
def deaf() -> Iterator[str]:
    """An address that takes no connection and refuses none: whoever calls it is about to send, for seconds."""
    with ExitStack() as sockets:
        listening = sockets.enter_context(socket.socket())
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        for _ in range(4):  # the queue of those who wait to be let in is short, and now it is full
            waiting = sockets.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listening.getsockname())
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


def test_a_submission_that_was_stored_and_whose_process_is_gone(stage: Stage) -> None:
    stage.store([TITLE])
    assert truth(stage) == ("pending", 0, 0)
    stage.manage("worker", "--once")
    assert truth(stage) == ("created", 1, 1)


def test_a_web_process_killed_between_store_and_send(stage: Stage, deaf: str) -> None:
    web = stage.add_web(PAGERDUTY_API_URL=deaf).wait()
    with pressing(stage, web):
        wait_until(lambda: is_claimed(stage))
        web.kill()
    assert truth(stage) == ("pending", 1, 0)
    somebody_else_goes_on(stage)
    assert truth(stage) == ("pending", 2, 0)  # the dead one may have been heard, and PagerDuty's lists may lag
    time_has_passed(stage)
    assert truth(stage) == ("created", 3, 1)


def test_a_worker_killed_between_store_and_send(stage: Stage, deaf: str) -> None:
    stage.store([TITLE])
    worker = stage.add_worker(PAGERDUTY_API_URL=deaf)
    wait_until(lambda: is_claimed(stage))
    worker.kill()
    assert truth(stage) == ("pending", 1, 0)
    somebody_else_goes_on(stage)
    assert truth(stage) == ("pending", 2, 0)  # the dead one may have been heard, and PagerDuty's lists may lag
    time_has_passed(stage)
    assert truth(stage) == ("created", 3, 1)


def test_a_web_process_killed_between_send_and_record(stage: Stage) -> None:
    stage.tell("faults", SILENT)
    web = stage.add_web().wait()
    with pressing(stage, web):
        wait_until(lambda: stage.ask("incidents"))
        web.kill()
    assert truth(stage) == ("pending", 1, 1)
    somebody_else_goes_on(stage)
    assert truth(stage) == ("created", 2, 1)


def test_a_worker_killed_between_send_and_record(stage: Stage) -> None:
    stage.tell("faults", SILENT)
    stage.store([TITLE])
    worker = stage.add_worker()
    wait_until(lambda: stage.ask("incidents"))
    worker.kill()
    assert truth(stage) == ("pending", 1, 1)
    somebody_else_goes_on(stage)
    assert truth(stage) == ("created", 2, 1)


def test_nobody_goes_on_while_the_lease_of_the_dead_one_holds(stage: Stage) -> None:
    stage.tell("faults", SILENT)
    stage.store([TITLE])
    worker = stage.add_worker()
    wait_until(lambda: stage.ask("incidents"))
    worker.kill()
    stage.manage("worker", "--once")
    assert truth(stage) == ("pending", 1, 1)


@contextmanager
def pressing(stage: Stage, web: Process) -> Iterator[None]:
    """Somebody fills in the form and presses the button once, while the block runs."""
    person = Person([web.url], "person0")
    person.log_in()
    service = next(row["id"] for row in stage.api("services") if row["name"] == "Checkout API")
    thread = threading.Thread(target=person.click, args=(person.begin(Form(TITLE, service)),))
    thread.start()
    yield
    thread.join()


def is_claimed(stage: Stage) -> bool:
    return [attempts for _, attempts, _ in stage.database.run(ROWS)] == [1]


def somebody_else_goes_on(stage: Stage) -> None:
    """The lease of the dead process ends, and another worker does what is due."""
    stage.database.run("UPDATE incidents_submission SET leased_until = created_at, next_attempt_at = created_at")
    stage.manage("worker", "--once")


def time_has_passed(stage: Stage) -> None:
    """So long that PagerDuty would show an incident of the dead one."""
    for column in ("heard_at", "unseen_since"):
        stage.database.run(f"UPDATE incidents_submission SET {column} = '2020-01-01 00:00:00'")
    stage.database.run("UPDATE incidents_submission SET next_attempt_at = created_at")
    stage.manage("worker", "--once")


def truth(stage: Stage) -> tuple[str, int, int]:
    """The one submission's state and attempts, and the number of incidents there are; a created one is of that one."""
    incidents = stage.ask("incidents")
    [(state, attempts, incident_id)] = stage.database.run(ROWS)
    assert incident_id == (incidents[0]["id"] if state == "created" else "")
    return state, attempts, len(incidents)


def wait_until(has_happened: Callable[[], object]) -> None:
    while not has_happened():
        time.sleep(0.02)
