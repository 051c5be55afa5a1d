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
from django.core.management.base import BaseCommand, CommandError
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
LONGEST_PAUSE = 5.0  # between two deliveries that fail: what is due goes out soon after the database is back
FAILED = object()
WARMED = 100  # policies: five calls
Deliver = Callable[[Submission], None]
SIDE_BY_SIDE = 4  # attempts of one worker; more workers for more


class Command(BaseCommand):
    requires_system_checks = []  # some ask the database, which may be away: it is waited for
    help = "Send due submissions and refresh a stale directory. Runs until it is stopped; --once for cron."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="do what is due now, then end")

    def handle(self, *args: Any, **options: Any) -> None:
        with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
            deliver = partial(deliver_due, partial(side_by_side, pool))
            if options["once"]:
                deliver()
                delete_old_drafts()
                refresh()
                return
            log.info("Incident Portal %s: the worker is ready.", __version__)
            asked, stop = threading.Event(), threading.Event()
            for name in (signal.SIGTERM, signal.SIGINT):
                signal.signal(name, partial(set_all, (asked, stop)))
            # A directory of a large account takes minutes: it must not hold up a page.
            threading.Thread(target=keep_up_until, args=(stop,), daemon=True).start()
            repeat(stop, DELIVERY_SECONDS, deliver)
        if not asked.is_set():
            raise CommandError("The upkeep of the directory has ended. The worker ends too, to be started again.")


def set_all(events: Iterable[threading.Event], *_: object) -> None:
    for event in events:
        event.set()


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
    """Keep the directory fresh until told to stop. If anything else ends this, the worker ends too."""
    upkeep = Upkeep()
    try:
        repeat(stop, UPKEEP_SECONDS, upkeep.warm, upkeep.refresh, delete_old_drafts)
    finally:
        stop.set()


class Upkeep:
    """The look-ups are warmed at the start, and after each sync."""

    is_warm = False

    def warm(self) -> None:
        if not self.is_warm:
            warm()
            self.is_warm = True

    def refresh(self) -> bool:
        is_new = refresh()
        self.is_warm &= not is_new
        return is_new


def delete_old_drafts() -> None:
    """Nobody came back to them."""
    Draft.objects.stale().delete()


def refresh() -> bool:
    """Sync a directory that is older than DIRECTORY_MAX_AGE_MINUTES. Returns whether it was the one to do so."""
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


def repeat(stop: threading.Event, pause: float, *jobs: Callable[[], Any]) -> None:
    """Do the jobs again and again, without a pause while one returns that there is more.

    One that fails stops neither this nor the others. After a failure the pause is short, and grows.
    """
    longest, failures = max(pause, LONGEST_PAUSE), 0
    while not stop.is_set():
        results = [patiently(job) for job in jobs]
        failures = failures + 1 if FAILED in results else 0
        if failures:
            stop.wait(min(2.0 ** min(failures, 10) / 2, longest))
        elif not any(results):
            stop.wait(pause)


def patiently(job: Callable[[], Any]) -> Any:
    """Do the job and return what it returns, or FAILED. A database that is away is waited for; nothing is lost."""
    try:
        close_old_connections()
        return job()
    except DatabaseError as error:
        log.warning("The database did not answer; trying again. (%s)", error)
    except Exception:
        log.exception("A part of the worker's work failed unexpectedly; trying again.")
    return FAILED
