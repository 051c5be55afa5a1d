"""Fill or refresh the directory, once."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from incidentportal import pagerduty
from incidentportal.directory.sync.directory import sync


class Command(BaseCommand):
    help = "Read services, escalation policies, people, priorities, incident types and teams from PagerDuty."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            sync(pagerduty.connect(), report=self.stdout.write)
        except pagerduty.Problem as error:
            raise CommandError(f"The directory could not be refreshed: {error}") from None
