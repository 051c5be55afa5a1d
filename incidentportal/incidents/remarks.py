"""What the answers mean, said beside each field while the form is filled in."""

from typing import Any

from django.utils.timezone import now

from incidentportal.directory.models import Person

Remark = tuple[str, str]  # level (info or warning) and sentence


def remarks_on(answers: dict[str, Any], sender: Person | None) -> dict[str, list[Remark]]:
    """What the answers mean, for the fields that they belong to, as (level, sentence)."""
    said: dict[str, list[Remark]] = {}
    service, people = answers.get("service"), answers.get("assignees") or []
    if service:
        policy = service.own_policy
        said["service"] = [("info", f"Its escalation policy: {policy.name if policy else 'unknown'}.")]
        if service.status == "maintenance":
            said["service"].append(("warning", "In maintenance: PagerDuty may create nothing and page nobody."))
        said["urgency"] = [("info", f"The service would decide: {service.urgency_note(now())}.")]
    if answers.get("urgency") == "low":
        said["urgency"] = [("warning", "Low urgency does not escalate by itself: nobody else is told after the first.")]
    elif answers.get("urgency") == "high":
        said["urgency"] = []
    if sender and any(person.id == sender.id for person in people):
        said["assignees"] = [("warning", "You assign yourself: it is created acknowledged, and you are not notified.")]
    elif people:
        names = " and ".join(person.name for person in people)
        said["assignees"] = [("warning", f"Only {names}; nobody else is paged if they miss it.")]
    return said
