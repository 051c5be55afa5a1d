"""Bring the whole mirror up to date: kind by kind, each of them entirely or not at all."""

from datetime import timedelta

from django.utils.timezone import now

from incidentportal import pagerduty
from incidentportal.directory.models import MIRROR, LastKnown, Sync
from incidentportal.directory.sync.list_reader import DEFAULT, Limits, Progress, Reader
from incidentportal.directory.sync.mirror import write
from incidentportal.directory.sync.partitioned_lists import read_all
from incidentportal.directory.sync.wholeness import Reading, doubt_about

USELESS_AFTER = timedelta(days=30)
MUTE = {0, 429}  # no answer came, or the rate limit was met: the next list would fail as well


def sync(client: pagerduty.Client, *, report: Progress, limits: Limits = DEFAULT) -> None:
    """Read everything, and report progress. A list that cannot be read stays as it was, and holds up no other.

    Raises the first problem with a list that paging needs: at the end, or at once if PagerDuty does not answer.
    """
    failed: list[pagerduty.Problem] = []
    is_complete = False
    try:
        for kind, model in MIRROR.items():
            try:
                sync_kind(client, kind, report, limits)
            except pagerduty.Problem as error:
                report(f"{kind}: {error}")
                if not model.source.is_optional:
                    failed.append(error)
                    if error.status in MUTE:
                        break
        is_complete = not failed
    finally:
        Sync.objects.release(is_complete=is_complete)
    LastKnown.objects.filter(fetched_at__lt=now() - USELESS_AFTER).delete()
    if failed:
        raise failed[0]


def sync_kind(client: pagerduty.Client, kind: str, report: Progress, limits: Limits) -> None:
    """Read one kind to its end, with no transaction open, then write it in one."""
    Sync.objects.get_or_create(kind=kind)
    reader = Reader(client, kind, report, limits)
    try:
        problem = read(reader)
    except pagerduty.Problem as error:
        reader.interrupt()
        Sync.objects.filter(kind=kind).update(problem=str(error))
        raise
    findings = reader.findings
    changed, gone = write(findings)
    reader.parts.delete()
    facts = {"rows": len(findings.seen), "changed": changed, "gone": gone, "calls": reader.calls, "problem": problem}
    Sync.objects.filter(kind=kind).update(started_at=findings.started_at, synced_at=now(), **facts)
    summary = f"{kind}: {len(findings.seen):,} ({changed:,} changed, {gone:,} gone; {reader.calls:,} calls)"
    report(f"{summary}. {problem}" if problem else summary)


def read(reader: Reader) -> str:
    """Read every row of a kind. Returns a sentence on what may be missing."""
    try:
        if reader.source.is_paged:
            return read_all(reader, reader.source.query)
        return read_at_once(reader)
    except pagerduty.Rejected as error:
        does_without = reader.source.is_optional and error.status in {402, 404} and not reader.findings.seen
        if not does_without:
            raise
        return ""


def read_at_once(reader: Reader) -> str:
    """Read a list that has no pages."""
    batch, reading = reader.findings.batch_of(reader.patiently(reader.client.incident_types)), Reading()
    reader.findings.add(batch)
    reading.add(batch)
    doubt = doubt_about(reading, known=len(reader.findings.known))
    reader.findings.is_complete = not doubt
    return doubt
