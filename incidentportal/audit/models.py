"""Audit entries: what happened, to what, by whom. Rows are only ever added."""

from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.timezone import now


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


def record(event: str, subject: str, *, actor: Any = None, **facts: Any) -> None:
    """Add an entry. Call it in the transaction of the change that it records; never give it a secret."""
    Entry.objects.create(event=event, subject=subject, actor=actor, facts=facts)
