"""Bring the whole mirror up to date: kind by kind, each of them entirely or not at all."""

from datetime import timedelta

from django.utils.timezone import now

from incidentportal import pagerduty
from incidentportal.directory.bookkeeping import SYNCED, forget_before
from incidentportal.directory.models import Sync
from incidentportal.directory.sync.list_reader import Part, Reader, Report
from incidentportal.directory.sync.mirror import Findings, write
from incidentportal.directory.sync.partitioned_lists import read_all

STRATEGIES = (("include[]", "escalation_rule_assignment_strategies"),)
# PagerDuty's name of the list; what else to ask for; and whether 402 or 404 means that the account does without.
LISTS: dict[str, tuple[str, tuple[tuple[str, str], ...], bool]] = {
    "teams": ("teams", (), True),
    "priorities": ("priorities", (), True),
    "incident-types": ("incident_types", (), True),
    "escalation-policies": ("escalation_policies", STRATEGIES, False),
    "services": ("services", (), False),
    "people": ("users", (), False),
}
USELESS_AFTER = timedelta(days=30)


def sync(client: pagerduty.Client, *, report: Report) -> None:
    """Read everything and say how far it is. What cannot be had stays as it was.

    Raises Unavailable at once where PagerDuty gives no answer, and Rejected at the end where it refused a list.
    """
    refused: list[pagerduty.Rejected] = []
    is_complete = False
    try:
        for kind in SYNCED:
            try:
                sync_kind(client, kind, report)
            except pagerduty.Rejected as error:
                report(f"{kind}: {error}")
                refused.append(error)
        is_complete = not refused
    finally:
        Sync.objects.release(is_complete=is_complete)
    forget_before(now() - USELESS_AFTER)
    if refused:
        raise refused[0]


def sync_kind(client: pagerduty.Client, kind: str, report: Report) -> None:
    """Read one kind to its end, with no transaction open, then write it in one."""
    Sync.objects.get_or_create(kind=kind)
    name, query, may_be_missing = LISTS[kind]
    reader = Reader(client, name, Findings(kind), report)
    try:
        problem = read(reader, Part(query), may_be_missing=may_be_missing)
    except pagerduty.Problem as error:
        reader.break_off()
        Sync.objects.filter(kind=kind).update(problem=str(error))
        raise
    findings = reader.findings
    changed, gone = write(findings)
    reader.finish()
    facts = {"rows": len(findings.seen), "changed": changed, "gone": gone, "calls": reader.calls, "problem": problem}
    Sync.objects.filter(kind=kind).update(started_at=findings.started_at, synced_at=now(), **facts)
    said = f"{kind}: {len(findings.seen):,} ({changed:,} changed, {gone:,} gone; {reader.calls:,} calls)"
    report(f"{said}. {problem}" if problem else said)


def read(reader: Reader, whole: Part, *, may_be_missing: bool) -> str:
    """Take every row of a kind. Returns a sentence on what may be missing."""
    try:
        if reader.findings.kind == "incident-types":  # the one list without pages
            rows = reader.patiently(reader.client.incident_types)
            reader.findings.add(reader.findings.page_of(rows))
            return ""
        return read_all(reader, whole)
    except pagerduty.Rejected as error:
        if may_be_missing and error.status in {402, 404}:
            return ""
        raise
