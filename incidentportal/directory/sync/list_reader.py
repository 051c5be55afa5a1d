"""Reading PagerDuty's lists page by page: at a measured pace, patient with its limits, able to go on after a break."""

import hashlib
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import timedelta

from django.utils.timezone import now

from incidentportal import pagerduty
from incidentportal.directory.models import SyncPart
from incidentportal.directory.sync.mirror import Findings, Page

Report = Callable[[str], None]

PAGE, LIMIT = 100, 10_000  # PagerDuty gives so many rows at once, and so many of one list
AT_ONCE = 60  # calls without a pause; after that:
CALLS_A_MINUTE = 600  # of PagerDuty's 960: the others are for people who are waiting
CALLS_AT_MOST = 5000  # for one kind
TRIES, LONGEST_WAIT = 5, 60.0
PAGES_KEPT_AT_ONCE = 20  # a list of fewer pages is quickly read again, and its pages are never kept
KEPT_FOR = timedelta(hours=1)


@dataclass(frozen=True)
class Part:
    """A list, or what filters leave of it."""

    query: tuple[tuple[str, str], ...] = ()

    @property
    def key(self) -> str:
        return hashlib.blake2b(repr(self.query).encode(), digest_size=16).hexdigest()

    def having(self, *more: tuple[str, str]) -> "Part":
        return Part((*self.query, *more))


class Reader:
    """Reads the lists of one kind into its findings.

    calls  those made in this run: pages that an earlier run left behind cost none
    total  how many rows PagerDuty says there are in all; None where it does not say
    """

    def __init__(self, client: pagerduty.Client, name: str, findings: Findings, report: Report) -> None:
        self.client, self.name, self.findings, self.report = client, name, findings, report
        self.calls, self.pace = 0, Pace()
        self.total: int | None = None
        self.unsaved: list[SyncPart] = []
        self.reported = 0
        parts = SyncPart.objects.filter(kind=findings.kind)
        parts.filter(fetched_at__lt=now() - KEPT_FOR).delete()
        self.kept = set(parts.values_list("part", "offset"))

    @property
    def has_all(self) -> bool:
        """Whether as many rows were found as PagerDuty says there are."""
        return self.total is not None and self.findings.count >= self.total

    @property
    def is_done(self) -> bool:
        return self.has_all or self.calls >= CALLS_AT_MOST

    def rest(self, part: Part, page: Page, *, rows: int) -> bool:
        """Take the pages after the first one, up to so many rows. True where the list ends before that."""
        offset = PAGE
        while page.more and offset + PAGE <= min(rows, LIMIT) and not self.is_done:
            page = self.page(part, offset)
            offset += PAGE
        return not page.more

    def page(self, part: Part, offset: int = 0) -> Page:
        """One page of a part: as an earlier run left it, or from PagerDuty."""
        if (part.key, offset) in self.kept:
            kept = SyncPart.objects.get(kind=self.findings.kind, part=part.key, offset=offset)
            page = Page(**kept.answer)
            self.findings.started_at = min(self.findings.started_at, kept.fetched_at)
        else:
            page = self.findings.page_of(*self.ask(part, offset))
            self.keep(part, offset, page)
        self.findings.add(page)
        self.say()
        return page

    def ask(self, part: Part, offset: int) -> tuple[list[pagerduty.JSON], bool, int | None]:
        """A page from PagerDuty: its rows, whether there are more, and how many in all."""
        query = [*part.query, ("limit", str(PAGE)), ("offset", str(offset)), ("total", "false" if offset else "true")]
        answer = self.patiently(lambda: self.client.page(self.name, query))
        return answer.rows, answer.more, answer.total

    def patiently[Answer](self, call: Callable[[], Answer]) -> Answer:
        """Where PagerDuty asks us to wait we do, and what fails in between is tried again; only so often."""
        for attempt in range(1, TRIES):
            try:
                return self.at_pace(call)
            except pagerduty.Unavailable as error:
                if error.wait is None and not self.findings.seen:
                    raise  # it did not answer to begin with, and will not a second later
                time.sleep(min(attempt if error.wait is None else error.wait, LONGEST_WAIT))
        return self.at_pace(call)

    def at_pace[Answer](self, call: Callable[[], Answer]) -> Answer:
        self.pace.wait()
        self.calls += 1
        return call()

    def keep(self, part: Part, offset: int, page: Page) -> None:
        """Remember a page for the case that the run breaks off."""
        self.unsaved.append(SyncPart(kind=self.findings.kind, part=part.key, offset=offset, answer=asdict(page)))
        if len(self.unsaved) >= PAGES_KEPT_AT_ONCE:
            self.save()

    def save(self) -> None:
        SyncPart.objects.bulk_create(self.unsaved, ignore_conflicts=True)
        self.unsaved = []

    def break_off(self) -> None:
        """The reading ends early: leave to the next run what is worth it."""
        if self.calls >= PAGES_KEPT_AT_ONCE:
            self.save()

    def finish(self) -> None:
        """The reading is complete: no run needs its pages any more."""
        if self.calls >= PAGES_KEPT_AT_ONCE or self.kept:
            SyncPart.objects.filter(kind=self.findings.kind).delete()

    def say(self) -> None:
        """Say how far it is, every two thousand rows."""
        found = self.findings.count
        if found - self.reported >= PAGE * PAGES_KEPT_AT_ONCE:
            self.reported = found
            self.report(f"{self.findings.kind}: {found:,}" + (f" of {self.total:,}" if self.total else ""))


@dataclass
class Pace:
    """Keeps a reader from taking all of the rate limit."""

    calls: int = 0
    started: float = field(default_factory=time.monotonic)

    def wait(self) -> None:
        """Until the next call is due."""
        time.sleep(max(self.due - time.monotonic(), 0))
        self.calls += 1

    @property
    def due(self) -> float:
        return self.started + max(self.calls - AT_ONCE, 0) * 60 / CALLS_A_MINUTE
