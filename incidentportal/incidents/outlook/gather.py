"""Gather what the form shows before it is submitted: who will be paged, and what is already open."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.utils.timezone import now

from incidentportal.directory.live.oncalls import OnCalls, OpenIncidents, oncalls_of, windows_of
from incidentportal.directory.models import EscalationPolicy, Person, Service
from incidentportal.directory.sync.refresh import refresh_service
from incidentportal.incidents.names import Names
from incidentportal.incidents.outlook.cases import Verdict
from incidentportal.incidents.outlook.hints import (
    Hint,
    evening_of,
    hints_on,
    note_on_night_pages,
    notes_on_path,
    woken_by,
)
from incidentportal.incidents.outlook.paging_path import PagingPath, direct_path_of, path_of
from incidentportal.incidents.outlook.radar import Radar, open_around, pages_of, rank_open
from incidentportal.incidents.outlook.situation import Choice, Situation, choice_in, situation_of
from incidentportal.incidents.outlook.verdict import verdict_on
from incidentportal.incidents.report import Report
from incidentportal.wording import ago, gone

SERVICE_FRESH = timedelta(seconds=5)


@dataclass(frozen=True)
class Outlook:
    """What the page shows before the click."""

    verdict: Verdict
    is_confirmed: bool
    path: PagingPath | None
    policy: EscalationPolicy | None
    path_warning: str  # why the path is not fresh, and how old it is
    notes: tuple[str, ...]
    radar: Radar | None = None
    radar_warning: str = ""


def outlook_on(choice: Choice, sender: Person, confirmed: Collection[str] = ()) -> Outlook:
    """The outlook for what was chosen so far, right or wrong. Look-ups are live or the last known; this never raises.

    `confirmed` are the tokens of what the person has confirmed.
    """
    at = now()
    situation, path_warning = live_situation(choice, sender, at)
    verdict, path = verdict_on(situation), situation.path
    if situation.assignees:
        path = direct_path_of(situation.assignees, is_low=situation.is_low)
    outlook = Outlook(
        verdict,
        is_confirmed=verdict.token in confirmed,
        path=path,
        policy=choice.policy,
        path_warning=path_warning,
        notes=tuple(dict.fromkeys([*(notes_on_path(path) if path else ()), *verdict.notes])),
    )
    return with_open_incidents(outlook, choice, at)


def with_open_incidents(outlook: Outlook, choice: Choice, at: datetime) -> Outlook:
    """What is open on the service and on others of its policy, and how often it was paged for tonight."""
    service, notes = choice.service, outlook.notes
    if service is None:
        return outlook
    opened = open_around(service)
    sleeper = woken_by(outlook.path) if outlook.path else None
    if outlook.path and sleeper:
        pages = pages_of(service, opened.rows, since=evening_of(sleeper, at))
        word = note_on_night_pages(pages, outlook.path, service_name=service.name, now=at)
        notes = (*notes, word) if word else notes
    warning = staleness(opened, "what was open", at)
    if outlook.path_warning.startswith(opened.problem):  # why PagerDuty does not answer is said once
        warning = warning.removeprefix(opened.problem).strip()
    radar = rank_open(opened.rows, choice.title, own_service_id=service.id, now=at)
    return replace(outlook, notes=notes, radar=radar, radar_warning=warning)


def hints_for(choice: Choice, sender: Person) -> dict[str, list[Hint]]:
    """What the answers mean, by field. It asks nobody."""
    return hints_on(situation_of(choice, sender, now()))


def objection_to(report: Report, sender: Person, confirmed: Collection[str], names: Names) -> tuple[str, str] | None:
    """Why a valid report may not be sent as things stand now, and the field to say it at; None if it may.

    Asks PagerDuty for the service once more: it may have changed since the form was opened.
    """
    service = refresh_service(report.service, fresh=SERVICE_FRESH)
    if service is None:
        names.forget(Service, report.service)
        return "service", f"{gone('service')} Pick another one."
    names.keep(service)
    choice = choice_in(report, names)
    situation, _ = live_situation(choice, sender, now())
    verdict = verdict_on(situation)
    if not verdict.can_submit:
        return "service", verdict.sentence
    if verdict.needs_confirmation and verdict.token not in confirmed:
        name = "assignees" if choice.assignees else "service"
        return name, f"{verdict.needs_confirmation} Confirm it beside the button; nothing was sent."
    return None


def live_situation(choice: Choice, sender: Person, at: datetime) -> tuple[Situation, str]:
    """What the directory knows, with who is on call and when maintenance ends; and why who is on call is not fresh."""
    situation, policy = situation_of(choice, sender, at), choice.policy
    if choice.service and choice.service.is_in_maintenance:
        ends = [window.end for window in windows_of(choice.service.id).rows if window.start <= at < window.end]
        situation = replace(situation, maintenance_until=max(ends, default=None))
    if policy is None:
        return situation, ""
    oncalls = oncalls_of([policy.id])[policy.id]
    people = Person.objects.filter(pk__in=[row.person_id for row in oncalls.rows])
    path = path_of(
        policy.rules,
        oncalls.rows if oncalls.fetched_at else None,
        zones=dict(people.values_list("id", "time_zone")),
        num_loops=policy.num_loops,
        urgency="low" if situation.is_low else "high",
        now=at,
        others=oncalls.others,
    )
    age = minutes_since(oncalls.fetched_at, at) if oncalls.fetched_at else None
    situation = replace(situation, path=path, is_last_known=bool(oncalls.problem), oncall_age_minutes=age)
    return situation, staleness(oncalls, "who was on call", at)


def staleness(answer: OnCalls | OpenIncidents, what: str, at: datetime) -> str:
    """Why an answer is not fresh, and how old what is shown is; "" if it is fresh."""
    if not answer.problem or answer.fetched_at is None:
        return answer.problem
    return f"{answer.problem} Showing {what} {ago(minutes_since(answer.fetched_at, at))}."


def minutes_since(then: datetime, at: datetime) -> float:
    return (at - then).total_seconds() / 60
