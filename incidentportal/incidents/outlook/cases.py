"""The cases of the verdict: when each applies, what it says above the button, and on it.

Pure. The first of `CASES` that applies speaks, and `words` fills in what its texts name in braces. A sentence says what
will happen in the present tense. One that begins with "Pages" is a promise: what PagerDuty does is stated as certain
only if it is documented, and a name only if PagerDuty has just said that this person is on call.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from incidentportal.incidents.outlook import phrases
from incidentportal.incidents.outlook.paging_path import Level
from incidentportal.incidents.outlook.phrases import button_for, names_of, shift_of, verb_for
from incidentportal.incidents.outlook.situation import Situation
from incidentportal.wording import after, ago, plain_line

type Tone = Literal["info", "warning", "danger", "idle"]

UNNAMED = "Page whoever is on call"
LEVEL_1_EMPTY = "Create it: level 1 is empty"
REACH_SOMEBODY = "To reach somebody now, choose another escalation policy or an assignee"
# PagerDuty does not document whether it waits for an empty level. Its older articles say that it does not.
MAY_BE_SKIPPED = "PagerDuty may also skip the empty level and {page} level {next_level} at once."


@dataclass(frozen=True)
class Verdict:
    """What the page says. Plain text throughout."""

    tone: Tone
    sentence: str
    button: str
    can_submit: bool = True
    needs_confirmation: str = ""  # to be confirmed before it is sent; "" if the click is enough. It states no ages
    notes: list[str] = field(default_factory=list)

    @property
    def token(self) -> str:
        """A name for what is to be confirmed, so that another situation asks again; "" if the click is enough."""
        return hashlib.sha256(self.needs_confirmation.encode()).hexdigest()[:16] if self.needs_confirmation else ""


class Case(NamedTuple):
    """One row: when it applies, and the texts of its verdict."""

    applies: Callable[[Situation], object]
    tone: Tone
    sentence: str
    button: str = "{page_people}"
    confirm: str = ""
    notes: tuple[str, ...] = ()
    can_submit: bool = True


ASSIGNED_QUIETLY = Case(
    lambda s: s.assignees and s.is_low, "warning", "Low urgency: {people} {are} notified quietly, then nobody else."
)
ASSIGNED = Case(lambda s: s.assignees, "info", f"Pages only {{people}}; {phrases.NOBODY_ELSE}.")
CASES = (
    # Also of a service that is gone: its reason says so.
    Case(lambda s: s.disabled_reason, "danger", "{disabled}", "Page now", can_submit=False),
    Case(lambda s: s.is_both, "danger", phrases.EITHER_OR, "Page now", can_submit=False),
    Case(
        lambda s: not (s.service_name or s.assignees or s.path),
        "idle",
        "Choose a service to see who will be paged.",
        "Page now",
    ),
    Case(lambda s: s.is_self_assigned, "warning", phrases.SELF_ASSIGNED, "Take it yourself"),
    ASSIGNED_QUIETLY,
    ASSIGNED,
    Case(
        lambda s: s.path is None,
        "warning",
        "Who will be paged is unknown: the service's escalation policy is not in the directory.",
        UNNAMED,
    ),
    Case(
        lambda s: not s.known.is_known,
        "warning",
        "{unknown}, with no earlier answer: whoever is on call in {policy} is {paged}.",
        UNNAMED,
    ),
    # The last known: what was so is said as what was so, never as what will be.
    Case(
        lambda s: s.is_last_known and s.known.nearest is None,
        "danger",
        "{unknown}; {then} nobody was on call in {policy}.",
        UNNAMED,
        confirm="There may be nobody on call in {policy}, so this may page nobody.",
    ),
    Case(
        lambda s: s.is_last_known and not s.known.first.people,
        "danger",
        "{unknown}; {then} level 1 of {policy} was empty, and level {next_level} was {next_people}.",
        UNNAMED,
        confirm="Level 1 of {policy} may still be empty, so this may page nobody now.",
    ),
    Case(lambda s: s.is_last_known, "warning", "{unknown}; {then} it was {one_of}{people}{since}.", UNNAMED),
    Case(
        lambda s: s.known.nearest is None,
        "danger",
        "Pages nobody: nobody is on call in {policy}, at any level.",
        "Create it: nobody is paged",
        confirm="Nobody is on call in {policy}, so this pages nobody.",
        notes=(f"{REACH_SOMEBODY}, or phone somebody.", "PagerDuty may reject it."),
    ),
    Case(
        lambda s: not s.known.first.people and s.is_low,
        "danger",
        f"Pages nobody: level 1 of {{policy}} is empty, and {phrases.NO_ESCALATION}.",
        LEVEL_1_EMPTY,
        confirm="Level 1 of {policy} is empty, so this may never notify anybody.",
        notes=(f"{REACH_SOMEBODY}, or choose high urgency.", MAY_BE_SKIPPED),
    ),
    Case(
        lambda s: not s.known.first.people,
        "danger",
        "Pages nobody now: level 1 of {policy} is empty; {next} paged {when}.",
        LEVEL_1_EMPTY,
        confirm="Level 1 of {policy} is empty, so this may page nobody now.",
        notes=(f"{REACH_SOMEBODY}.", MAY_BE_SKIPPED),
    ),
    Case(
        lambda s: s.known.first.is_over,
        "warning",
        "{shift} has just ended: whoever is on call next is notified, if anybody is.",
        UNNAMED,
    ),
    # PagerDuty does not say whose turn it is.
    Case(
        lambda s: s.known.first.is_round_robin and s.is_low,
        "warning",
        "Low urgency: one of {people} is notified quietly (round robin), then nobody else.",
        "Notify one of {count} people",
    ),
    Case(
        lambda s: s.known.first.is_round_robin,
        "info",
        "Pages one of {people} now (round robin).",
        "Page one of {count} people",
    ),
    ASSIGNED_QUIETLY._replace(applies=lambda s: s.is_low),
    Case(lambda s: s.known.only, "warning", f"Pages {{people}} now; {phrases.NOBODY_ELSE_ON_CALL}."),
    Case(lambda s: True, "info", "Pages {people} now."),
)


def said(case: Case, s: Situation) -> Verdict:
    """The verdict of a case, with its words filled in."""
    known = words(s)
    return Verdict(
        case.tone,
        case.sentence.format(**known),
        case.button.format(**known),
        case.can_submit,
        needs_confirmation=case.confirm.format(**known),
        notes=[note.format(**known) for note in case.notes],
    )


def words(s: Situation) -> dict[str, object]:
    """What the rows name in braces."""
    first, following = s.known.first, s.known.nearest or s.known.first
    people, shift = s.assignees or first.people, shift_of(first.people, s, first.others)
    others = 0 if s.assignees else first.others
    over = [person for person in first.people if person.is_over]
    return {
        "disabled": plain_line(s.disabled_reason) or "PagerDuty creates no incidents on this service.",
        "unknown": phrases.ONCALLS_UNKNOWN,
        "policy": s.policy,
        "people": names_of(people, s, others),
        "are": verb_for(people, s),
        "they": "you" if s.is_self_included else "they",
        "count": len(people) + others,
        "one_of": "one of " if first.is_round_robin else "",
        "page": "notify" if s.is_low else "page",
        "paged": "notified quietly" if s.is_low else "paged",
        "page_people": button_for(people, s, "Notify" if s.is_low else "Page", others) if people else "",
        "shift": f"{shift[0].upper()}{shift[1:]}",
        "since": f"; {shift_of(over, s)} has ended since" if over else "",
        "then": "when last asked" if s.oncall_age_minutes is None else ago(s.oncall_age_minutes),
        "next": next_paged(following, s),
        "next_level": following.number,
        "next_people": names_of(following.people, s, following.others),
        "when": after(following.starts_after_minutes),
    }


def next_paged(level: Level, s: Situation) -> str:
    """Who follows an empty level, with the verb: "Grace Hopper (level 2) is"."""
    people = names_of(level.people, s, level.others)
    if level.is_another_over or any(person.is_over for person in level.people):
        return f"whoever is on call at level {level.number} by then (now {people}) is"
    if level.is_round_robin:
        return f"one of {people} (level {level.number}) is"
    return f"{people} (level {level.number}) {verb_for(level.people, s)}"
