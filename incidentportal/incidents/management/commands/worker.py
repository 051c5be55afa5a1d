"""Send what is due and keep the directory fresh: continuously, or once."""

import logging
import signal
import threading
from argparse import ArgumentParser
from collections.abc import Callable, Iterable
from concurrent.futures import Executor, ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import DatabaseError, close_old_connections, connection
from django.db.models import Count

from incidentportal import __version__, pagerduty
from incidentportal.directory.live.oncalls import warm_oncalls
from incidentportal.directory.models import EscalationPolicy, Sync
from incidentportal.directory.sync.directory import sync
from incidentportal.incidents.delivery import deliver_due
from incidentportal.incidents.models import Draft, Submission

log = logging.getLogger(__name__)
DELIVERY_SECONDS = 0.5
UPKEEP_SECONDS = 15.0
WARMED = 100  # policies: five calls
Deliver = Callable[[Submission], None]
SIDE_BY_SIDE = 4  # attempts of one worker; more workers for more


class Command(BaseCommand):
    help = "Send due submissions and refresh a stale directory. Runs until it is stopped; --once for cron."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="do what is due now, then end")

    def handle(self, *args: Any, **options: Any) -> None:
        with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
            deliver = partial(deliver_due, partial(side_by_side, pool))
            if options["once"]:
                deliver()
                keep_up()
                return
            log.info("Incident Portal %s: the worker is ready.", __version__)
            stop = threading.Event()
            for name in (signal.SIGTERM, signal.SIGINT):
                signal.signal(name, lambda *_: stop.set())
            # A directory of a large account takes minutes: it must not hold up a page.
            threading.Thread(target=keep_up_until, args=(stop,), daemon=True).start()
            repeat(stop, DELIVERY_SECONDS, deliver)


def side_by_side(pool: Executor, deliver: Deliver, due: list[Submission]) -> Iterable[None]:
    """Several attempts at a time, so that one for which PagerDuty is silent does not hold up the others."""
    return pool.map(partial(deliver_alone, deliver), due)


def deliver_alone(deliver: Deliver, submission: Submission) -> None:
    """Make one attempt. An unexpected failure is logged and stops no other; it is due again when its lease ends."""
    try:
        deliver(submission)
    except Exception:
        log.exception(
            "the attempt to deliver submission %s failed unexpectedly; it is retried in a minute", submission.pk
        )
    finally:
        connection.close()  # this thread's own


def keep_up_until(stop: threading.Event) -> None:
    patiently(warm)
    repeat(stop, UPKEEP_SECONDS, keep_up_and_warm)


def keep_up_and_warm() -> None:
    if keep_up():
        warm()


def keep_up() -> bool:
    """Sync a directory that is older than DIRECTORY_MAX_AGE_MINUTES; delete drafts that nobody came back to.

    Returns whether it was the one to sync.
    """
    Draft.objects.stale().delete()
    if not Sync.objects.claim(timedelta(minutes=settings.DIRECTORY_MAX_AGE_MINUTES)):
        return False
    try:
        sync(pagerduty.connect(), report=log.info)
    except pagerduty.Problem as problem:
        log.warning("The directory could not be refreshed: %s", problem)
    return True


def warm() -> None:
    """Ask who is on call in the policies that most services have, so that a look-up can say it beside each row."""
    policies = EscalationPolicy.objects.current().annotate(used=Count("services")).order_by("-used", "id")
    warm_oncalls(list(policies.values_list("id", flat=True)[:WARMED]))


def repeat(stop: threading.Event, pause: float, work: Callable[[], Any]) -> None:
    """Do the work again and again, without a pause while it returns that there is more."""
    while not stop.is_set():
        stop.wait(0.0 if patiently(work) else pause)


def patiently(work: Callable[[], Any]) -> Any:
    """Do the work. A database that is away is waited for: nothing is lost by it."""
    close_old_connections()
    try:
        return work()
    except DatabaseError as error:
        log.warning("The database did not answer; trying again. (%s)", error)
