"""Services, and the escalation policies that say whom they page."""

from datetime import datetime
from typing import ClassVar

from django.db import models

from incidentportal.directory.models.mirrored import Mirrored, MirroredQuerySet, PagerDutyList, read_teams
from incidentportal.directory.urgency import OwnUrgency, own_urgency
from incidentportal.pagerduty import Reference
from incidentportal.pagerduty.reading import JSON, id_in, number, object_in, objects_in, storable, text
from incidentportal.wording import counted, gone

TARGETS = 50  # people and schedules of a level that are kept by name
POLICY_NAME = """
    (SELECT policy.name FROM directory_escalationpolicy policy WHERE policy.id = escalation_policy_id) AS policy_name
"""


class EscalationPolicy(Mirrored):
    """`rules`: {"id", "delay_minutes", "strategy", "targets": [{"id", "type", "name"}]} for each level.

    Where a level has more targets than are kept, "more_targets" says how many.
    """

    kind = "escalation-policies"
    source = PagerDutyList(
        "escalation_policies",
        query=(("include[]", "escalation_rule_assignment_strategies"),),
        is_sortable=True,
        has_teams=True,
    )
    SEARCHED: ClassVar = ("team_names", "description")
    SHOWN: ClassVar = ("team_names", "rules")
    form_field = "escalation_policy"

    description = models.TextField(blank=True)
    num_loops = models.PositiveIntegerField(default=0)
    rules = models.JSONField(default=list)
    team_ids = models.JSONField(default=list)
    team_names = models.TextField(blank=True)

    objects = MirroredQuerySet["EscalationPolicy"].as_manager()

    class Meta(Mirrored.Meta):
        verbose_name_plural = "escalation policies"

    @classmethod
    def read_own(cls, raw: JSON) -> JSON:
        return {
            "description": text(raw.get("description")),
            "num_loops": number(raw.get("num_loops")),
            "rules": [read_rule(rule) for rule in objects_in(raw.get("escalation_rules"))],
            **read_teams(raw),
        }

    def facts(self, at: datetime) -> list[str]:
        return [self.team_names, counted(len(self.rules), "level")]

    @property
    def oncall_policy_id(self) -> str:
        return self.id


def read_rule(raw: JSON) -> JSON:
    """One level of an escalation policy."""
    strategy = raw.get("escalation_rule_assignment_strategy")
    if isinstance(strategy, list):
        strategy = next(iter(strategy), None)
    if isinstance(strategy, dict):
        strategy = strategy.get("type")
    targets = [target for target in objects_in(raw.get("targets")) if id_in(target)]
    return {
        "id": id_in(raw),
        "delay_minutes": number(raw.get("escalation_delay_in_minutes")),
        "strategy": "round_robin" if strategy == "round_robin" else "assign_to_everyone",
        "targets": [
            {
                "id": id_in(target),
                "type": "user" if text(target.get("type")).startswith("user") else "schedule",
                "name": Reference.read(target).name,
            }
            for target in targets[:TARGETS]
        ],
        **({"more_targets": len(targets) - TARGETS} if len(targets) > TARGETS else {}),
    }


class Service(Mirrored):
    kind = "services"
    source = PagerDutyList("services", is_sortable=True, has_teams=True)
    SEARCHED: ClassVar = ("team_names", "description")
    SHOWN: ClassVar = ("status", "team_names", "escalation_policy_id", POLICY_NAME)
    form_field = "service"
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
        return own_urgency(self.urgency_rule or {}, self.support_hours or {}, self.scheduled_actions, at)
