"""Bring the whole mirror up to date: kind by kind, each of them entirely or not at all."""

from datetime import timedelta

from django.utils.timezone import now

from incidentportal import pagerduty
from incidentportal.directory.models import MIRROR, LastKnown, Sync
from incidentportal.directory.sync.list_reader import DEFAULT, Limits, Progress, Reader
from incidentportal.directory.sync.mirror import write
from incidentportal.directory.sync.partitioned_lists import read_all

USELESS_AFTER = timedelta(days=30)


def sync(client: pagerduty.Client, *, report: Progress, limits: Limits = DEFAULT) -> None:
    """Read everything, and report progress. What cannot be read stays as it was.

    Raises Unavailable at once where PagerDuty gives no answer, and Rejected at the end where it refused a list.
    """
    refused: list[pagerduty.Rejected] = []
    is_complete = False
    try:
        for kind in MIRROR:
            try:
                sync_kind(client, kind, report, limits)
            except pagerduty.Rejected as error:
                report(f"{kind}: {error}")
                refused.append(error)
        is_complete = not refused
    finally:
        Sync.objects.release(is_complete=is_complete)
    LastKnown.objects.filter(fetched_at__lt=now() - USELESS_AFTER).delete()
    if refused:
        raise refused[0]


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
        reader.findings.add(reader.findings.batch_of(reader.patiently(reader.client.incident_types)))
    except pagerduty.Rejected as error:
        if not (reader.source.is_optional and error.status in {402, 404}):
            raise
    return ""
