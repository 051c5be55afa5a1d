"""Serve a PagerDuty account in memory, until Ctrl-C."""

import argparse
import secrets
import signal
import threading
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from sandbox import TOKEN, Sandbox
from sandbox.grown import OutOfRange
from sandbox.ids import Ids
from sandbox.seeds import seed_incidents


class Command(BaseCommand):
    help = "Serve a PagerDuty account in memory, over HTTP on a port of its own. Nobody real is paged."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8001, help="on 127.0.0.1; 0 takes any free one")
        parser.add_argument(
            "--rehearsal", action="store_true", help="take every id for existing, and page nobody at all"
        )
        for name in ("services", "people", "policies"):
            parser.add_argument(f"--{name}", type=int, metavar="N", help="make the account that big")
        parser.add_argument("--speed", type=float, default=1.0, metavar="X", help="let time run X times as fast")
        parser.add_argument("--seed-incidents", dest="seed", action="store_true", default=True, help="begin with some")
        parser.add_argument("--empty", dest="seed", action="store_false", help="begin without incidents")

    def handle(self, *, port: int, rehearsal: bool, speed: float, seed: bool, **options: Any) -> None:
        if not 0 <= port < 65536:
            raise CommandError(f"The port is {port}; it can be from 0 to 65535.")
        if not 0 < speed <= 10_000:
            raise CommandError(f"The speed is {speed:g}; it can be up to 10000.")
        sizes = {name: options[name] for name in ("services", "people", "policies")}
        try:
            sandbox = Sandbox(port, rehearsal=rehearsal, speed=speed, **sizes)
        except OutOfRange as error:
            raise CommandError(str(error)) from None
        except OSError:
            raise CommandError(
                f"Port {port} of 127.0.0.1 is in use or not allowed; choose another with --port."
            ) from None
        sandbox.ids = Ids(secrets.randbits(64))  # PagerDuty never gives an incident the id of another
        if seed and not rehearsal:
            seed_incidents(sandbox)
        with sandbox:
            self.stdout.write(self._greeting(sandbox))
            self.stdout.flush()
            wait_for_signal()

    def _greeting(self, sandbox: Sandbox) -> str:
        account = sandbox.account
        what = "a rehearsal: every id exists, nobody is paged" if sandbox.rehearsal else "a PagerDuty account in memory"
        return (
            f"SANDBOX, nobody real is paged: {sandbox.url}/ is {what}.\n"
            f"  holds    {len(account.services)} services, {len(account.escalation_policies)} escalation policies, "
            f"{len(account.users)} people, {len(sandbox.incidents)} incidents\n"
            f"  use      PAGERDUTY_API_URL={sandbox.url} PAGERDUTY_API_TOKEN={TOKEN}"
        )


def wait_for_signal() -> None:
    """Until Ctrl-C or a polite kill."""
    is_over = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, lambda *_: is_over.set())
    is_over.wait()
