"""While PagerDuty is known to be silent, nobody waits for it in vain: reports are stored, and a worker tries."""

from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client

from incidentportal import pagerduty
from incidentportal.incidents.delivery import deliver_due
from incidentportal.incidents.models import State, Submission
from incidentportal.pagerduty.shared_state import LOOK_UPS, SILENT
from sandbox import Fault, Sandbox
from tests.incidents.base import least, send


def fall_silent(sandbox: Sandbox, times: int) -> None:
    """So many calls get no answer; then PagerDuty is as it was."""
    sandbox.faults = [Fault("drop before", call="*") for _ in range(times)]
    for _ in range(times):
        ask()
    sandbox.requests.clear()


def ask(lane: str = pagerduty.SUBMISSIONS) -> bool:
    try:
        pagerduty.connect(lane=lane).page("services", [("limit", "1")])
    except pagerduty.Unavailable:
        return False
    return True


def some_seconds_pass() -> None:
    """So many that a look-up may try again."""
    cache.delete(SILENT)


def test_a_click_is_stored_and_asks_nobody(page_of_ada: Client, directory: Sandbox) -> None:
    fall_silent(directory, times=2)
    answer = page_of_ada.post("/incidents/new/", least(directory))
    submission = Submission.objects.get()
    assert (answer.status_code, answer.url) == (302, submission.get_absolute_url())  # type: ignore[attr-defined]
    assert (submission.state, submission.attempts, directory.requests) == (State.PENDING, 0, [])


def test_not_even_after_some_seconds_does_a_click_try_again(page_of_ada: Client, directory: Sandbox) -> None:
    fall_silent(directory, times=2)
    some_seconds_pass()
    page_of_ada.post("/incidents/new/", least(directory))
    assert (Submission.objects.get().attempts, directory.requests) == (0, [])


def test_a_worker_tries_at_once_and_from_then_on_clicks_are_sent(page_of_ada: Client, directory: Sandbox) -> None:
    fall_silent(directory, times=2)
    first = send(page_of_ada, least(directory, title="The first"))
    assert deliver_due() == 1
    first.refresh_from_db()
    second = send(page_of_ada, least(directory, title="The second"))
    assert (first.state, second.state, len(directory.incidents)) == (State.CREATED, State.CREATED, 2)


def test_once_is_no_silence(page_of_ada: Client, directory: Sandbox) -> None:
    fall_silent(directory, times=1)
    assert send(page_of_ada, least(directory)).state == State.CREATED


def test_an_error_is_an_answer(page_of_ada: Client, directory: Sandbox) -> None:
    fall_silent(directory, times=2)
    directory.faults = [Fault("500", call="*")]
    assert not ask()
    assert pagerduty.down_since() is not None
    assert send(page_of_ada, least(directory)).state == State.CREATED


def test_one_look_up_at_a_time_tries_whether_pagerduty_is_back(directory: Sandbox, ada: User) -> None:
    fall_silent(directory, times=2)
    some_seconds_pass()
    directory.faults = [Fault("drop before", call="*")]
    for _ in range(3):
        assert not ask(lane=LOOK_UPS)
    assert len(directory.requests) == 1
