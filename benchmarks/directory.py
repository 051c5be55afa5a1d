"""How fast a large directory is: 25,000 services, 6,000 escalation policies and 30,000 people.

Look-ups, the whole form, the check after a change, and the sync.
"""

import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from statistics import quantiles
from string import ascii_lowercase
from urllib.parse import quote, urlencode, urlsplit

import urllib3

from benchmarks.measuring import Line, line
from e2e.people import NEW, Form, Person
from e2e.process import Process, free_port
from e2e.stage import Stage

TURNS = 300  # a hundred for each kind of look-up
KINDS = ("services", "escalation-policies", "people")
SIZES = {"services": 25_000, "policies": 6_000, "people": 30_000}
CALLS_A_SECOND, ROWS_A_CALL = 10, 100  # the pace that a sync keeps, and the most that PagerDuty gives at once
FILL = "from tests.directory.scale import fill; fill()"
TABLES = ("service", "escalationpolicy", "person")
BACK = "UPDATE directory_{} SET is_gone = FALSE"  # brings back what the sandbox has, beside the generated rows
NAMES = "SELECT name FROM directory_service WHERE id LIKE %s ORDER BY id LIMIT 1000"
CHANGED = "UPDATE directory_sync SET version = %s"  # makes each process read the names again and drop its answers
FACTS = "SELECT SUM(calls), SUM(rows) FROM directory_sync"
# Plain http needs DEBUG, and with it Django keeps the text of every query: not the memory that we measure.
RUN = """
import pathlib, resource, sys, time
from django.conf import settings
from django.core.management import call_command
settings.DEBUG = False
began = time.monotonic()
{work}
used = resource.getrusage(resource.RUSAGE_SELF)
megabytes = used.ru_maxrss / (1_000_000 if sys.platform == "darwin" else 1_000)
facts = time.monotonic() - began, used.ru_utime + used.ru_stime, megabytes
pathlib.Path({path!r}).write_text(" ".join(map(str, facts)))
"""
Ask = Callable[[int], object]


class Browser:
    """Somebody logged in, with as little code as possible between request and answer."""

    def __init__(self, stage: Stage) -> None:
        web = stage.add_web().wait()
        self.person = Person([web.url], stage.names[0])
        self.person.log_in()
        parts = urlsplit(web.url)
        self.pool = urllib3.HTTPConnectionPool(str(parts.hostname), parts.port, timeout=60)
        cookies = "; ".join(f"{name}={value}" for name, value in self.person.browser.cookies.items())
        self.headers = {"Cookie": cookies, "HX-Request": "true", "Accept-Encoding": "gzip"}

    def ask(self, path: str, answers: dict[str, str] | None = None, *, expected: int = 200) -> None:
        headers = {**self.headers, "Content-Type": "application/x-www-form-urlencoded"} if answers else self.headers
        body = urlencode(answers) if answers else None
        method = "POST" if answers else "GET"
        answer = self.pool.request(
            method, path, body=body, headers=headers, redirect=False, retries=False, decode_content=False
        )
        if answer.status != expected:
            raise RuntimeError(f"{method} {path}: status {answer.status}")

    def bare(self, _: int = 0) -> None:
        """The least that the stack does for somebody logged in: a session, a person, a redirect."""
        self.ask("/", expected=302)

    def look_up(self, kind: str, words: str) -> None:
        self.ask(f"/directory/{kind}/?q={quote(words)}")


def large_directory(stage: Stage) -> Iterator[Line]:
    """What people wait for while they fill in the form."""
    fill(stage)
    browser = Browser(stage)
    yield from look_ups(stage, browser)
    yield from form_and_check(stage, browser)


