"""Know before: gather what the directory knows for a form, and say who will be paged and what is already open."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.utils.timezone import now

from incidentportal.directory.live.oncalls import OnCalls, OpenIncidents, oncalls_of, windows_of
from incidentportal.directory.models import EscalationPolicy, Person
from incidentportal.directory.sync.refresh import refresh_service
from incidentportal.incidents.outlook.cases import Verdict
from incidentportal.incidents.outlook.choice import Choice, choice_in
from incidentportal.incidents.outlook.hints import Hint, hints_on
from incidentportal.incidents.outlook.night_pages import note_on_night_pages
from incidentportal.incidents.outlook.paging_path import PagingPath, direct_path_of, path_of
from incidentportal.incidents.outlook.path_notes import notes_on_path
from incidentportal.incidents.outlook.radar import open_around, pages_of
from incidentportal.incidents.outlook.similar import Radar, rank_open
from incidentportal.incidents.outlook.situation import Situation
from incidentportal.incidents.outlook.verdict import verdict_on
from incidentportal.incidents.report import Report
from incidentportal.wording import ago, gone

SERVICE_FRESH = timedelta(seconds=5)
TONIGHT = timedelta(hours=12)


@dataclass(frozen=True)
class Outlook:
    """What the page shows before the click. `token` names the confirmation that the verdict asks for, if it does."""

    verdict: Verdict
    token: str = ""
    is_confirmed: bool = False
    path: PagingPath | None = None
    policy: EscalationPolicy | None = None
    path_warning: str = ""  # why the path is not fresh, and how old it is
    notes: tuple[str, ...] = ()
    radar: Radar | None = None
    radar_warning: str = ""


def outlook_on(typed: Report, sender: Person, confirmed: Collection[str] = ()) -> Outlook:
    """The outlook for what was typed so far, right or wrong. Look-ups are live or the last known; this never raises.

    `confirmed` are the tokens of what the person has confirmed.
    """
    at, choice = now(), choice_in(typed)
    oncalls = oncalls_for(choice)
    situation = live_situation(choice, sender, oncalls, at)
    verdict = verdict_on(situation)
    token = token_of(verdict)
    path = direct_path(choice, at) or situation.path
    notes = [*notes_on_path(path), *verdict.notes] if path else verdict.notes
    outlook = Outlook(
        verdict,
        token,
        is_confirmed=bool(token) and token in confirmed,
        path=path,
        policy=choice.policy,
        path_warning=staleness(oncalls, "who was on call", at),
        notes=tuple(dict.fromkeys(notes)),
    )
    return with_open_incidents(outlook, choice, at)


def with_open_incidents(outlook: Outlook, choice: Choice, at: datetime) -> Outlook:
    """What is open on the service and on others of its policy, and how often it was paged for tonight."""
    service = choice.service
    if service is None:
        return outlook
    opened = open_around(service)
    pages = pages_of(service, opened.rows, since=at - TONIGHT) if outlook.path else ()
    word = note_on_night_pages(pages, outlook.path, service_name=service.name, now=at) if outlook.path else ""
    known = opened.fetched_at is not None
    return replace(
        outlook,
        notes=(*outlook.notes, word) if word else outlook.notes,
        radar=rank_open(opened.rows, choice.title, own_service_id=service.id, now=at) if known else None,
        radar_warning=staleness(opened, "what was open", at, said=outlook.path_warning),
    )


def hints_for(typed: Report, sender: Person) -> dict[str, list[Hint]]:
    """What the answers mean, by field. It asks nobody."""
    return hints_on(situation_of(choice_in(typed), sender, now()))


def objection_to(report: Report, sender: Person, confirmed: Collection[str]) -> tuple[str, str] | None:
    """Why a valid report may not be sent as things stand now, and the field to say it at; None if it may.

    Asks PagerDuty for the service once more: it may have changed since the form was opened.
    """
    if refresh_service(report.service, fresh=SERVICE_FRESH) is None:
        return "service", f"{gone('service')} Pick another one."
    choice = choice_in(report)
    verdict = verdict_on(live_situation(choice, sender, oncalls_for(choice), now()))
    if not verdict.can_submit:
        return "service", verdict.sentence
    if verdict.needs_confirmation and token_of(verdict) not in confirmed:
        name = "assignees" if choice.assignees else "service"
        return name, f"{verdict.needs_confirmation} Confirm it beside the button; nothing was sent."
    return None


def situation_of(choice: Choice, sender: Person, at: datetime) -> Situation:
    """What the directory knows without asking anybody."""
    direct = direct_path(choice, at)
    situation = Situation(
        now=at,
        sender_id=sender.id,
        zone=sender.time_zone,
        is_title_missing=not choice.title,
        is_both=bool(choice.assignees) and choice.picked_policy is not None,
        urgency=choice.urgency,
        policy_name=choice.policy.name if choice.policy else "",
        assignees=direct.first.people if direct else (),
    )
    service, picked = choice.service, choice.picked_policy
    if service is None:
        return situation
    return replace(
        situation,
        service_name=service.name,
        disabled_reason=service.disabled_reason,
        is_in_maintenance=service.is_in_maintenance,
        own_urgency=service.own_urgency(at),
        own_policy_name=choice.own_policy.name if choice.own_policy else "",
        is_policy_overridden=picked is not None and picked.id != service.escalation_policy_id,
    )


def live_situation(choice: Choice, sender: Person, oncalls: OnCalls | None, at: datetime) -> Situation:
    """The same, with who is on call and when maintenance ends."""
    situation = situation_of(choice, sender, at)
    if choice.service and choice.service.is_in_maintenance:
        ends = [window.end for window in windows_of(choice.service.id).rows if window.start <= at < window.end]
        situation = replace(situation, maintenance_until=max(ends, default=None))
    if oncalls is None or choice.policy is None:
        return situation
    return replace(
        situation,
        path=path_to(choice.policy, oncalls, "low" if situation.is_low else "high", at),
        is_last_known=bool(oncalls.problem),
        oncall_age_minutes=minutes_since(oncalls.fetched_at, at) if oncalls.fetched_at else None,
    )


def oncalls_for(choice: Choice) -> OnCalls | None:
    policy = choice.policy
    return oncalls_of([policy.id])[policy.id] if policy else None


def path_to(policy: EscalationPolicy, oncalls: OnCalls, urgency: str, at: datetime) -> PagingPath:
    """The paging path of a policy for an urgency."""
    rows = oncalls.rows if oncalls.fetched_at else None
    people = Person.objects.filter(pk__in=[row.person_id for row in rows or []])
    zones = dict(people.values_list("id", "time_zone"))
    return path_of(policy.rules, rows, zones=zones, num_loops=policy.num_loops, urgency=urgency, now=at)


def direct_path(choice: Choice, at: datetime) -> PagingPath | None:
    """The path to the assignees; None if there are none."""
    if not choice.assignees:
        return None
    own = choice.service.own_urgency(at).now if choice.service else "high"
    zones = {person.id: person.time_zone for person in choice.assignees}
    return direct_path_of(choice.assignees, zones=zones, now=at, urgency=choice.urgency or own)


def staleness(answer: OnCalls | OpenIncidents | None, what: str, at: datetime, *, said: str = "") -> str:
    """Why an answer is not fresh, unless that is `said` already, and how old what is shown is; "" if it is fresh."""
    if answer is None or not answer.problem:
        return ""
    problem = "" if said.startswith(answer.problem) else answer.problem
    shown = f"Showing {what} {ago(minutes_since(answer.fetched_at, at))}." if answer.fetched_at else ""
    return f"{problem} {shown}".strip()


def minutes_since(then: datetime, at: datetime) -> float:
    return (at - then).total_seconds() / 60


def token_of(verdict: Verdict) -> str:
    """A name for what is to be confirmed: another situation asks again."""
    return hashlib.sha256(verdict.needs_confirmation.encode()).hexdigest()[:16] if verdict.needs_confirmation else ""
