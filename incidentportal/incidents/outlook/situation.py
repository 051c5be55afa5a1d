"""What is known when the button could be pressed, and how its people are named in a sentence."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from incidentportal.incidents.outlook.paging_path import Level, Page, PagingPath
from incidentportal.wording import ago, clean, counted, fit

BUTTON_LIMIT = 40  # what a phone shows on one line
NOTHING_KNOWN = PagingPath((Level(1, 0, ()),), is_known=False)


@dataclass(frozen=True)
class Situation:
    """What is known when the button could be pressed. Whatever is left out has not been chosen or does not apply."""

    now: datetime
    sender_id: str = ""  # PagerDuty's id of whoever fills in the form
    zone: str = ""  # their time zone, for every time in the verdict
    is_title_missing: bool = False
    is_both: bool = False  # an escalation policy and an assignee: PagerDuty takes only one of them
    service_name: str = ""  # "" while no service is chosen
    disabled_reason: str = ""  # why the service takes no incidents; "" where it does
    is_in_maintenance: bool = False
    maintenance_until: datetime | None = None
    urgency: str = ""  # what the form says: "high", "low", or "" to leave it to the service
    service_urgency: str = "high"  # what the service would decide now
    urgency_changes_at: datetime | None = None  # when the service will decide otherwise
    is_severity_based: bool = False
    policy_name: str = ""  # the policy of `path`: the one picked, else the service's own
    own_policy_name: str = ""  # the service's own
    is_policy_overridden: bool = False  # a policy was picked that is not the service's own
    path: PagingPath | None = (
        None  # of that policy, also where assignees are picked; None: there is no policy to ask about
    )
    assignees: Sequence[Page] = ()  # picked by name: the people of `direct_path_of`
    oncall_problem: str = ""  # why PagerDuty does not say who is on call now; `path` is then the last known
    oncall_age_minutes: float | None = None  # how old that is

    @property
    def is_low(self) -> bool:
        """Whether it will be a low-urgency incident."""
        return (self.urgency or self.service_urgency) == "low"

    @property
    def policy(self) -> str:
        """The policy's name within a sentence."""
        return fit(self.policy_name) or "the escalation policy"

    @property
    def known(self) -> PagingPath:
        """The path, or one of which nothing is known."""
        return self.path or NOTHING_KNOWN


def was_when(s: Situation) -> str:
    """How old the last answer is."""
    return "when last asked" if s.oncall_age_minutes is None else ago(s.oncall_age_minutes)


def you_first(people: Iterable[Page], s: Situation) -> list[Page]:
    return sorted(people, key=lambda page: page.person_id != s.sender_id)


def who(people: Sequence[Page], s: Situation) -> str:
    """Their names within a sentence: all of three, and of more the first two and how many others."""
    names = ["you" if page.person_id == s.sender_id else fit(page.name) for page in you_first(people, s)]
    if len(names) > 3:
        names = [*names[:2], counted(len(names) - 2, "other")]
    return " and ".join(part for part in (", ".join(names[:-1]), *names[-1:]) if part)


def be(people: Sequence[Page], s: Situation, is_past: bool = False) -> str:
    """The verb that goes with `who`."""
    if len(people) == 1 and people[0].person_id != s.sender_id:
        return "was" if is_past else "is"
    return "were" if is_past else "are"


def shift_of(people: Sequence[Page], s: Situation) -> str:
    return "your shift" if them(people, s) == "you" else f"the shift of {who(people, s)}"


def them(people: Sequence[Page], s: Situation) -> str:
    return "you" if [page.person_id for page in people] == [s.sender_id] else "them"


def button(people: Sequence[Page], s: Situation, verb: str = "Page") -> str:
    """What the button says, short enough for a phone: a long name loses its middle, then all but its first word."""
    first, *others = you_first(people, s)
    rest = f" and {counted(len(others), 'other')}" if others else ""
    if first.person_id == s.sender_id:
        return f"{verb} yourself{rest}"
    room = BUTTON_LIMIT - len(f"{verb} {rest}") - 2  # two invisible characters hold a right-to-left name apart
    words = clean(first.name).split() or ["somebody"]
    shorter = (" ".join(words), f"{words[0]} {words[-1]}", words[0])
    return f"{verb} {next((fit(name) for name in shorter if len(name) <= room), fit(words[0], room))}{rest}"
