"""The phases of a submission whose incident PagerDuty has created."""

from dataclasses import replace

from django.utils.html import format_html

from incidentportal.incidents.phases.phase import Case, Phase
from incidentportal.incidents.templatetags.portal import local_time


def created(case: Case, name: str, lead: str, *, now: str = "created") -> Phase:
    """An incident of ours, and `now`, what has become of it in a word."""
    return Phase(
        name,
        label="Created",
        icon="check",
        tone="ok",
        headline=f"Incident {case.number} created".replace("  ", " "),
        lead=lead,
        tab=f"{case.number} {now}" if case.number else now.capitalize(),
        announces="lead",
        polls_every=5 if case.receipt.is_watched else 0,
        tools=("open", "copy_link", "create_another") if case.submission.incident_url else ("create_another",),
        body="created",
        is_created=True,
    )


def nobody_paged(case: Case) -> Phase:
    lead = "PagerDuty has not assigned it to anybody. If nobody is assigned soon, phone somebody."
    return replace(
        created(case, "nobody_paged", lead, now="created, nobody paged"),
        icon="bell-off",
        tone="warning",
        headline=f"{case.number} created, but nobody has been paged".strip().capitalize(),
        announces="headline",
        shows_contact=True,
    )


def resolved(case: Case) -> Phase:
    return replace(created(case, "resolved", "It is resolved.", now="resolved"), polls_every=0)


def picked_up(case: Case) -> Phase:
    who, at = case.receipt.picked_up_by, case.receipt.picked_up_at
    when = format_html(" at {}", local_time(at)) if at else ""
    lead = format_html("Picked up by <bdi>{}</bdi>{}.", who, when)
    return replace(created(case, "picked_up", lead, now="picked up"), polls_every=0)


def acknowledged(case: Case) -> Phase:
    return created(case, "acknowledged", "It is acknowledged.")


def assigned(case: Case) -> Phase:
    lead = format_html("Assigned to <bdi>{}</bdi>. Nobody has picked it up yet.", ", ".join(case.receipt.assignees))
    return created(case, "assigned", lead)


def unassigned(case: Case) -> Phase:
    """Its status is not known, so that nobody was paged is not known either."""
    return created(case, "unassigned", "PagerDuty does not say who it is assigned to.")


def not_cancelled(case: Case, phase: Phase) -> Phase:
    """An incident whose cancellation came too late: it does not count as a success until it is resolved."""
    is_resolved, whose = phase.name == "resolved", "Your" if case.is_author else "The"
    people = ", ".join(case.receipt.assignees)
    paged = format_html(", and paged <bdi>{}</bdi>", people) if people else ""
    start = f"{whose} cancellation came too late: PagerDuty had already received it"
    sentence = format_html("{}{}.{}", start, paged, "" if is_resolved else " Resolve it there.")
    if phase.tone == "ok" and not is_resolved:
        phase = replace(phase, icon="triangle-alert", tone="warning")
    return replace(phase, too_late=sentence)
