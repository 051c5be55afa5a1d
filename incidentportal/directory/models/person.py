from datetime import UTC, datetime
from typing import Any, ClassVar

from django.db import models

from incidentportal.directory.models.mirrored import LookUp, Mirrored, MirroredQuerySet, PagerDutyList, read_teams
from incidentportal.directory.text import key_of
from incidentportal.pagerduty.reading import JSON, one_line, text
from incidentportal.wording import clock, zone_of

ROLES = {
    "read_only_user": "stakeholder",
    "read_only_limited_user": "stakeholder",
    "observer": "observer",
    "restricted_access": "restricted access",
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
    look_up = LookUp(3, ("team_names", "email", "time_zone", "job_title", "role"), "assignees")
    NAME_KEYS: ClassVar = {"name": "name_key", "email": "email_key"}
    SEARCHED: ClassVar = ("email", "team_names", "job_title")

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

    def local_time(self, at: datetime) -> datetime:
        """That moment on this person's clock; UTC where their time zone is not known."""
        return at.astimezone(zone_of(self.time_zone) or UTC)

    def local_note(self, at: datetime) -> str:
        """Their clock in words: "03:12 in Berlin"; empty if their time zone is unknown."""
        return clock(at, self.time_zone, at) if zone_of(self.time_zone) else ""
