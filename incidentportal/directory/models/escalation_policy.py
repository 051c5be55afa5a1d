from datetime import datetime
from typing import ClassVar

from django.db import models

from incidentportal.directory.models.mirrored import LookUp, Mirrored, MirroredQuerySet, PagerDutyList, read_teams
from incidentportal.pagerduty.reading import JSON, id_in, number, objects_in, one_line, text


class EscalationPolicy(Mirrored):
    """`rules`: {"id", "delay_minutes", "strategy", "targets": [{"id", "type", "name"}]} for each level."""

    kind = "escalation-policies"
    source = PagerDutyList(
        "escalation_policies",
        query=(("include[]", "escalation_rule_assignment_strategies"),),
        is_sortable=True,
        has_teams=True,
    )
    look_up = LookUp(2, ("team_names", "rules"), "escalation_policy")
    SEARCHED: ClassVar = ("team_names", "description")

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
        levels = len(self.rules)
        return [self.team_names, "1 level" if levels == 1 else f"{levels} levels"]

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
    return {
        "id": id_in(raw),
        "delay_minutes": number(raw.get("escalation_delay_in_minutes")),
        "strategy": "round_robin" if strategy == "round_robin" else "assign_to_everyone",
        "targets": [read_target(target) for target in objects_in(raw.get("targets")) if id_in(target)],
    }


def read_target(raw: JSON) -> JSON:
    return {
        "id": id_in(raw),
        "type": "user" if text(raw.get("type")).startswith("user") else "schedule",
        "name": one_line(raw.get("summary")) or one_line(raw.get("name")) or id_in(raw),
    }
