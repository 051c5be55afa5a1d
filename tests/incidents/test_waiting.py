"""However many wait for a silent PagerDuty, the threads that serve pages are not all held by it."""

import importlib
import os
import runpy
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client

from incidentportal import pagerduty
from incidentportal.directory.live import answers
from incidentportal.health import check_token
from incidentportal.incidents.delivery import deliver_due
from incidentportal.incidents.models import State, Submission
from incidentportal.pagerduty import LOOK_UPS, SUBMISSIONS, waiting
from sandbox import Sandbox
from tests.incidents.base import least

TOP = Path(__file__).resolve().parent.parent.parent
THREADS = 4  # that serve pages: three of them may wait, two with look-ups
FOREVER = 86_400.0
PATIENCE = 60.0  # after which a test has failed
Serve = Callable[..., "Future[Any]"]


@pytest.fixture
def limit() -> Iterator[None]:
    """This process serves pages with four threads."""
    pagerduty.limit_waiting(THREADS)
    yield
    waiting.everybody.clear()
    waiting.look_ups.clear()


class Silent:
    """A PagerDuty that takes every call and answers none until it is told to hang up."""

    def __init__(self) -> None:
        self.server = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.server.getsockname()[1]}"
        self.callers: list[socket.socket] = []
        self.calls = threading.Semaphore(0)
        threading.Thread(target=self.take_calls).start()

    def take_calls(self) -> None:
        while True:
            try:
                caller, _ = self.server.accept()
            except OSError:
                return
            self.callers.append(caller)
            self.calls.release()

    def wait_for(self, calls: int) -> None:
        for _ in range(calls):
            assert self.calls.acquire(timeout=PATIENCE)

    def hang_up(self) -> None:
        with suppress(OSError):  # it has already
            self.server.shutdown(socket.SHUT_RDWR)
        self.server.close()
        for caller in self.callers:
            caller.close()


@pytest.fixture
def silent() -> Iterator[Silent]:
    found = Silent()
    yield found
    found.hang_up()


@pytest.fixture
def serve(limit: None) -> Iterator[Serve]:
    """Do something in one of the threads that serve pages."""
    with ThreadPoolExecutor(THREADS) as threads:

        def start(work: Callable[..., Any], *args: Any) -> "Future[Any]":
            return threads.submit(with_a_connection, work, *args)

        yield start


def with_a_connection(work: Callable[..., Any], *args: Any) -> Any:
    try:
        return work(*args)
    finally:
        connection.close()


def call(silent: Silent, lane: str) -> str:
    """What comes of a call: the name of the problem."""
    client = pagerduty.Client(silent.url, "token", read_timeout=FOREVER, lane=lane)
    try:
        client.page("services", [("limit", "1")])
    except pagerduty.Unavailable as error:
        return type(error).__name__
    return "an answer"


@pytest.mark.django_db(transaction=True)
def test_pages_are_served_while_as_many_as_may_wait_do(
    page_of_ada: Client, directory: Sandbox, serve: Serve, silent: Silent, settings: Any
) -> None:
    settings.PAGERDUTY_API_URL = silent.url
    waiting_ones = [serve(call, silent, SUBMISSIONS) for _ in range(8)]
    silent.wait_for(3)
    try:
        assert serve(page_of_ada.get, "/healthz").result(PATIENCE).content == b"ok\n"
        form = serve(page_of_ada.get, "/incidents/new/", {"service": "Checkout API"}).result(PATIENCE)
        assert (form.status_code, form.context["form"]["service"].value() != "") == (200, True)
        click = serve(page_of_ada.post, "/incidents/new/", least(directory)).result(PATIENCE)
        submission = Submission.objects.get()
        assert click.url == submission.get_absolute_url()
        assert (submission.state, submission.attempts) == (State.PENDING, 1)
        assert serve(page_of_ada.get, click.url).result(PATIENCE).status_code == 200
        assert sum(not one.done() for one in waiting_ones) == 3
        assert pagerduty.down_since() is None
    finally:
        silent.hang_up()
    assert sorted(one.result(PATIENCE) for one in waiting_ones) == ["Busy"] * 5 + ["Unavailable"] * 3
    # Nothing of it was sent, so a worker sends it.
    settings.PAGERDUTY_API_URL = directory.url
    Submission.objects.update(next_attempt_at=submission.created_at)
    waiting.everybody.clear()
    waiting.look_ups.clear()
    assert (deliver_due(), len(directory.incidents)) == (1, 1)


def test_look_ups_leave_a_place_to_a_submission(serve: Serve, silent: Silent) -> None:
    look_ups = [serve(call, silent, LOOK_UPS) for _ in range(2)]
    silent.wait_for(2)
    assert serve(call, silent, LOOK_UPS).result(PATIENCE) == "Busy"
    submission = serve(call, silent, SUBMISSIONS)
    silent.wait_for(1)
    assert serve(call, silent, SUBMISSIONS).result(PATIENCE) == "Busy"
    silent.hang_up()
    assert [one.result(PATIENCE) for one in [*look_ups, submission]] == ["Unavailable"] * 3


def test_a_place_is_free_again_after_each_call(directory: Sandbox, limit: None) -> None:
    for lane in [LOOK_UPS, SUBMISSIONS] * 4:
        assert pagerduty.connect(lane=lane).page("services", [("limit", "1")]).rows


def test_whoever_waits_for_the_look_up_of_another_needs_a_place(
    directory: Sandbox, limit: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "PATIENCE_SECONDS", FOREVER)
    cache.add(answers.lock_of("question"), 1)  # somebody else is asking
    with pagerduty.place_for(LOOK_UPS), pagerduty.place_for(LOOK_UPS):
        assert answers.ask("question", lambda client: "?").problem == "PagerDuty has not answered yet."


def test_a_check_that_finds_no_place_says_nothing_against_the_token(directory: Sandbox, limit: None) -> None:
    with pagerduty.place_for(LOOK_UPS), pagerduty.place_for(LOOK_UPS):
        assert check_token() == (True, "Too many people are waiting for PagerDuty at this moment.")


def test_a_worker_has_no_limit(silent: Silent) -> None:
    with ThreadPoolExecutor(20) as threads:
        calls = [threads.submit(call, silent, SUBMISSIONS) for _ in range(20)]
        silent.wait_for(20)
        silent.hang_up()
        assert [one.result(PATIENCE) for one in calls] == ["Unavailable"] * 20


def test_gunicorn_tells_how_many_threads_there_are(limit: None, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEB_THREADS", "1")
    gunicorn = runpy.run_path(str(TOP / "gunicorn.conf.py"))
    gunicorn["post_fork"](None, SimpleNamespace(cfg=SimpleNamespace(threads=12)))
    assert os.environ["WEB_THREADS"] == "12"
    settings.WEB_THREADS = 12
    importlib.import_module("incidentportal.wsgi")
    importlib.reload(importlib.import_module("incidentportal.wsgi"))
    free = [
        [places.acquire(blocking=False) for _ in range(12)].count(True)
        for places in (waiting.everybody[0], waiting.look_ups[0])
    ]
    assert free == [9, 6]
