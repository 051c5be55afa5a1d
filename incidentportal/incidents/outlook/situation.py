"""What is known when the button could be pressed. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from incidentportal.directory.urgency import OwnUrgency
from incidentportal.incidents.outlook.paging_path import Level, PagingPath, Responder
from incidentportal.wording import fit

NOTHING_KNOWN = PagingPath((Level(1, 0, ()),), is_known=False)


ALWAYS_HIGH = OwnUrgency("high")


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
    assignees: Sequence[Responder] = ()  # picked by name: the people of `direct_path_of`
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
    def is_self_assigned(self) -> bool:
        """Whether the sender is the only assignee."""
        return [person.person_id for person in self.assignees] == [self.sender_id]
