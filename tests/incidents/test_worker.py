"""The worker: due submissions are sent, the directory is kept fresh, and nothing stops it but a signal."""

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.utils.timezone import now

from incidentportal.directory.models import Service, Sync
from incidentportal.incidents.delivery import deliver
from incidentportal.incidents.management.commands.worker import FAILED, keep_up_until, patiently, repeat, side_by_side
from incidentportal.incidents.models import Draft, Submission
from sandbox import TOKEN, Fault, Sandbox
from tests.incidents.test_delivery import outcome, stored

WORKER = "incidentportal.incidents.management.commands.worker"
ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.mark.django_db(transaction=True)
def test_once_does_what_is_due_and_ends(ada: User, directory: Sandbox) -> None:
    due, later = stored(ada), stored(ada, title="Later")
    Submission.objects.filter(pk=later.pk).update(next_attempt_at=now() + timedelta(minutes=1))
    Draft.objects.create(created_by=ada, form_key=uuid4(), answers={}, updated_at=now() - timedelta(days=8))
    call_command("worker", once=True)
    due.refresh_from_db()
    later.refresh_from_db()
    assert (outcome(due, directory), later.state, Draft.objects.count()) == (("created", 1), "pending", 0)
    assert [request.path for request in directory.requests] == ["/incidents"]


def test_an_old_directory_is_refreshed(directory: Sandbox) -> None:
    Sync.objects.update(synced_at=now() - timedelta(minutes=16))
    directory.account.named("services", "Checkout API")["name"] = "Checkout API, new"
    call_command("worker", once=True)
    assert Service.objects.filter(name="Checkout API, new").count() == 1
    directory.requests.clear()
    call_command("worker", once=True)
    assert directory.requests == []


def test_pagerduty_away_is_no_end_of_it(directory: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    Sync.objects.update(synced_at=now() - timedelta(minutes=16))
    directory.faults = [Fault("502", call="*")] * 20
    call_command("worker", once=True)
    assert "The directory could not be refreshed" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_one_that_breaks_off_does_not_hold_up_the_others(
    directory: Sandbox, ada: User, caplog: pytest.LogCaptureFixture
) -> None:
    broken, sound = stored(ada), stored(ada, title="Sound")

    def break_off_or_deliver(submission: Submission) -> None:
        if submission.pk == broken.pk:
            raise RuntimeError("out of memory")
        deliver(submission)

    with ThreadPoolExecutor(2) as pool:
        side_by_side(pool, break_off_or_deliver, [broken, sound])
    sound.refresh_from_db()
    assert (sound.state, [incident["title"] for incident in directory.incidents]) == ("created", ["Sound"])
    assert f"the attempt to deliver submission {broken.pk} failed unexpectedly" in caplog.text


@pytest.mark.parametrize("error", [OperationalError("no route to host"), ConnectionError("no Redis"), MemoryError()])
def test_nothing_that_fails_ends_it_or_holds_up_the_rest(
    error: Exception, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    stop, done = threading.Event(), []

    def fail() -> None:
        done.append("failed")
        if done.count("failed") < 4:
            raise error
        stop.set()

    monkeypatch.setattr(f"{WORKER}.LONGEST_PAUSE", 0.01)
    repeat(stop, 0.001, fail, lambda: done.append("other"))
    assert done == ["failed", "other"] * 4
    assert len(caplog.records) == 3


def test_a_database_that_is_away_is_said_in_one_line(caplog: pytest.LogCaptureFixture) -> None:
    def is_away() -> None:
        raise OperationalError("no route to host")

    assert patiently(is_away) is FAILED
    assert [(record.getMessage(), record.exc_info) for record in caplog.records] == [
        ("The database did not answer; trying again. (no route to host)", None)
    ]


@pytest.mark.django_db(transaction=True)
def test_the_directory_is_kept_fresh_where_looking_ahead_always_fails(
    directory: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise ValueError("a row that nobody thought of")

    stop = threading.Event()
    Sync.objects.update(synced_at=now() - timedelta(minutes=16))
    monkeypatch.setattr(f"{WORKER}.warm", fail)
    monkeypatch.setattr(f"{WORKER}.delete_old_drafts", stop.set)
    keep_up_until(stop)
    assert Sync.objects.age() < timedelta(minutes=1)  # type: ignore[operator]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.django_db(transaction=True)
def test_it_does_not_go_on_without_its_upkeep(directory: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    def end_the_thread() -> None:
        raise SystemExit

    monkeypatch.setattr(f"{WORKER}.warm", end_the_thread)
    before = {name: signal.getsignal(name) for name in (signal.SIGTERM, signal.SIGINT)}
    try:
        with pytest.raises(CommandError, match="The upkeep of the directory has ended"):
            call_command("worker")
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)


def start_worker(directory: Sandbox, **more: str) -> "subprocess.Popen[str]":
    """A real one, on the database of the test."""
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        url = f"sqlite:///{name}"
    else:
        parts = connection.settings_dict
        url = f"postgres://{parts['USER']}:{parts['PASSWORD']}@{parts['HOST']}:{parts['PORT']}/{name}"
    account = {"PAGERDUTY_API_URL": directory.url, "PAGERDUTY_API_TOKEN": TOKEN}
    environment = {**os.environ, "DATABASE_URL": url, **account, **more}
    return subprocess.Popen([sys.executable, "manage.py", "worker"], cwd=ROOT, env=environment, stderr=-1, text=True)


@pytest.mark.django_db(transaction=True)
def test_it_runs_until_it_is_asked_to_end(directory: Sandbox, ada: User) -> None:
    submission = stored(ada)
    worker = start_worker(directory)
    while not directory.incidents:
        assert worker.poll() is None
        time.sleep(0.05)
    worker.send_signal(signal.SIGTERM)
    _, said = worker.communicate()
    submission.refresh_from_db()
    assert (worker.returncode, outcome(submission, directory)) == (0, ("created", 1))
    assert "Traceback" not in said


@pytest.mark.django_db(transaction=True)
def test_one_that_starts_without_redis_and_with_a_locked_database_comes_to_life(directory: Sandbox, ada: User) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("this is how SQLite is locked")
    submission = stored(ada)
    Sync.objects.update(synced_at=now() - timedelta(minutes=16))
    lock = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
    lock.execute("BEGIN EXCLUSIVE")
    worker = start_worker(directory, CACHE_URL="redis://127.0.0.1:9/0")
    assert worker.stderr is not None
    said = [next(line for line in worker.stderr if "The database did not answer" in line)]
    lock.execute("ROLLBACK")
    lock.close()
    for line in worker.stderr:
        said.append(line)
        if directory.incidents and "users: " in line:
            break
    worker.send_signal(signal.SIGTERM)
    _, rest = worker.communicate()
    submission.refresh_from_db()
    assert (worker.returncode, outcome(submission, directory)) == (0, ("created", 1))
    assert "Traceback" not in "".join([*said, rest])
