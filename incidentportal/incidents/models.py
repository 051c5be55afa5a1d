"""Submissions: what people asked for, its states, and each attempt to send it. Drafts: what is still being written."""

import uuid
from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils.timezone import now

from incidentportal.audit.models import Event, record
from incidentportal.pagerduty import Incident

LEASE = timedelta(seconds=60)  # twice as long as an attempt can take: it never ends under a live one
# How long a request that we gave up on may still take effect, and PagerDuty's lists may not show what it did. Until
# then we only look, so that nobody is paged twice.
SETTLING = timedelta(seconds=60)
# No lease is longer, and no attempt is planned further ahead: a time beyond was written by a clock that was wrong.
FURTHEST = timedelta(minutes=10)
CLOCK_TOLERANCE = timedelta(minutes=1)  # by which the clocks of our machines may differ
DRAFTS_KEPT = timedelta(days=7)


class State(models.TextChoices):
    PENDING = "pending", "Pending"
    CREATED = "created", "Created"
    REJECTED = "rejected", "Rejected"
    EXPIRED = "expired", "Expired"
    CANCELLED = "cancelled", "Cancelled"


class SubmissionQuerySet(models.QuerySet["Submission"]):
    def due(self) -> "SubmissionQuerySet":
        """Pending, its time has come, and nobody holds the lease of an attempt."""
        at = now()
        is_free = Q(leased_until=None) | Q(leased_until__lte=at) | Q(leased_until__gt=at + FURTHEST)
        is_time = Q(next_attempt_at__lte=at) | Q(next_attempt_at__gt=at + FURTHEST)
        return self.filter(is_free, is_time, state=State.PENDING)

    def claim(self, submission: "Submission") -> "Attempt | None":
        """Reserve the next attempt for the caller, and write it down; None if another has it.

        `submission` must be as it was last read: where another attempt has begun since, there is nothing to claim.
        From here on an incident may exist, whatever becomes of the caller: `heard_at` says so until the attempt has
        ended. An attempt before it that never ended may still be under way, and counts as heard at this moment.
        """
        at = now()
        with transaction.atomic():
            due = self.due().select_for_update().filter(pk=submission.pk, attempts=submission.attempts)
            found = due.first()
            if found is None:
                return None
            heard_before = found.heard_at
            if found.leased_until is not None:
                heard_before, found.unseen_since = at, None
            found.attempts += 1
            found.leased_until, found.heard_at, found.touched_at = at + LEASE, at, at
            found.save(update_fields=["attempts", "leased_until", "heard_at", "unseen_since", "touched_at"])
            return found.attempt_set.create(number=found.attempts, started_at=at, heard_before=heard_before)

    def follow_the_clock(self) -> None:
        """Where the clock was set back, set the times of what is pending back with it.

        Without this, nothing would be tried until the clock has caught up, and then for longer than the window. The
        window keeps its end where it was reckoned by the clock that is right again.
        """
        for found in self.filter(state=State.PENDING, touched_at__gt=now() + CLOCK_TOLERANCE):
            back = found.touched_at - now()
            times = ["touched_at", "next_attempt_at", "leased_until", "heard_at", "key_in_use_at"]
            if found.created_at > now() + CLOCK_TOLERANCE:
                times.append("expires_at")
            moved = {name: getattr(found, name) - back for name in times if getattr(found, name)}
            self.filter(pk=found.pk, state=State.PENDING, touched_at=found.touched_at).update(**moved)

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
                | Q(incident_number__icontains=word.removeprefix("#") or word)
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
    service_id = models.CharField(max_length=64, db_index=True)
    service_name = models.TextField()
    request = models.JSONField()
    incident_key = models.CharField(max_length=255, db_index=True)
    is_key_typed = models.BooleanField(default=False)

    state = models.CharField(max_length=9, choices=State, default=State.PENDING)
    attempts = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField(default=now)
    leased_until = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField()
    # When a request was last sent that may have created the incident without our hearing of it; None: never.
    heard_at = models.DateTimeField(null=True, blank=True)
    # By PagerDuty's clock, when a look first saw nothing of what may have been heard; None: none has looked yet.
    unseen_since = models.DateTimeField(null=True, blank=True)
    # When PagerDuty first said that an open incident has our key: from then on we only look.
    key_in_use_at = models.DateTimeField(null=True, blank=True)
    # The ids of the incidents that had a typed key before we sent anything; None: PagerDuty could not be asked.
    seen_before = models.JSONField(null=True, blank=True)
    touched_at = models.DateTimeField(default=now)  # our clock when this row was last claimed or written
    cancel_asked_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    corrected_at = models.DateTimeField(null=True, blank=True)  # a "none was created" turned out to be wrong

    problem = models.TextField(blank=True)
    errors = models.JSONField(default=dict, blank=True)
    # The incident: ours where it was created; where one that was open under the same key stood in the way, that one.
    incident = models.JSONField(default=dict, blank=True)
    incident_id = models.CharField(max_length=64, blank=True, db_index=True)
    incident_number = models.CharField(max_length=20, blank=True)

    objects = SubmissionQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(fields=["created_by", "form_key"], name="one_submission_per_form"),
            models.UniqueConstraint(
                fields=["incident_id"],
                condition=Q(state="created") & ~Q(incident_id=""),
                name="one_submission_per_incident",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "next_attempt_at"], name="submissions_due"),
            models.Index(fields=["service_id", "-decided_at"], condition=Q(state="created"), name="created_on_service"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("incidents:detail", args=[self.pk])

    @property
    def is_under_way(self) -> bool:
        """Whether an attempt is being made at this moment."""
        return self.state == State.PENDING and self.leased_until is not None and self.leased_until > now()

    @property
    def is_overdue(self) -> bool:
        """Still undecided after the window: nothing is sent any more, we only look whether an attempt was heard."""
        return self.state == State.PENDING and now() >= self.expires_at

    @property
    def in_doubt_since(self) -> datetime | None:
        """Since when an incident of ours may be there that we do not see; None: there can be none."""
        is_there = self.state == State.CREATED
        return None if is_there else max(filter(None, (self.heard_at, self.key_in_use_at)), default=None)

    @property
    def settles_at(self) -> datetime | None:
        """From when on PagerDuty would show it, if it were there."""
        return self.in_doubt_since + SETTLING if self.in_doubt_since else None

    @property
    def incident_url(self) -> str:
        """PagerDuty's page of the incident; empty where what came is not a web address."""
        return Incident.read(self.incident).url

    def follow_the_clock(self) -> None:
        """Where the clock was set back since this was read, set the times of the row back before it is written."""
        if self.touched_at > now() + CLOCK_TOLERANCE:
            Submission.objects.filter(pk=self.pk).follow_the_clock()

    def record(self, event: Event, **facts: Any) -> None:
        """Write an audit entry about this submission."""
        record(event, f"submission:{self.pk}", actor=self.created_by, **facts)

    def update(self, *, event: Event, where: Q, **fields: Any) -> bool:
        """Change the row and record it, if `where` still holds. False, and nothing done, if not."""
        self.follow_the_clock()
        with transaction.atomic():
            is_written = Submission.objects.filter(where, pk=self.pk).update(**fields, touched_at=now()) == 1
            if is_written:
                self.record(event, **{name: fields[name] for name in ("state", "problem") if name in fields})
        self.refresh_from_db()
        return is_written


class Attempt(models.Model):
    """One attempt to send a submission, written down when it is claimed, and again when it ended."""

    class Outcome(models.TextChoices):
        """The state that it decided, or that it decided none. A process that dies leaves its attempt unfinished."""

        UNFINISHED = "", "Not finished"
        CREATED = State.CREATED.value, "Created"
        REJECTED = State.REJECTED.value, "Rejected"
        EXPIRED = State.EXPIRED.value, "Expired"
        CANCELLED = State.CANCELLED.value, "Cancelled"
        UNAVAILABLE = "unavailable", "Unavailable"

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE)
    number = models.PositiveIntegerField()
    started_at = models.DateTimeField()
    # When, before this attempt, a request may last have been heard; None: nothing of ours can have been there.
    heard_before = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=20, choices=Outcome, default=Outcome.UNFINISHED, blank=True)
    problem = models.TextField(blank=True)
    request_id = models.TextField(blank=True)
    is_sent = models.BooleanField(default=True)  # its request has taken effect, or still may

    class Meta:
        ordering = ["number", "pk"]

    def __str__(self) -> str:
        return f"attempt {self.number}: {self.outcome}"

    @property
    def took(self) -> timedelta | None:
        return self.ended_at - self.started_at if self.ended_at else None


