"""How fresh the mirror is, who makes it fresh, and what PagerDuty last answered to live look-ups."""

import secrets
from datetime import timedelta

from django.db import models
from django.db.models import Q
from django.utils.timezone import now

from incidentportal.directory.models.kinds import MIRROR

WHOLE = "directory"
LEASE = timedelta(minutes=10)
AFTER_FAILURE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(minutes=15)
# Paging does without the others.
NEEDED = [kind for kind, model in MIRROR.items() if not model.source.is_optional]


def new_version() -> str:
    return secrets.token_hex(8)


class SyncQuerySet(models.QuerySet["Sync"]):
    def age(self) -> timedelta | None:
        """How long ago the oldest part of the mirror that paging needs was read; None where one never was."""
        moments = [sync.synced_at for sync in self.filter(kind__in=NEEDED) if sync.synced_at]
        return max(now() - min(moments), timedelta()) if len(moments) == len(NEEDED) else None

    def problems(self) -> list[str]:
        """What the mirror may lack, in a sentence for each kind of which it may lack something."""
        found = dict(self.filter(kind__in=MIRROR).exclude(problem="").values_list("kind", "problem"))
        return [f"{model.label_plural()}: {found[kind]}" for kind, model in MIRROR.items() if kind in found]

    def claim(self, max_age: timedelta) -> bool:
        """Whether the mirror is older than `max_age` and the caller is the one to sync it now.

        Of several workers one gets True. After a failure nobody does for a while.
        """
        age = self.age()
        if age is not None and age < max_age:
            return False
        self.get_or_create(kind=WHOLE)
        free = Q(claimed_until=None) | Q(claimed_until__lte=now())
        return self.filter(free, kind=WHOLE).update(claimed_until=now() + LEASE) == 1

    def release(self, *, is_complete: bool) -> None:
        """The sync has ended: give the claim back, at once, or after a pause that doubles from failure to failure.

        The row of the whole directory was started when the failures began.
        """
        if is_complete:
            self.filter(kind=WHOLE).update(claimed_until=now(), started_at=None, synced_at=now())
            return
        self.filter(kind=WHOLE, started_at=None).update(started_at=now())
        began = self.filter(kind=WHOLE).values_list("started_at", flat=True).first() or now()
        pause = min(max(now() - began, AFTER_FAILURE), LONGEST_PAUSE)
        self.filter(kind=WHOLE).update(claimed_until=now() + pause)

    def touch(self, kind: str) -> None:
        """What can be searched has changed: every process reads it again."""
        self.filter(kind=kind).update(version=new_version())


class Sync(models.Model):
    """How fresh the mirror of one kind is, and what it cost to make it so."""

    kind = models.CharField(max_length=40, unique=True)
    version = models.CharField(max_length=16, default=new_version, help_text="Changes with what can be searched.")
    started_at = models.DateTimeField(null=True, blank=True)
    synced_at = models.DateTimeField(null=True, blank=True, help_text="When it was last read to its end.")
    rows = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    gone = models.PositiveIntegerField(default=0)
    calls = models.PositiveIntegerField(default=0)
    problem = models.TextField(blank=True)
    claimed_until = models.DateTimeField(null=True, blank=True)

    objects = SyncQuerySet.as_manager()

    class Meta:
        ordering = ["kind"]

    def __str__(self) -> str:
        return self.kind


class SyncPart(models.Model):
    """One batch of a long list, kept until the list is complete, so that an interrupted sync can go on."""

    kind = models.CharField(max_length=40)
    part = models.CharField(max_length=32)
    offset = models.PositiveIntegerField()
    answer = models.JSONField()
    fetched_at = models.DateTimeField(default=now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "part", "offset"], name="one_row_per_page")]

    def __str__(self) -> str:
        return f"{self.kind} {self.part} from {self.offset}"


class LastKnown(models.Model):
    """The last answer that PagerDuty gave to a live look-up, for when it gives none."""

    key = models.CharField(max_length=200, primary_key=True)
    answer = models.JSONField()
    fetched_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = "last known answer"

    def __str__(self) -> str:
        return self.key
