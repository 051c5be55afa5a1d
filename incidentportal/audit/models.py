"""Audit entries: what happened, to what, by whom. Rows are only ever added."""

from enum import StrEnum
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.timezone import now


class Event(StrEnum):
    """All that is recorded. The values are stored: never change one: old entries still carry it."""

    SUBMISSION_STORED = "submission stored"
    SUBMISSION_UNAVAILABLE = "submission unavailable"
    SUBMISSION_CREATED = "submission created"
    SUBMISSION_REJECTED = "submission rejected"
    SUBMISSION_EXPIRED = "submission expired"
    SUBMISSION_CORRECTED = "submission corrected"
    SUBMISSION_CANCELLED = "submission cancelled"
    CANCELLATION_REQUESTED = "cancellation asked for"
    NOTE_ADDED = "note added"
    NOTE_REJECTED = "note rejected"
    NOTE_UNKNOWN = "note unknown"
    ALIASES_IMPORTED = "aliases imported"


class Entry(models.Model):
    """One thing that happened, in the past tense."""

    at = models.DateTimeField(default=now, db_index=True)
    event = models.CharField(max_length=100)
    subject = models.CharField(max_length=100, db_index=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    facts = models.JSONField(default=dict, encoder=DjangoJSONEncoder)

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name_plural = "entries"

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.event} ({self.subject})"


def record(event: Event, subject: str, *, actor: User | None = None, **facts: Any) -> None:
    """Add an entry. Call it in the transaction of the change that it records; never give it a secret."""
    Entry.objects.create(event=event, subject=subject, actor=actor, facts=facts)
