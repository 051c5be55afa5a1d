"""Know before: gather what the directory knows for a form, and say who will be paged and what is already open."""

import hashlib
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.timezone import now

from incidentportal.directory.live.oncalls import (
    OnCalls,
    OpenIncidents,
    add_open_incident,
    oncalls_of,
    open_incidents_of,
    windows_of,
)
from incidentportal.directory.models import EscalationPolicy, Person, Service
from incidentportal.directory.sync.refresh import refresh_service
from incidentportal.incidents.fields import find
from incidentportal.incidents.forms import IncidentForm
from incidentportal.incidents.models import State, Submission
from incidentportal.incidents.outlook.paging_path import PagingPath, direct_path_of, path_of
from incidentportal.incidents.outlook.similar import Radar, load_signal, rank_open, time_of
from incidentportal.incidents.outlook.situation import Situation
from incidentportal.incidents.outlook.verdict import Verdict, verdict_on
from incidentportal.pagerduty import JSON
from incidentportal.wording import ago

SERVICE_FRESH = timedelta(seconds=5)
SIBLINGS = 30  # other services of the same policy whose open incidents are compared, asked for in the same call
TONIGHT = timedelta(hours=12)


@dataclass(frozen=True)
class Outlook:
    """What the page shows before the click. `token` names the confirmation that the verdict asks for, if it does."""

    verdict: Verdict
    path: PagingPath | None = None
    policy: EscalationPolicy | None = None
    ages: list[str] = field(default_factory=list)
    token: str = ""
    is_confirmed: bool = False
    radar: Radar | None = None
    radar_problem: str = ""
    load: str = ""


def outlook_on(form: IncidentForm, sender: Person) -> Outlook:
    """The outlook for a form as it is now, valid or not. Look-ups are live or the last known; this never raises."""
    at = now()
    outlook, service = prospect_of(form, sender, at), chosen_in(form).get("service")
    if service is None:
        return outlook
    opened = open_around(service)
    return replace(
        outlook,
        radar=radar_of(service, opened, str(form.raw("title") or ""), at),
        radar_problem=problem_with_age(opened, at),
        load=load_of(service, opened, outlook.path, at),
    )


def may_submit(form: IncidentForm, sender: Person) -> bool:
    """Whether a valid form may be sent as things stand now; where not, the form says why.

    Asks PagerDuty for the service once more: it may have changed since the form was opened.
    """
    service = refresh_service(form.cleaned_data["service"].id, fresh=SERVICE_FRESH)
    if service is None:
        form.add_error("service", "This service no longer exists in PagerDuty. Pick another one.")
        return False
    form.cleaned_data["service"] = service
    outlook = prospect_of(form, sender, now())
    if not outlook.verdict.can_submit:
        form.add_error("service", outlook.verdict.sentence)
    elif outlook.token and not outlook.is_confirmed:
        name = "assignees" if form.answers.get("assignees") else "service"
        form.add_error(name, f"{outlook.verdict.needs_confirmation} Confirm it beside the button; nothing was sent.")
    return form.is_valid()


def prospect_of(form: IncidentForm, sender: Person, at: datetime) -> Outlook:
    """The paging path and the verdict."""
    chosen = chosen_in(form)
    service, people = chosen.get("service"), chosen.get("assignees", [])
    policy = chosen.get("escalation_policy") or (service.own_policy if service else None)
    oncalls = oncalls_of([policy.id])[policy.id] if policy else None
    urgency = form.raw("urgency") if form.raw("urgency") in {"high", "low"} else ""
    asked_urgency = urgency or (service.urgency_at(at) if service else "high")
    path = path_to(policy, oncalls, asked_urgency, at) if policy and oncalls else None
    zones = {person.id: person.time_zone for person in people}
    direct = direct_path_of(people, zones=zones, now=at, urgency=asked_urgency) if people else None
    situation = Situation(
        now=at,
        sender_id=sender.id,
        zone=sender.time_zone,
        is_title_missing=not str(form.raw("title") or "").strip(),
        is_both=bool(people) and "escalation_policy" in chosen,
        urgency=urgency,
        path=path,
        policy_name=policy.name if policy else "",
        assignees=direct.first.people if direct else (),
        oncall_problem=oncalls.problem if oncalls else "",
        oncall_age_minutes=minutes_since(oncalls.fetched_at if oncalls else None, at),
        **of_service(service, chosen.get("escalation_policy"), at),
    )
    verdict = verdict_on(situation)
    token = token_of(verdict)
    is_confirmed = bool(token) and token in form.confirmations
    return Outlook(verdict, direct or path, policy, ages_of(oncalls, at), token, is_confirmed)


def chosen_in(form: IncidentForm) -> dict[str, Any]:
    """The objects that a form names, whatever else is wrong with it or with them."""
    people = [found_in(Person, value) for value in form.raw("assignees") or []]
    chosen = {
        "service": found_in(Service, form.raw("service")),
        "escalation_policy": found_in(EscalationPolicy, form.raw("escalation_policy")),
        "assignees": [person for person in people if person],
    }
    return {name: thing for name, thing in chosen.items() if thing}


