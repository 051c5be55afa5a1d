"""The worker: due submissions are sent, the directory is kept fresh, and nothing stops it but a signal."""

import os
import signal
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
from django.core.management import call_command
from django.db import OperationalError, connection
from django.utils.timezone import now

from incidentportal.directory.models import Service, Sync
from incidentportal.incidents.delivery import deliver
from incidentportal.incidents.management.commands.worker import keep_up_until, side_by_side
from incidentportal.incidents.models import Draft, Submission
from sandbox import TOKEN, Fault, Sandbox
from tests.incidents.test_delivery import outcome, stored

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


def test_a_database_that_is_away_at_the_start_is_waited_for(
    db: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def is_away() -> None:
        raise OperationalError("no route to host")

    monkeypatch.setattr("incidentportal.incidents.management.commands.worker.warm", is_away)
    stop = threading.Event()
    stop.set()
    keep_up_until(stop)
    assert "The database did not answer; trying again. (no route to host)" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_it_runs_until_it_is_asked_to_end(directory: Sandbox, ada: User) -> None:
    submission = stored(ada)
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        url = f"sqlite:///{name}"
    else:
        parts = connection.settings_dict
        url = f"postgres://{parts['USER']}:{parts['PASSWORD']}@{parts['HOST']}:{parts['PORT']}/{name}"
    environment = {
        **os.environ,
        "DATABASE_URL": url,
        "PAGERDUTY_API_URL": directory.url,
        "PAGERDUTY_API_TOKEN": TOKEN,
    }
    worker = subprocess.Popen([sys.executable, "manage.py", "worker"], cwd=ROOT, env=environment, stderr=-1, text=True)
    while not directory.incidents:
        assert worker.poll() is None
        time.sleep(0.05)
    worker.send_signal(signal.SIGTERM)
    _, said = worker.communicate()
    submission.refresh_from_db()
    assert (worker.returncode, outcome(submission, directory)) == (0, ("created", 1))
    assert "Traceback" not in said
