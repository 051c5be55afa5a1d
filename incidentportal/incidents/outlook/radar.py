"""What is open around a service, and when it was paged for."""

from collections.abc import Iterable
from datetime import datetime

from incidentportal.directory.live.oncalls import OpenIncidents, add_open_incident, open_incidents_of
from incidentportal.directory.models import Service
from incidentportal.incidents.models import State, Submission
from incidentportal.pagerduty import JSON, Incident

SIBLINGS = 30  # other services of the same policy whose open incidents are compared, asked for in the same call


def open_around(service: Service) -> OpenIncidents:
    """What is open on a service and on others of its policy, in one call."""
    return open_incidents_of([service.id, *siblings_of(service)])


def add_open(service: Service, incident: JSON) -> None:
    """The service has a new incident: the very next report shows it."""
    add_open_incident([service.id, *siblings_of(service)], incident)


def siblings_of(service: Service) -> list[str]:
    siblings = Service.objects.current().filter(escalation_policy_id=service.escalation_policy_id or "-")
    return list(siblings.exclude(pk=service.id).order_by("id").values_list("id", flat=True)[:SIBLINGS])


def pages_of(service: Service, opened: Iterable[Incident], *, since: datetime) -> list[datetime]:
    """When incidents on this service paged somebody: those created here since then, and those open now."""
    ours = Submission.objects.filter(service_id=service.id, state=State.CREATED, decided_at__gt=since)
    incidents = [*(Incident.read(row.incident) for row in ours.only("incident")), *opened]
    times = {
        incident.id: incident.created_at
        for incident in incidents
        if incident.service.id == service.id and has_paged(incident)
    }
    return [time for time in times.values() if time]


def has_paged(incident: Incident) -> bool:
    """Whether an incident, as it was created or is now, rang anybody's phone."""
    is_self_assigned = incident.assigned_via == "direct_assignment" and incident.status != "triggered"
    return incident.urgency != "low" and bool(incident.assignees) and not is_self_assigned