def look_ups(stage: Stage, browser: Browser) -> Iterator[Line]:
    """The options shown while somebody types. No query is answered from the memory of the process."""
    words = [name.lower().split()[0] for (name,) in stage.database.run(NAMES, "PS0%")]
    queries = {
        "one letter": list(ascii_lowercase),
        "two words": [f"{one[:3]} {other[:2]}" for one, other in pairwise(words)],
        "a misspelling": [one[:2] + one[3:] if len(one) > 5 else f"{one}x" for one in words],
    }

    def forget(turn: int) -> None:
        """After every letter of every kind, make the process forget, and let it read the names again unmeasured."""
        if turn % (len(ascii_lowercase) * len(KINDS)) == 0:
            stage.database.run(CHANGED, f"bench {turn}")
            for kind in KINDS:
                browser.look_up(kind, "")

    def asking(some: list[str]) -> Ask:
        return lambda turn: browser.look_up(KINDS[turn % len(KINDS)], some[turn // len(KINDS) % len(some)])

    yield from against_bare({f"look up {what}": asking(some) for what, some in queries.items()}, browser, forget)


def form_and_check(stage: Stage, browser: Browser) -> Iterator[Line]:
    """The whole form with a service chosen, and the check after one field was changed."""
    service = next(row["id"] for row in stage.api("services") if row["name"] == "Checkout API")
    answers = browser.person.begin(Form("Card payments fail", service))
    works: dict[str, Ask] = {
        "the whole form, with a service": lambda _: browser.ask(f"{NEW}?service={service}"),
        "check after a change": lambda turn: browser.ask(
            f"{NEW}check/title/", {**answers, "title": f"Card payments fail {turn}"}
        ),
    }
    yield from against_bare(works, browser, lambda _: None)


def syncs(stage: Stage) -> Iterator[Line]:
    """A sync of the whole account, and one that finds nothing new: calls, rows a second, and memory."""
    port = free_port()
    sizes = [given for name, size in SIZES.items() for given in (f"--{name}", str(size))]
    words = ["manage.py", "sandbox", "--empty", "--port", str(port), *sizes]
    account = Process("account", words, stage.environment, stage.folder, f"http://127.0.0.1:{port}")
    stage.workers.append(account.wait())  # so that it is ended with them
    stage.environment["PAGERDUTY_API_URL"] = account.url
    _, _, nothing = run(stage, "pass")
    for what in ("full sync", "unchanged sync"):
        seconds, busy, megabytes = run(stage, "call_command('sync_directory')")
        calls, rows = stage.database.run(FACTS)[0]
        most = CALLS_A_SECOND * ROWS_A_CALL
        yield line(f"{what}: {calls:,} calls", seconds, "at 10 calls a second", calls / CALLS_A_SECOND)
        yield line(f"{what}: processor time", busy, "the whole sync", seconds)
        rate = rows / seconds
        yield Line(f"{what}: {rows:,} rows", f"{rate:.0f} /s", f"10 full pages a second: {most} /s", rate / most)
        against = f"a command that does nothing: {nothing:.0f} MB"
        yield Line(f"{what}: the most memory", f"{megabytes:.0f} MB", against, megabytes / nothing)


def run(stage: Stage, work: str) -> tuple[float, float, float]:
    """Run it in a process of its own. Returns its seconds, its processor seconds and its peak megabytes."""
    path = stage.folder / "facts"
    stage.manage("shell", "-v0", "-c", RUN.format(work=work, path=str(path)))
    seconds, busy, megabytes = map(float, path.read_text(encoding="utf-8").split())
    return seconds, busy, megabytes


def fill(stage: Stage) -> None:
    """Fill the directory with generated rows, and keep the sandbox's own: the people who log in are among them."""
    stage.manage("shell", "-v0", "-c", FILL)
    for table in TABLES:
        stage.database.run(BACK.format(table))


def against_bare(works: dict[str, Ask], browser: Browser, before: Ask) -> Iterator[Line]:
    """Each work and the bare view, alternating: the medians and the 95th percentiles."""
    everything: dict[str, Ask] = {"": browser.bare, **works}
    taken: dict[str, list[float]] = {what: [] for what in everything}
    for turn in range(TURNS):
        before(turn)
        for what, work in everything.items():
            started = time.perf_counter()
            work(turn)
            taken[what].append(time.perf_counter() - started)
    bare = at_50_and_95(taken.pop(""))
    for what, seconds in taken.items():
        for name, own, other in zip(("p50", "p95"), at_50_and_95(seconds), bare, strict=True):
            yield line(f"{what}, {name}", own, f"a redirect for somebody logged in, {name}", other)


def at_50_and_95(seconds: list[float]) -> tuple[float, float]:
    cuts = quantiles(seconds, n=20)
    return cuts[9], cuts[18]


MEASUREMENTS = [large_directory]
SYNCS = [syncs]  # at PagerDuty's pace, so they take minutes
