"""Submissions: what people asked for, the states it goes through, and each attempt to send it."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils.timezone import now

from incidentportal.audit.models import record

# Longer than one attempt can take (a look and a create, each with its time limits): a lease never ends under a live attempt.
LEASE = timedelta(seconds=60)


class State(models.TextChoices):
    PENDING = "pending", "Pending"
    CREATED = "created", "Created"
    REJECTED = "rejected", "Rejected"
    EXPIRED = "expired", "Expired"
    CANCELLED = "cancelled", "Cancelled"


class SubmissionQuerySet(models.QuerySet["Submission"]):
    def due(self) -> "SubmissionQuerySet":
        """Pending, and nobody holds the lease of an attempt."""
        return self.filter(state=State.PENDING, next_attempt_at__lte=now())

    def claim(self, submission: "Submission") -> bool:
        """Reserve the next attempt for the caller, or return False if another has it."""
        due = self.due().filter(pk=submission.pk)
        return due.update(attempts=F("attempts") + 1, next_attempt_at=now() + LEASE) == 1

    def search(self, words: str) -> "SubmissionQuerySet":
        """Every word anywhere in title, service, reporter, key or incident number."""
        found = self
        for word in words.replace("\x00", " ")[:200].split():
            found = found.filter(
                Q(title__icontains=word)
                | Q(service_name__icontains=word)
                | Q(sender_name__icontains=word)
                | Q(sender_email__icontains=word)
                | Q(incident_key__icontains=word)
                | Q(incident_number__icontains=word.removeprefix("#"))
            )
        return found


class Submission(models.Model):
    """One filled-in form. Stored before PagerDuty is called; the row is also the queue."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    form_key = models.UUIDField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="submissions")
    created_at = models.DateTimeField(default=now, db_index=True)
    sender_email = models.EmailField(max_length=320)
    sender_name = models.TextField()
    title = models.TextField()
    service_name = models.TextField()
    request = models.JSONField()
    incident_key = models.CharField(max_length=255, db_index=True)
    is_key_typed = models.BooleanField(default=False)

    state = models.CharField(max_length=9, choices=State, default=State.PENDING)
    attempts = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField(default=now)
    expires_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    problem = models.TextField(blank=True)
    errors = models.JSONField(default=dict, blank=True)
    incident = models.JSONField(default=dict, blank=True)
    incident_number = models.CharField(max_length=20, blank=True)

    objects = SubmissionQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [models.UniqueConstraint(fields=["created_by", "form_key"], name="one_submission_per_form")]
        indexes = [models.Index(fields=["state", "next_attempt_at"])]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("incidents:detail", args=[self.pk])

    @property
    def incident_url(self) -> str:
        """PagerDuty's page of the incident; empty where what came is not a web address."""
        url = str(self.incident.get("html_url") or "")
        return url if url.startswith(("https://", "http://")) else ""

    @property
    def assignees(self) -> list[str]:
        """The names of those whom PagerDuty assigned, as far as it told us."""
        assignments = self.incident.get("assignments")
        items = assignments if isinstance(assignments, list) else []
        people = [item.get("assignee") for item in items if isinstance(item, dict)]
        return [str(person.get("summary") or person.get("id")) for person in people if isinstance(person, dict)]

    def note(self, event: str, **facts: Any) -> None:
        """Write an audit entry about this submission."""
        record(event, f"submission:{self.pk}", actor=self.created_by, **facts)

    def update(self, *, attempt: int, event: str, **fields: Any) -> bool:
        """Change the row and record it, unless it was decided or another attempt has begun. False where it was."""
        with transaction.atomic():
            mine = Submission.objects.filter(pk=self.pk, state=State.PENDING, attempts=attempt)
            if not mine.update(**fields):
                return False
            self.note(event, attempt=attempt, problem=fields.get("problem", ""))
        self.refresh_from_db()
        return True


class Attempt(models.Model):
    """One attempt to send a submission, written when it ended."""

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE)
    number = models.PositiveIntegerField()
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(default=now)
    outcome = models.CharField(max_length=20)
    problem = models.TextField(blank=True)
    request_id = models.TextField(blank=True)

    class Meta:
        ordering = ["number", "pk"]

    def __str__(self) -> str:
        return f"attempt {self.number}: {self.outcome}"

    @property
    def took(self) -> timedelta:
        return self.ended_at - self.started_at


def window_end(start: datetime) -> datetime:
    """When we stop trying to send what was submitted at `start`."""
    return start + timedelta(minutes=settings.DELIVERY_WINDOW_MINUTES)
