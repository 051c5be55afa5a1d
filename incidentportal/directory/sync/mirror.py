"""Writing to the mirror: only what changed, in one transaction, never over something newer."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from itertools import batched

from django.db import transaction
from django.utils.timezone import now

from incidentportal.directory.models import MIRROR, EscalationPolicy, Service, Sync
from incidentportal.directory.models.mirrored import SEARCH_PART
from incidentportal.directory.text import key_of
from incidentportal.pagerduty.reading import JSON

ROWS_AT_ONCE = 500


@dataclass(frozen=True)
class Batch:
    """What matters of a batch of a list. `changed`: the columns of those rows that differ from the mirror."""

    ids: list[str]
    changed: list[JSON]
    skipped: int  # rows without a usable id
    more: bool | None  # whether the list goes on; None where PagerDuty does not say
    total: int | None

    @property
    def rows(self) -> int:
        """How many came."""
        return len(self.ids) + self.skipped


@dataclass
class Findings:
    """What a reading of a kind has found: the ids of all there is, and the columns of what differs from the mirror."""

    kind: str
    started_at: datetime = field(default_factory=now)
    seen: set[str] = field(default_factory=set)
    changed: dict[str, bytes] = field(default_factory=dict)  # as JSON: a tenth of the memory
    skipped: int = 0
    is_complete: bool = True

    def __post_init__(self) -> None:
        self.known = digests(self.kind)

    @property
    def count(self) -> int:
        return len(self.seen) + self.skipped

    def batch_of(self, raws: list[JSON], more: bool | None = False, total: int | None = None) -> Batch:
        """What matters of PagerDuty's rows."""
        rows = [columns for columns in map(MIRROR[self.kind].read, raws) if columns]
        changed = [columns for columns in rows if self.known.get(columns["id"]) != columns["digest"]]
        return Batch([columns["id"] for columns in rows], changed, len(raws) - len(rows), more, total)

    def add(self, batch: Batch) -> None:
        self.seen.update(batch.ids)
        self.changed.update((columns["id"], json.dumps(columns).encode()) for columns in batch.changed)
        self.skipped += batch.skipped


def digests(kind: str, **only: str) -> dict[str, str]:
    """The digest of each current row of a kind, by id."""
    return dict(MIRROR[kind]._default_manager.filter(is_gone=False, **only).values_list("pk", "digest"))


def write(findings: Findings) -> tuple[int, int]:
    """Bring the mirror of a kind to what was found. Returns how many rows changed and how many are gone.

    What was refreshed after the reading began is newer than what it found, and stays. Nothing is marked gone by a
    reading that is not complete.
    """
    rows = MIRROR[findings.kind]._default_manager
    with transaction.atomic():
        newer = set(rows.filter(synced_at__gt=findings.started_at).values_list("pk", flat=True))
        changed = findings.changed.keys() - newer
        gone = findings.known.keys() - findings.seen - newer if findings.is_complete else set()
        is_search_affected = bool(gone)
        for some in batched(sorted(changed), ROWS_AT_ONCE):
            columns = [json.loads(findings.changed[pk]) for pk in some]
            is_search_affected |= upsert(findings.kind, columns, findings.known)
        for some in batched(sorted(gone), ROWS_AT_ONCE):
            rows.filter(pk__in=some).update(is_gone=True, synced_at=now())
        if is_search_affected:
            Sync.objects.touch(findings.kind)
    return len(changed), len(gone)


def write_one(kind: str, raw: JSON) -> None:
    """Bring one row to what PagerDuty just said of it."""
    columns = MIRROR[kind].read(raw)
    if columns is None:
        return
    with transaction.atomic():
        known = digests(kind, pk=columns["id"])
        if known.get(columns["id"]) != columns["digest"] and upsert(kind, [columns], known):
            Sync.objects.touch(kind)


def mark_gone(kind: str, pk: str) -> None:
    """PagerDuty no longer has it."""
    with transaction.atomic():
        if MIRROR[kind]._default_manager.filter(pk=pk, is_gone=False).update(is_gone=True, synced_at=now()):
            Sync.objects.touch(kind)


def mark_stale(kind: str, pk: str) -> None:
    """Our row is out of date, and the new one could not be read: whoever asks or syncs next replaces it."""
    MIRROR[kind]._default_manager.filter(pk=pk).update(digest="")


def upsert(kind: str, rows: list[JSON], known: dict[str, str]) -> bool:
    """Add or replace these rows. Returns whether what can be searched is other than in the rows that were known."""
    model, at = MIRROR[kind], now()
    fields = [column.name for column in model._meta.concrete_fields if not column.primary_key]
    instances = [model(**columns, synced_at=at, is_gone=False) for columns in rows]
    model._default_manager.bulk_create(instances, update_conflicts=True, unique_fields=["id"], update_fields=fields)
    if kind == Service.kind:
        stand_in_for_hidden_policies(rows)
    return any(known.get(row["id"], "")[:SEARCH_PART] != row["digest"][:SEARCH_PART] for row in rows)


def stand_in_for_hidden_policies(services: list[JSON]) -> None:
    """Make a row, marked gone, for each policy that these services name and that this token is not shown."""
    ids = {row["escalation_policy_id"] for row in services} - {None}
    names = {pk: f"{pk} (not shown to the portal)" for pk in ids}
    rows = [EscalationPolicy(id=pk, name=name, name_key=key_of(name), is_gone=True) for pk, name in names.items()]
    EscalationPolicy.objects.bulk_create(rows, ignore_conflicts=True)