class DraftQuerySet(models.QuerySet["Draft"]):
    def recent(self) -> Self:
        return self.filter(updated_at__gt=now() - DRAFTS_KEPT)

    def stale(self) -> Self:
        """What nobody came back to."""
        return self.filter(updated_at__lte=now() - DRAFTS_KEPT)


class Draft(models.Model):
    """A form that somebody has not sent yet, as it was typed. Only its author ever sees it."""

    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="drafts")
    form_key = models.UUIDField()
    updated_at = models.DateTimeField(default=now)
    answers = models.JSONField()

    objects = DraftQuerySet.as_manager()

    class Meta:
        ordering = ["-updated_at"]
        constraints = [models.UniqueConstraint(fields=["created_by", "form_key"], name="one_draft_per_form")]

    def __str__(self) -> str:
        return f"draft of {self.updated_at:%Y-%m-%d %H:%M}"

    @property
    def title(self) -> str:
        return " ".join(" ".join(self.answers.get("title", [])).split())


class Note(models.Model):
    """A report that was added to an incident that was already open, instead of raising another one."""

    class Outcome(models.TextChoices):
        """Whether PagerDuty took the note."""

        NOT_YET = "", "Not yet known"
        ADDED = "added", "Added"
        REJECTED = "rejected", "Rejected"
        UNKNOWN = "unknown", "Unknown"

    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    form_key = models.UUIDField()
    incident_id = models.CharField(max_length=64)
    content = models.TextField()
    digest = models.CharField(max_length=64)  # of the content: too long to be compared by an index
    created_at = models.DateTimeField(default=now)
    # A process that dies leaves it at "not yet", and the page says that nobody knows.
    outcome = models.CharField(max_length=20, choices=Outcome, default=Outcome.NOT_YET, blank=True)
    problem = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["created_by", "form_key", "incident_id", "digest"], name="one_note_per_form_and_text"
            )
        ]

    def __str__(self) -> str:
        return f"note to {self.incident_id}"

    @property
    def is_added(self) -> bool:
        return self.outcome == Note.Outcome.ADDED
