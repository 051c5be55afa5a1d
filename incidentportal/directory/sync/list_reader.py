"""Read PagerDuty's lists batch by batch: at a steady pace, patient with its limits, able to resume."""

import hashlib
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import timedelta

from django.utils.timezone import now

from incidentportal import pagerduty
from incidentportal.directory.models import SyncPart
from incidentportal.directory.sync.mirror import Batch, Findings
from incidentportal.pagerduty.client import ListPage

Progress = Callable[[str], None]

TRIES, LONGEST_WAIT = 5, 60.0
BATCHES_SAVED_AT_ONCE = 20  # a list of fewer batches is quickly read again, and its batches are never saved
SAVED_FOR = timedelta(hours=1)


@dataclass(frozen=True)
class Limits:
    """What PagerDuty gives: so many rows in a batch, and so many of one list. And what we ask for."""

    batch: int = 100
    rows: int = 10_000
    calls: int = 5000  # for one kind
    calls_at_once: int = 60  # without a pause; after that:
    calls_a_minute: int = 600  # of PagerDuty's 960: the others are for people who are waiting


DEFAULT = Limits()


@dataclass(frozen=True)
class Part:
    """A list, or what filters leave of it."""

    query: tuple[tuple[str, str], ...] = ()

    @property
    def key(self) -> str:
        return hashlib.blake2b(repr(self.query).encode(), digest_size=16).hexdigest()

    def filtered(self, *more: tuple[str, str]) -> "Part":
        return Part((*self.query, *more))


class Reader:
    """Reads the lists of one kind into its findings.

    calls  those made in this run: batches that an earlier run left behind cost none
    total  how many rows PagerDuty says there are in all; None where it does not say
    """

    def __init__(
        self, client: pagerduty.Client, name: str, findings: Findings, report: Progress, limits: Limits = DEFAULT
    ) -> None:
        self.client, self.name, self.findings, self.report, self.limits = client, name, findings, report, limits
        self.calls, self.pace = 0, Pace(limits)
        self.total: int | None = None
        self.unsaved: list[SyncPart] = []
        self.reported = 0
        parts = SyncPart.objects.filter(kind=findings.kind)
        parts.filter(fetched_at__lt=now() - SAVED_FOR).delete()
        self.saved = set(parts.values_list("part", "offset"))

    @property
    def has_all(self) -> bool:
        """Whether as many rows were found as PagerDuty says there are."""
        return self.total is not None and self.findings.count >= self.total

    @property
    def is_at_limit(self) -> bool:
        """Whether it has made as many calls as it may."""
        return self.calls >= self.limits.calls

    @property
    def is_done(self) -> bool:
        return self.has_all or self.is_at_limit

    def rest(self, part: Part, batch: Batch, *, rows: int) -> bool:
        """Read the batches after the first one, up to so many rows. True where the list ends before that."""
        size = self.limits.batch
        offset = size
        while batch.more and offset + size <= min(rows, self.limits.rows) and not self.is_done:
            batch = self.batch(part, offset)
            offset += size
        return not batch.more

    def batch(self, part: Part, offset: int = 0) -> Batch:
        """One batch of a part: as an earlier run left it, or from PagerDuty."""
        if (part.key, offset) in self.saved:
            saved = SyncPart.objects.get(kind=self.findings.kind, part=part.key, offset=offset)
            batch = Batch(**saved.answer)
            self.findings.started_at = min(self.findings.started_at, saved.fetched_at)
        else:
            listed = self.ask(part, offset)
            batch = self.findings.batch_of(listed.rows, listed.more, listed.total)
            self.keep(part, offset, batch)
        self.findings.add(batch)
        self.report_progress()
        return batch

    def ask(self, part: Part, offset: int) -> ListPage:
        """A batch from PagerDuty. Only the first one of a part asks for the total."""
        size, total = str(self.limits.batch), "false" if offset else "true"
        query = [*part.query, ("limit", size), ("offset", str(offset)), ("total", total)]
        return self.patiently(lambda: self.client.page(self.name, query))

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

    def keep(self, part: Part, offset: int, batch: Batch) -> None:
        """Remember a batch, in case the run is interrupted."""
        self.unsaved.append(SyncPart(kind=self.findings.kind, part=part.key, offset=offset, answer=asdict(batch)))
        if len(self.unsaved) >= BATCHES_SAVED_AT_ONCE:
            self.save()

    def save(self) -> None:
        SyncPart.objects.bulk_create(self.unsaved, ignore_conflicts=True)
        self.unsaved = []

    def interrupt(self) -> None:
        """The reading ends early: leave the next run what is worth leaving."""
        if self.calls >= BATCHES_SAVED_AT_ONCE:
            self.save()

    def finish(self) -> None:
        """The reading is complete: no run needs its batches any more."""
        if self.calls >= BATCHES_SAVED_AT_ONCE or self.saved:
            SyncPart.objects.filter(kind=self.findings.kind).delete()

    def report_progress(self) -> None:
        """Say how far it is, every two thousand rows."""
        found = self.findings.count
        if found - self.reported >= self.limits.batch * BATCHES_SAVED_AT_ONCE:
            self.reported = found
            self.report(f"{self.findings.kind}: {found:,}" + (f" of {self.total:,}" if self.total else ""))


@dataclass
class Pace:
    """Keeps a reader from taking all of the rate limit."""

    limits: Limits = DEFAULT
    calls: int = 0
    started: float = field(default_factory=time.monotonic)

    def wait(self) -> None:
        """Until the next call is due."""
        time.sleep(max(self.due - time.monotonic(), 0))
        self.calls += 1

    @property
    def due(self) -> float:
        return self.started + max(self.calls - self.limits.calls_at_once, 0) * 60 / self.limits.calls_a_minute
