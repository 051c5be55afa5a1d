"""A local mirror of a PagerDuty account. Rows keep PagerDuty's id, and are marked gone, never deleted."""

from datetime import UTC, datetime
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.timezone import now

from incidentportal.directory import urgency
from incidentportal.directory.bookkeeping import Alias, Favorite, LastKnown, Sync, SyncPart
from incidentportal.directory.text import clean, key_of
from incidentportal.timezones import city_of, zone_of

ID_LENGTH = 64
__all__ = [
    "KINDS",
    "MIRROR",
    "Alias",
    "EscalationPolicy",
    "Favorite",
    "IncidentType",
    "LastKnown",
    "Mirrored",
    "Person",
    "Priority",
    "Service",
    "Sync",
    "SyncPart",
    "Team",
]


class MirroredQuerySet[Row: "Mirrored"](models.QuerySet[Row]):
    def current(self) -> Self:
        """What PagerDuty still has."""
        return self.filter(is_gone=False)

    def named(self, value: str) -> Row:
        """The current row with this id, or with this exact name; upper and lower case count only between several.

        Raises the model's DoesNotExist or MultipleObjectsReturned.
        """
        key = key_of(value)
        is_it = Q(pk=clean(value)[:ID_LENGTH])
        for name in self.model.KEYS:
            is_it |= Q(**{name: key})
        found = list(self.current().filter(is_it))
        for wanted in (is_id_of, is_name_of, is_folded_name_of):
            rows = [row for row in found if wanted(row, value)]
            if len(rows) == 1:
                return rows[0]
            if rows:
                raise self.model.MultipleObjectsReturned(f"{len(rows)} rows are called {value!r}.")
        raise self.model.DoesNotExist(f"Nothing is called {value!r}.")


class PersonQuerySet(MirroredQuerySet["Person"]):
    def for_login(self, user: Any) -> "Person | None":
        """The PagerDuty user with the e-mail address of this log-in, in whatever case; None where there is none."""
        email = getattr(user, "email", "").strip()
        if not email:
            return None
        found = self.current().filter(email_key=key_of(email)).order_by("pk")
        return next((person for person in found if person.email.casefold() == email.casefold()), None)


class Mirrored(models.Model):
    """What every object of PagerDuty has.

    `synced_at` is when this row last changed here. That it is still so, the Sync of its kind says.
    """

    KEYS: tuple[str, ...] = ("name_key",)  # columns to find a row by name
    NAMES: tuple[str, ...] = ("name",)  # what they are the keys of

    id = models.CharField(max_length=ID_LENGTH, primary_key=True)
    name = models.TextField()
    name_key = models.CharField(max_length=200, db_index=True, editable=False)
    html_url = models.TextField(blank=True)
    is_gone = models.BooleanField(default=False)
    synced_at = models.DateTimeField(default=now)
    searched = models.TextField(blank=True, editable=False)  # all that a query is compared with, folded
    digest = models.CharField(max_length=32, blank=True, editable=False)  # of all that came from PagerDuty

    class Meta:
        abstract = True
        ordering = ["name_key", "id"]

    def __str__(self) -> str:
        return self.name


class Team(Mirrored):
    description = models.TextField(blank=True)

    objects = MirroredQuerySet["Team"].as_manager()


class EscalationPolicy(Mirrored):
    """`rules`: {"id", "delay_minutes", "strategy", "targets": [{"id", "type", "name"}]} for each level."""

    description = models.TextField(blank=True)
    num_loops = models.PositiveIntegerField(default=0)
    rules = models.JSONField(default=list)
    team_ids = models.JSONField(default=list)
    team_names = models.TextField(blank=True)

    objects = MirroredQuerySet["EscalationPolicy"].as_manager()

    class Meta(Mirrored.Meta):
        verbose_name_plural = "escalation policies"


