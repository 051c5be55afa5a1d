"""Send what is due and keep the directory fresh, for ever or once."""

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

PAUSE_SECONDS = 1.0


class Command(BaseCommand):
    help = "Send due submissions and refresh a stale directory. Runs until it is stopped; --once for cron."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="do what is due now, then end")

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()
        if not options["once"]:
            for name in (signal.SIGTERM, signal.SIGINT):
                signal.signal(name, lambda *_: stop.set())
        while True:
            self.work()
            if options["once"] or stop.wait(PAUSE_SECONDS):
                return

    def work(self) -> None:
        """One round. A database that is away is waited for: nothing is lost by it."""
        close_old_connections()
        try:
            deliver_due()
            self.refresh_directory()
        except DatabaseError as error:
            self.stderr.write(f"The database did not answer; trying again. ({error})")

    def refresh_directory(self) -> None:
        """Sync when the directory is older than DIRECTORY_MAX_AGE_MINUTES."""
        age = Sync.objects.age()
        if age is not None and age < timedelta(minutes=settings.DIRECTORY_MAX_AGE_MINUTES):
            return
        try:
            sync(pagerduty.connect(), report=self.stdout.write)
        except (pagerduty.Unavailable, pagerduty.Rejected) as error:
            self.stderr.write(f"The directory could not be refreshed: {error}")
