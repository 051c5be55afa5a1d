from datetime import datetime
from typing import ClassVar

from django.db import models

from incidentportal.directory.models.escalation_policy import EscalationPolicy
from incidentportal.directory.models.mirrored import LookUp, Mirrored, MirroredQuerySet, PagerDutyList, read_teams
from incidentportal.directory.urgency import OwnUrgency, own_urgency
from incidentportal.pagerduty.reading import JSON, id_in, object_in, objects_in, storable, text
from incidentportal.wording import gone

POLICY_NAME = """
    (SELECT policy.name FROM directory_escalationpolicy policy WHERE policy.id = escalation_policy_id) AS policy_name
"""


class Service(Mirrored):
    kind = "services"
    source = PagerDutyList("services", is_sortable=True, has_teams=True)
    look_up = LookUp(1, ("status", "team_names", "escalation_policy_id", POLICY_NAME), "service")
    SEARCHED: ClassVar = ("team_names", "description")
    policy_name = ""  # of its escalation policy: only look-ups read it

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

    @classmethod
    def read_own(cls, raw: JSON) -> JSON:
        return {
            "description": text(raw.get("description")),
            "status": text(raw.get("status"))[:20],
            "escalation_policy_id": id_in(raw.get("escalation_policy")) or None,
            "urgency_rule": storable(object_in(raw.get("incident_urgency_rule"))),
            "support_hours": storable(object_in(raw.get("support_hours"))) or None,
            "scheduled_actions": storable(objects_in(raw.get("scheduled_actions"))),
            **read_teams(raw),
        }

    def facts(self, at: datetime) -> list[str]:
        policy = f"policy: {self.policy_name}" if self.policy_name else ""
        return [self.team_names, policy, "in maintenance" if self.is_in_maintenance else ""]

    @property
    def oncall_policy_id(self) -> str | None:
        return self.escalation_policy_id

    @property
    def own_policy(self) -> EscalationPolicy | None:
        """Its escalation policy; None where the mirror has no row of it."""
        try:
            return self.escalation_policy
        except EscalationPolicy.DoesNotExist:
            return None

    @property
    def disabled_reason(self) -> str:
        if self.is_gone:
            return gone("service")
        return "This service is disabled in PagerDuty: it creates no incidents." if self.status == "disabled" else ""

    @property
    def is_in_maintenance(self) -> bool:
        return self.status == "maintenance"

    def own_urgency(self, at: datetime) -> OwnUrgency:
        """The urgency that it gives to an incident that names none, and until when."""
        return own_urgency(self.urgency_rule, self.support_hours, self.scheduled_actions, at)
