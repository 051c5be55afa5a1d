"""`manage.py sandbox`: serve a PagerDuty account in memory, until Ctrl-C."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from sandbox.command import HELP, CannotStart, add_options, build, serve


class Command(BaseCommand):
    help = HELP
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        add_options(parser)

    def handle(self, **options: Any) -> None:
        names = ("port", "rehearsal", "speed", "seed", "services", "people", "policies")
        try:
            serve(build(**{name: options[name] for name in names}))
        except CannotStart as error:
            raise CommandError(str(error)) from None