def found_in(model: Any, value: Any) -> Any:
    """The object that a field names by id or name; None where it names none, several, or not one alone."""
    names = [value] if isinstance(value, str) else value or []
    try:
        return find(model, names[0], "") if len(names) == 1 else None
    except ValidationError:
        return None


def path_to(policy: EscalationPolicy, oncalls: OnCalls, urgency: str, at: datetime) -> PagingPath:
    """The paging path of a policy for an urgency."""
    rows = oncalls.rows if oncalls.fetched_at else None
    people = Person.objects.filter(pk__in=[row.person_id for row in rows or []])
    zones = dict(people.values_list("id", "time_zone"))
    return path_of(policy.rules, rows, zones=zones, num_loops=policy.num_loops, urgency=urgency, now=at)


def of_service(service: Service | None, picked: EscalationPolicy | None, at: datetime) -> dict[str, Any]:
    """What a situation must know of the service."""
    if service is None:
        return {}
    own = service.own_policy
    windows = windows_of(service.id).rows if service.is_in_maintenance else []
    ends = [window.end for window in windows if window.end and (window.start or at) <= at < window.end]
    return {
        "service_name": service.name,
        "disabled_reason": service.disabled_reason,
        "is_in_maintenance": service.is_in_maintenance,
        "maintenance_until": max(ends, default=None),
        "service_urgency": service.urgency_at(at),
        "urgency_changes_at": service.next_urgency_change(at),
        "is_severity_based": service.urgency_rule.get("urgency") == "severity_based",
        "own_policy_name": own.name if own else "",
        "is_policy_overridden": picked is not None and picked.id != service.escalation_policy_id,
    }


def open_around(service: Service) -> OpenIncidents:
    """What is open on a service and on others of its policy, in one call."""
    return open_incidents_of([service.id, *siblings_of(service)])


def add_open(service: Service, incident: JSON) -> None:
    """The service has a new incident: the very next report shows it."""
    add_open_incident([service.id, *siblings_of(service)], incident)


def siblings_of(service: Service) -> list[str]:
    siblings = Service.objects.current().filter(escalation_policy_id=service.escalation_policy_id or "-")
    return list(siblings.exclude(pk=service.id).order_by("id").values_list("id", flat=True)[:SIBLINGS])


def radar_of(service: Service, opened: OpenIncidents, title: str, at: datetime) -> Radar | None:
    """The open incidents that this may be a second report of; None where that is not known."""
    if opened.fetched_at is None:
        return None
    return rank_open(opened.rows, title, own_service_id=service.id, now=at)


def problem_with_age(opened: OpenIncidents, at: datetime) -> str:
    """Why what is shown of open incidents is not fresh, and how old it is; empty where it is fresh."""
    if not opened.problem:
        return ""
    age = minutes_since(opened.fetched_at, at)
    return opened.problem if age is None else f"{opened.problem} Open incidents as of {ago(age)}."


def load_of(service: Service, opened: OpenIncidents, path: PagingPath | None, at: datetime) -> str:
    """A gentle word where this service has been paged for several times tonight, counted without asking PagerDuty."""
    if path is None:
        return ""
    ours = Submission.objects.filter(service_id=service.id, state=State.CREATED, decided_at__gt=at - TONIGHT)
    incidents = [*(row.incident for row in ours.only("incident")), *opened.rows]
    times = {
        incident.get("id"): time_of(incident.get("created_at"))
        for incident in incidents
        if (incident.get("service") or {}).get("id") == service.id and woke_somebody(incident)
    }
    return load_signal([time for time in times.values() if time], path, service_name=service.name, now=at)


def woke_somebody(incident: JSON) -> bool:
    """Whether an incident, as it was created or is now, rang anybody's phone."""
    is_taken_by_oneself = incident.get("assigned_via") == "direct_assignment" and incident.get("status") != "triggered"
    return incident.get("urgency") != "low" and bool(incident.get("assignments")) and not is_taken_by_oneself


def ages_of(oncalls: OnCalls | None, at: datetime) -> list[str]:
    """How old what is shown is, where that matters."""
    if oncalls is None or not oncalls.problem:
        return []
    if oncalls.fetched_at is None:
        return [f"{oncalls.problem} Who is on call here was never asked before."]
    return [f"{oncalls.problem} On call as of {ago(minutes_since(oncalls.fetched_at, at) or 0)}."]


def minutes_since(then: datetime | None, at: datetime) -> float | None:
    return (at - then).total_seconds() / 60 if then else None


def token_of(verdict: Verdict) -> str:
    """A name for what is to be confirmed: another situation asks again."""
    return hashlib.sha256(verdict.needs_confirmation.encode()).hexdigest()[:16] if verdict.needs_confirmation else ""
