"""Read PagerDuty's lists batch by batch: at a steady pace, patient with its limits, able to resume."""

import hashlib
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import timedelta

from django.utils.timezone import now

from incidentportal import pagerduty
from incidentportal.directory.models import MIRROR, SyncPart
from incidentportal.directory.sync.mirror import Batch, Findings
from incidentportal.directory.sync.wholeness import Reading

Progress = Callable[[str], None]
Query = tuple[tuple[str, str], ...]  # which list, or which part of it

TRIES, LONGEST_WAIT = 5, 60.0
PATIENCE = 2.0  # seconds to wait at a time for a list that paging does not need
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

    def seconds(self, calls: int) -> float:
        """How long after the beginning another call may follow this many."""
        return max(calls - self.calls_at_once, 0) * 60 / self.calls_a_minute


DEFAULT = Limits()


class Reader:
    """Reads the lists of one kind into its findings.

    calls  those made in this run: batches that an earlier run left behind cost none
    total  how many rows PagerDuty says there are in all; None where it does not say
    is_in_parts  the list is longer than what PagerDuty gives: reading ends as soon as so many rows were found
    """

    def __init__(self, client: pagerduty.Client, kind: str, report: Progress, limits: Limits = DEFAULT) -> None:
        self.client, self.report, self.limits = client, report, limits
        self.source, self.findings = MIRROR[kind].source, Findings(kind)
        self.calls, self.started = 0, time.monotonic()
        self.total: int | None = None
        self.is_in_parts = False
        self.reported = 0
        self.unsaved: list[SyncPart] = []
        self.parts = SyncPart.objects.filter(kind=kind)
        self.parts.filter(fetched_at__lt=now() - SAVED_FOR).delete()
        self.saved = set(self.parts.values_list("part", "offset"))

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
        return self.is_at_limit or (self.is_in_parts and self.has_all)

    def read(self, query: Query, first: Batch, *, rows: int) -> Reading:
        """Read the batches after the first one, up to so many rows. Each begins where the one before ended."""
        reading = Reading()
        reading.add(first)
        while reading.is_cut and reading.rows < min(rows, self.limits.rows) and not self.is_done:
            reading.add(self.batch(query, reading.rows))
        return reading

    def batch(self, query: Query, offset: int = 0) -> Batch:
        """One batch of a list: as an earlier run left it, or from PagerDuty."""
        part = hashlib.blake2b(repr(query).encode(), digest_size=16).hexdigest()
        if (part, offset) in self.saved:
            saved = self.parts.get(part=part, offset=offset)
            batch = Batch(**saved.answer)
            self.findings.started_at = min(self.findings.started_at, saved.fetched_at)
        else:
            limit = min(self.limits.batch, self.limits.rows - offset)
            batch = self.ask(query, limit, offset)
            kept = SyncPart(kind=self.findings.kind, part=part, offset=offset, answer=asdict(batch))
            self.unsaved.append(kept)
            if len(self.unsaved) >= BATCHES_SAVED_AT_ONCE:
                self.save()
        self.findings.add(batch)
        self.report_progress()
        return batch

    def ask(self, query: Query, limit: int, offset: int = 0) -> Batch:
        """What PagerDuty says now."""
        asked = [*query, ("limit", str(limit)), ("offset", str(offset)), ("total", "true")]
        listed = self.patiently(lambda: self.client.page(self.source.name, asked))
        return self.findings.batch_of(listed.rows, listed.more, listed.total)

    def patiently[Answer](self, call: Callable[[], Answer]) -> Answer:
        """Where PagerDuty asks us to wait we do, and what fails in between is tried again; only so often."""
        attempt = 0
        while True:
            attempt += 1
            time.sleep(max(self.started + self.limits.seconds(self.calls) - time.monotonic(), 0))
            self.calls += 1
            try:
                return call()
            except pagerduty.Unavailable as error:
                is_silent = error.wait is None and not self.findings.seen  # and will not speak a second later
                wait = min(attempt if error.wait is None else error.wait, LONGEST_WAIT)
                if is_silent or attempt == TRIES or (self.source.is_optional and wait > PATIENCE):
                    raise
                time.sleep(wait)

    def save(self) -> None:
        SyncPart.objects.bulk_create(self.unsaved, ignore_conflicts=True)
        self.unsaved = []

    def interrupt(self) -> None:
        """The reading ends early: leave the next run what is worth leaving."""
        if self.calls >= BATCHES_SAVED_AT_ONCE:
            self.save()

    def report_progress(self) -> None:
        """Say how far it is, every two thousand rows."""
        found = self.findings.count
        if found - self.reported >= self.limits.batch * BATCHES_SAVED_AT_ONCE:
            self.reported = found
            self.report(f"{self.findings.kind}: {found:,}" + (f" of {self.total:,}" if self.total else ""))
