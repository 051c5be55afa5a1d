"""What the portal knows beside the mirror: its own words and stars, when it last asked, and what it then heard."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.timezone import now

SYNCED = ("teams", "priorities", "incident-types", "escalation-policies", "services", "people")
WHOLE = "directory"
LEASE = timedelta(minutes=10)
AFTER_FAILURE = timedelta(minutes=1)


def new_version() -> str:
    return secrets.token_hex(8)


class SyncQuerySet(models.QuerySet["Sync"]):
    def age(self) -> timedelta | None:
        """How long ago the oldest part of the mirror was complete; None where a part never was."""
        times = dict(self.filter(kind__in=SYNCED).values_list("kind", "synced_at"))
        found = [times.get(kind) for kind in SYNCED]
        known = [moment for moment in found if moment is not None]
        return max(now() - min(known), timedelta()) if len(known) == len(SYNCED) else None

    def claim(self, max_age: timedelta) -> bool:
        """Whether the mirror is older than `max_age` and the caller is the one to sync it now.

        Of several workers one gets True. After a failure nobody does for a minute.
        """
        age = self.age()
        if age is not None and age < max_age:
            return False
        self.get_or_create(kind=WHOLE)
        free = Q(claimed_until=None) | Q(claimed_until__lte=now())
        return self.filter(free, kind=WHOLE).update(claimed_until=now() + LEASE) == 1

    def release(self, *, is_complete: bool) -> None:
        """The sync has ended: give the claim back, at once or after a pause."""
        until = now() if is_complete else now() + AFTER_FAILURE
        self.filter(kind=WHOLE).update(claimed_until=until)

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
    """One page of a long list, kept until the list is complete, so that a sync that broke off can go on."""

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


class Alias(models.Model):
    """Words that people use for a thing and that PagerDuty does not know: "till", "the login page"."""

    KINDS = (("services", "Service"), ("escalation-policies", "Escalation policy"), ("people", "Person"))
    kind = models.CharField(max_length=40, choices=KINDS, default="services")
    target_id = models.CharField("PagerDuty id", max_length=64)
    words = models.TextField()
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["kind", "target_id"]
        verbose_name_plural = "aliases"
        constraints = [models.UniqueConstraint(fields=["kind", "target_id"], name="one_alias_row_per_thing")]

    def __str__(self) -> str:
        return f"{self.target_id}: {self.words}"


class Favorite(models.Model):
    """That a person starred a thing, or used it, and when."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=40, choices=Alias.KINDS)
    target_id = models.CharField(max_length=64)
    is_starred = models.BooleanField(default=False)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-is_starred", models.F("used_at").desc(nulls_last=True)]
        constraints = [models.UniqueConstraint(fields=["user", "kind", "target_id"], name="one_favorite_per_thing")]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.kind} {self.target_id}"


def forget_before(moment: datetime) -> Any:
    """Delete last known answers that are too old to be of any use."""
    return LastKnown.objects.filter(fetched_at__lt=moment).delete()