class Service(Mirrored):
    description = models.TextField(blank=True)
    status = models.CharField(max_length=20, blank=True)
    # Without a constraint: a service may name a policy that this token cannot see.
    escalation_policy = models.ForeignKey(
        EscalationPolicy, models.DO_NOTHING, null=True, blank=True, db_constraint=False, related_name="services"
    )
    urgency_rule = models.JSONField(default=dict)
    support_hours = models.JSONField(null=True, blank=True)
    scheduled_actions = models.JSONField(default=list)
    team_ids = models.JSONField(default=list)
    team_names = models.TextField(blank=True)

    objects = MirroredQuerySet["Service"].as_manager()

    @property
    def own_policy(self) -> EscalationPolicy | None:
        """Its escalation policy; None where the mirror has no row of it."""
        try:
            return self.escalation_policy
        except EscalationPolicy.DoesNotExist:
            return None

    @property
    def disabled_reason(self) -> str:
        """Why nothing can be created on it, as a sentence; empty where it can."""
        if self.is_gone:
            return "This service no longer exists in PagerDuty."
        return "This service is disabled in PagerDuty: it creates no incidents." if self.status == "disabled" else ""

    @property
    def is_in_maintenance(self) -> bool:
        return self.status == "maintenance"

    def urgency_at(self, at: datetime) -> str:
        return urgency.urgency_at(self.urgency_rule, self.support_hours, at)

    def next_urgency_change(self, at: datetime) -> datetime | None:
        return urgency.next_change(self.urgency_rule, self.support_hours, at)

    def urgency_note(self, at: datetime | None = None) -> str:
        """The urgency that it would choose, in words: "high until 18:00 (New York), then low"."""
        return urgency.note(self.urgency_rule, self.support_hours, self.scheduled_actions, at or now())


class Person(Mirrored):
    KEYS = ("name_key", "email_key")
    NAMES = ("name", "email")

    email = models.TextField(blank=True)
    email_key = models.CharField(max_length=200, db_index=True, editable=False)
    time_zone = models.CharField(max_length=64, blank=True)
    role = models.CharField(max_length=40, blank=True)
    job_title = models.TextField(blank=True)
    team_ids = models.JSONField(default=list)
    team_names = models.TextField(blank=True)

    objects = PersonQuerySet.as_manager()

    class Meta(Mirrored.Meta):
        verbose_name_plural = "people"

    def local_time(self, at: datetime) -> datetime:
        """That moment on this person's clock; UTC where their time zone is not known."""
        return at.astimezone(zone_of(self.time_zone) or UTC)

    def local_note(self, at: datetime) -> str:
        """Their clock in words: "03:12 in Berlin"; empty where their time zone is not known."""
        return f"{self.local_time(at):%H:%M} in {city_of(self.time_zone)}" if zone_of(self.time_zone) else ""


class Priority(Mirrored):
    description = models.TextField(blank=True)
    color = models.CharField(max_length=6, blank=True)
    order = models.BigIntegerField(default=0)

    objects = MirroredQuerySet["Priority"].as_manager()

    class Meta(Mirrored.Meta):
        ordering = ["-order", "name_key"]  # the most severe first
        verbose_name_plural = "priorities"


class IncidentType(Mirrored):
    KEYS = ("name_key", "display_key")
    NAMES = ("name", "display_name")

    display_name = models.TextField(blank=True)
    display_key = models.CharField(max_length=200, db_index=True, editable=False)
    description = models.TextField(blank=True)
    enabled = models.BooleanField(default=True)

    objects = MirroredQuerySet["IncidentType"].as_manager()


# The kinds that can be looked up, as they stand in addresses.
KINDS: dict[str, type[Mirrored]] = {"services": Service, "escalation-policies": EscalationPolicy, "people": Person}
MIRROR: dict[str, type[Mirrored]] = {"teams": Team, "priorities": Priority, "incident-types": IncidentType, **KINDS}


def is_id_of(row: Mirrored, value: str) -> bool:
    return str(row.pk) == value


def is_name_of(row: Mirrored, value: str) -> bool:
    return any(getattr(row, name) == value for name in row.NAMES)


def is_folded_name_of(row: Mirrored, value: str) -> bool:
    # The keys are cut, so names that are longer are compared in full.
    wanted = " ".join(value.casefold().split())
    return any(" ".join(getattr(row, name).casefold().split()) == wanted for name in row.NAMES)
