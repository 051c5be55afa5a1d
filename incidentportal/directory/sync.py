"""Bring the whole mirror up to date: kind by kind, each of them entirely or not at all."""

from collections.abc import Callable, Iterator
from datetime import timedelta

from django.utils.timezone import now

from incidentportal import pagerduty
from incidentportal.directory.bookkeeping import SYNCED, forget_before
from incidentportal.directory.mirror import Findings, write
from incidentportal.directory.models import Sync

Report = Callable[[str], None]
# PagerDuty's name of the list; and whether 402 or 404 means that the account does without.
LISTS = {
    "teams": ("teams", True),
    "priorities": ("priorities", True),
    "incident-types": ("incident_types", True),
    "escalation-policies": ("escalation_policies", False),
    "services": ("services", False),
    "people": ("users", False),
}
STRATEGIES = [("include[]", "escalation_rule_assignment_strategies")]
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
    findings = Findings(kind)
    try:
        calls = read(client, findings)
    except (pagerduty.Rejected, pagerduty.Unavailable, pagerduty.ListTooLong) as error:
        Sync.objects.filter(kind=kind).update(problem=str(error))
        raise
    changed, gone = write(findings)
    facts = {"rows": len(findings.seen), "changed": changed, "gone": gone, "calls": calls, "problem": ""}
    Sync.objects.filter(kind=kind).update(started_at=findings.started_at, synced_at=now(), **facts)
    report(f"{kind}: {len(findings.seen):,} ({changed:,} changed, {gone:,} gone, {calls:,} calls)")


def read(client: pagerduty.Client, findings: Findings) -> int:
    """Take every page of a kind. Returns the number of calls."""
    calls = 0
    name, may_be_missing = LISTS[findings.kind]
    try:
        for page in pages(client, name):
            findings.take(page)
            calls += 1
    except pagerduty.Rejected as error:
        if not (may_be_missing and error.status in {402, 404} and calls == 0):
            raise
        calls = 1
    return calls


def pages(client: pagerduty.Client, name: str) -> Iterator[list[pagerduty.JSON]]:
    if name == "incident_types":
        yield client.incident_types()
    else:
        yield from client.pages(name, STRATEGIES if name == "escalation_policies" else None)
