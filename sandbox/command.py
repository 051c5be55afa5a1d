"""The command: its options, and serving until Ctrl-C. Shared by `python -m sandbox` and `manage.py sandbox`."""

import argparse
import secrets
import signal
import threading

from sandbox.account.growth import SizeOutOfRange
from sandbox.account.ids import Ids
from sandbox.api.access import TOKEN
from sandbox.demo_incidents import open_demo_incidents
from sandbox.server import Sandbox

HELP = "Serve a PagerDuty account in memory, over HTTP on a port of its own. Nobody real is paged."


class CannotStart(Exception):
    """An option that the sandbox cannot start with; str() of it is a sentence."""


def add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, default=8001, help="on 127.0.0.1; 0 takes any free port")
    parser.add_argument(
        "--rehearsal", action="store_true", help="accept every id, keep nothing, and page nobody at all"
    )
    for name in ("services", "people", "policies"):
        parser.add_argument(f"--{name}", type=int, metavar="N", help=f"how many {name} the account has")
    parser.add_argument("--speed", type=float, default=1.0, metavar="X", help="let time run X times as fast")
    parser.add_argument("--seed-incidents", dest="seed", action="store_true", default=True, help="start with a few")
    parser.add_argument("--empty", dest="seed", action="store_false", help="start without incidents")


def build(
    *,
    port: int,
    rehearsal: bool,
    speed: float,
    seed: bool,
    services: int | None,
    people: int | None,
    policies: int | None,
) -> Sandbox:
    """The sandbox that the options ask for, or `CannotStart`."""
    if not 0 <= port < 65536:
        raise CannotStart(f"The port is {port}; it can be from 0 to 65535.")
    if not 0 < speed <= 10_000:
        raise CannotStart(f"The speed is {speed:g}; it can be up to 10000.")
    try:
        sandbox = Sandbox(port, rehearsal=rehearsal, speed=speed, services=services, people=people, policies=policies)
    except SizeOutOfRange as error:
        raise CannotStart(str(error)) from None
    except OSError:
        raise CannotStart(f"Port {port} of 127.0.0.1 is in use or not allowed; choose another with --port.") from None
    sandbox.ids = Ids(secrets.randbits(64))  # PagerDuty never gives an incident the id of another
    if seed and not rehearsal:
        open_demo_incidents(sandbox)
    return sandbox


def serve(sandbox: Sandbox) -> None:
    """Say how to use it, and serve until Ctrl-C or a polite kill."""
    is_over = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, lambda *_: is_over.set())
    with sandbox:
        print(_greeting(sandbox), flush=True)
        is_over.wait()


def _greeting(sandbox: Sandbox) -> str:
    account = sandbox.account
    what = "a rehearsal: every id exists, nobody is paged" if sandbox.rehearsal else "a PagerDuty account in memory"
    return (
        f"SANDBOX, nobody real is paged: {sandbox.url}/ is {what}.\n"
        f"  holds    {len(account.services)} services, {len(account.escalation_policies)} escalation policies, "
        f"{len(account.users)} people, {len(sandbox.incidents)} incidents\n"
        f"  use      PAGERDUTY_API_URL={sandbox.url} PAGERDUTY_API_TOKEN={TOKEN}"
    )
