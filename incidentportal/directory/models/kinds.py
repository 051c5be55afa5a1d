"""The kinds of things in the directory. To add one, write its class, and name it at the end."""

import re
from datetime import datetime
from typing import Any, ClassVar

from django.db import models

from incidentportal.directory.models.mirrored import (
    Mirrored,
    MirroredQuerySet,
    PagerDutyList,
    name_in,
    read_teams,
)
from incidentportal.directory.models.service import EscalationPolicy, Service
from incidentportal.directory.text import key_of
from incidentportal.pagerduty.reading import JSON, number, one_line, text
from incidentportal.wording import clock, zone_of

COLOR = re.compile(r"[0-9A-Fa-f]{6}")
ROLES = {
    "read_only_user": "stakeholder",
    "read_only_limited_user": "stakeholder",
    "observer": "observer",
    "restricted_access": "restricted access",
}


class Team(Mirrored):
    kind = "teams"
    source = PagerDutyList("teams", is_optional=True)

    description = models.TextField(blank=True)

    objects = MirroredQuerySet["Team"].as_manager()


class Priority(Mirrored):
    kind = "priorities"
    source = PagerDutyList("priorities", is_optional=True)

    description = models.TextField(blank=True)
    color = models.CharField(max_length=6, blank=True)
    order = models.BigIntegerField(default=0)

    objects = MirroredQuerySet["Priority"].as_manager()

    class Meta(Mirrored.Meta):
        ordering = ["-order", "name_key"]  # the most severe first
        verbose_name_plural = "priorities"

    @classmethod
    def read_own(cls, raw: JSON) -> JSON:
        color = text(raw.get("color")).removeprefix("#")
        return {
            "description": text(raw.get("description")),
            "color": color.lower() if COLOR.fullmatch(color) else "",
            "order": number(raw.get("order")),
        }


class IncidentType(Mirrored):
    kind = "incident-types"
    source = PagerDutyList("incident_types", is_optional=True, is_paged=False)
    NAME_KEYS: ClassVar = {"name": "name_key", "display_name": "display_key"}

    display_name = models.TextField(blank=True)
    display_key = models.CharField(max_length=200, db_index=True, editable=False)
    description = models.TextField(blank=True)
    enabled = models.BooleanField(default=True)

    objects = MirroredQuerySet["IncidentType"].as_manager()

    @classmethod
    def read_own(cls, raw: JSON) -> JSON:
        return {
            "display_name": one_line(raw.get("display_name")) or name_in(raw),
            "description": text(raw.get("description")),
            "enabled": raw.get("enabled") is not False,
        }


class PersonQuerySet(MirroredQuerySet["Person"]):
    def for_login(self, user: Any) -> "Person | None":
        """The PagerDuty user with the e-mail address of this log-in, in whatever case; None where there is none."""
        email = getattr(user, "email", "").strip()
        if not email:
            return None
        candidates = self.current().filter(email_key=key_of(email)).order_by("pk")
        return next((person for person in candidates if person.email.casefold() == email.casefold()), None)


class Person(Mirrored):
    kind = "people"
    source = PagerDutyList("users", has_teams=True)
    NAME_KEYS: ClassVar = {"name": "name_key", "email": "email_key"}
    SEARCHED: ClassVar = ("email", "team_names", "job_title")
    SHOWN: ClassVar = ("team_names", "email", "time_zone", "job_title", "role")
    form_field = "assignees"

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

    @classmethod
    def read_own(cls, raw: JSON) -> JSON:
        return {
            "email": one_line(raw.get("email")),
            "time_zone": text(raw.get("time_zone"))[:64],
            "role": text(raw.get("role"))[:40],
            "job_title": one_line(raw.get("job_title")),
            **read_teams(raw),
        }

    def facts(self, at: datetime) -> list[str]:
        return [self.local_note(at), self.job_title, self.team_names, self.email, ROLES.get(self.role, "")]

    def local_note(self, at: datetime) -> str:
        """Their clock in words: "03:12 in Berlin"; empty if their time zone is unknown."""
        return clock(at, self.time_zone, at) if zone_of(self.time_zone) else ""


# In the order of a sync: lists are read by team, and services refer to policies.
MODELS: tuple[type[Mirrored], ...] = (Team, Priority, IncidentType, EscalationPolicy, Service, Person)
MIRROR: dict[str, type[Mirrored]] = {model.kind: model for model in MODELS}
# Those that can be looked up, starred and given other names, in the order of the tabs on their page.
LOOKED_UP: tuple[type[Mirrored], ...] = (Service, EscalationPolicy, Person)
KINDS: dict[str, type[Mirrored]] = {model.kind: model for model in LOOKED_UP}


def kind_choices() -> list[tuple[str, str]]:
    return [(kind, model.label()) for kind, model in KINDS.items()]
