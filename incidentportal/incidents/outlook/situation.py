"""What is known before the click: what was chosen, and what the directory and PagerDuty say of it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from incidentportal.directory.models import EscalationPolicy, Person, Service
from incidentportal.directory.urgency import OwnUrgency
from incidentportal.incidents.names import Names
from incidentportal.incidents.outlook.paging_path import Level, PagingPath, Responder, responder
from incidentportal.incidents.report import MOST_NAMED, Report
from incidentportal.wording import fit

NOTHING_KNOWN = PagingPath((Level(1, 0, ()),), is_known=False)
ALWAYS_HIGH = OwnUrgency("high")


@dataclass(frozen=True)
class Choice:
    """The answers that decide who is paged. What is left out was not given, or names nothing in the directory."""

    title: str = ""
    service: Service | None = None
    picked_policy: EscalationPolicy | None = None
    assignees: tuple[Person, ...] = ()
    urgency: str = ""

    @property
    def policy(self) -> EscalationPolicy | None:
        """The escalation policy that applies while nobody is assigned."""
        return self.picked_policy or (self.service.own_policy if self.service else None)

    @property
    def things(self) -> list[Service | EscalationPolicy | Person]:
        """All that was picked."""
        return [thing for thing in (self.service, self.picked_policy, *self.assignees) if thing]


@dataclass(frozen=True)
class Situation:
    """What is known when the button could be pressed. Whatever is left out has not been chosen or does not apply."""

    now: datetime
    sender_id: str = ""  # PagerDuty's id of whoever fills in the form
    zone: str = ""  # their time zone, for every time that is not somebody else's
    is_title_missing: bool = False
    is_both: bool = False  # an escalation policy and an assignee: PagerDuty accepts only one of them
    service_name: str = ""  # "" while no service is chosen
    disabled_reason: str = ""  # why the service creates no incidents; "" if it does
    is_in_maintenance: bool = False
    maintenance_until: datetime | None = None
    urgency: str = ""  # what the form says: "high", "low", or "" to leave it to the service
    own_urgency: OwnUrgency = ALWAYS_HIGH  # what the service decides then
    policy_name: str = ""  # the policy of `path`: the one picked, else the service's own
    own_policy_name: str = ""  # the service's own
    is_policy_overridden: bool = False  # a policy was picked that is not the service's own
    # Of that policy, also if assignees are picked. None: there is no policy to ask about.
    path: PagingPath | None = None
    assignees: Sequence[Responder] = ()  # picked by name
    is_last_known: bool = False  # PagerDuty gave no answer, so `path` is what was known last
    oncall_age_minutes: float | None = None  # how old that is

    @property
    def is_low(self) -> bool:
        """Whether it will be a low-urgency incident."""
        return (self.urgency or self.own_urgency.now) == "low"

    @property
    def policy(self) -> str:
        """The policy's name within a sentence."""
        return fit(self.policy_name) or "the escalation policy"

    @property
    def known(self) -> PagingPath:
        """The path, or one of which nothing is known."""
        return self.path or NOTHING_KNOWN

    @property
    def is_self_included(self) -> bool:
        """Whether the sender is one of the assignees."""
        return any(person.person_id == self.sender_id for person in self.assignees)

    @property
    def is_self_assigned(self) -> bool:
        """Whether the sender is the only assignee."""
        return self.is_self_included and len(self.assignees) == 1


def choice_in(typed: Report, names: Names) -> Choice:
    """The choice in what was typed, right or wrong."""
    assignees = typed.assignees[:MOST_NAMED]
    names.read(Person, assignees)
    people = [names.found("assignees", person) for person in assignees]
    return Choice(
        title=typed.title.strip(),
        service=names.found("service", typed.service),
        picked_policy=names.found("escalation_policy", typed.escalation_policy),
        assignees=tuple(person for person in people if person),
        urgency=typed.urgency if typed.urgency in {"high", "low"} else "",
    )


def situation_of(choice: Choice, sender: Person, at: datetime) -> Situation:
    """What the directory knows without asking anybody."""
    service, picked = choice.service, choice.picked_policy
    situation = Situation(
        now=at,
        sender_id=sender.id,
        zone=sender.time_zone,
        is_title_missing=not choice.title,
        is_both=bool(choice.assignees and picked),
        urgency=choice.urgency,
        policy_name=choice.policy.name if choice.policy else "",
        assignees=[responder(person.id, person.name, person.time_zone, at) for person in choice.assignees],
    )
    if service is None:
        return situation
    return replace(
        situation,
        service_name=service.name,
        disabled_reason=service.disabled_reason,
        is_in_maintenance=service.is_in_maintenance,
        own_urgency=service.own_urgency(at),
        own_policy_name=service.own_policy.name if service.own_policy else "",
        is_policy_overridden=picked is not None and picked.id != service.escalation_policy_id,
    )
