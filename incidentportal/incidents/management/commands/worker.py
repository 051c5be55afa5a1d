"""Send what is due and keep the directory fresh, for ever or once."""

import logging
import signal
import threading
from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import DatabaseError, close_old_connections

from incidentportal import pagerduty
from incidentportal.directory.models import Sync
from incidentportal.directory.sync import sync
from incidentportal.incidents.delivery import deliver_due
from incidentportal.incidents.drafts import delete_old_drafts

log = logging.getLogger(__name__)
DELIVERY_SECONDS = 0.5
UPKEEP_SECONDS = 15.0


class Command(BaseCommand):
    help = "Send due submissions and refresh a stale directory. Runs until it is stopped; --once for cron."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="do what is due now, then end")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["once"]:
            deliver_due()
            self.keep_up()
            return
        stop = threading.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: stop.set())
        # A directory of a large account takes minutes: it must not hold up a page.
        threading.Thread(target=repeat, args=(stop, UPKEEP_SECONDS, self.keep_up), daemon=True).start()
        repeat(stop, DELIVERY_SECONDS, deliver_due)

    def keep_up(self) -> None:
        """Sync a directory that is older than DIRECTORY_MAX_AGE_MINUTES; delete drafts that nobody came back to."""
        delete_old_drafts()
        if not Sync.objects.claim(timedelta(minutes=settings.DIRECTORY_MAX_AGE_MINUTES)):
            return
        try:
            sync(pagerduty.connect(), report=log.info)
        except (pagerduty.Problem, pagerduty.ListTooLong) as problem:
            log.warning("The directory could not be refreshed: %s", problem)


def repeat(stop: threading.Event, pause: float, work: Any) -> None:
    """Do the work again and again. A database that is away is waited for: nothing is lost by it."""
    while not stop.is_set():
        close_old_connections()
        try:
            is_more = work()
        except DatabaseError as error:
            log.warning("The database did not answer; trying again. (%s)", error)
            is_more = None
        stop.wait(0.0 if is_more else pause)
