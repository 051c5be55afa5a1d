"""What each case of the verdict says. Pure.

Sentences say what will happen in the present tense; a sentence that begins with "Pages" is a promise.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from incidentportal.incidents.outlook import facts
from incidentportal.incidents.outlook.naming import button_for, names_of, shift_of, verb_for
from incidentportal.incidents.outlook.paging_path import Responder
from incidentportal.incidents.outlook.situation import Situation
from incidentportal.wording import after, ago, plain_line

UNNAMED = "Page whoever is on call"
LEVEL_1_EMPTY = "Create it: level 1 is empty"
REACH_SOMEBODY = "To reach somebody now, choose another escalation policy or an assignee"


@dataclass(frozen=True)
class Verdict:
    """What the page says. Plain text throughout."""

    level: Literal["info", "warning", "danger", "idle"]
    sentence: str
    button: str
    can_submit: bool = True
    needs_confirmation: str = ""  # to be confirmed before it is sent; "" if the click is enough. It states no ages
    notes: list[str] = field(default_factory=list)


def disabled(s: Situation) -> Verdict:
    """Also of a service that is gone: its reason says so."""
    reason = plain_line(s.disabled_reason) or "PagerDuty creates no incidents on this service."
    return Verdict("danger", reason, "Page now", can_submit=False)


def both(s: Situation) -> Verdict:
    return Verdict("danger", facts.EITHER_OR, "Page now", can_submit=False)


def nothing_chosen(s: Situation) -> Verdict:
    return Verdict("idle", "Choose a service to see who will be paged.", "Page now")


def to_yourself(s: Situation) -> Verdict:
    return Verdict("warning", facts.SELF_ASSIGNED, "Take it yourself")


def to_people(s: Situation) -> Verdict:
    """Picked by name: nobody else is ever told, and whoever is not on call may well sleep."""
    others = [person for person in s.assignees if person.person_id != s.sender_id]
    off = [person for person in others if person.person_id not in s.known.people]
    is_self_too = len(others) < len(s.assignees)
    confirm = [facts.ALSO_SELF_ASSIGNED] if is_self_too else []
    notes = []
    if off and s.known.is_known:
        confirm.append(not_on_call(off, s))
    elif off:
        notes.append(f"It is unknown whether {names_of(off, s)} {verb_for(off, s)} on call.")
    sentence = f"Pages only {names_of(s.assignees, s)}; {facts.nobody_else('you' if is_self_too else 'they')}."
    level: Literal["info", "warning"] = "warning" if notes or confirm or s.is_low else "info"
    return Verdict(
        level,
        notified_quietly(s.assignees, s) if s.is_low else sentence,
        button_for(s.assignees, s, "Notify" if s.is_low else "Page"),
        needs_confirmation=" ".join(confirm),
        notes=notes,
    )


def without_policy(s: Situation) -> Verdict:
    sentence = "Who will be paged is unknown: the service's escalation policy is not in the directory."
    return Verdict("warning", sentence, UNNAMED)


def never_asked(s: Situation) -> Verdict:
    paged = "notified quietly" if s.is_low else "paged"
    sentence = f"{facts.ONCALLS_UNKNOWN}, with no earlier answer: whoever is on call in {s.policy} is {paged}."
    return Verdict("warning", sentence, UNNAMED)


def last_known(s: Situation) -> Verdict:
    """What was so is said as what was so, never as what will be."""
    then = "when last asked" if s.oncall_age_minutes is None else ago(s.oncall_age_minutes)
    start = f"{facts.ONCALLS_UNKNOWN}; {then}"
    people, nearest = s.known.first.people, s.known.nearest
    if nearest is None:
        confirm = f"There may be nobody on call in {s.policy}, so this may page nobody."
        return Verdict("danger", f"{start} nobody was on call in {s.policy}.", UNNAMED, needs_confirmation=confirm)
    if not people:
        names = names_of(nearest.people, s)
        sentence = f"{start} level 1 of {s.policy} was empty, and level {nearest.number} was {names}."
        confirm = f"Level 1 of {s.policy} may still be empty, so this may page nobody now."
        return Verdict("danger", sentence, UNNAMED, needs_confirmation=confirm)
    over = [person for person in people if person.is_over]
    since = f"; {shift_of(over, s)} has ended since" if over else ""
    one_of = "one of " if s.known.first.is_round_robin else ""
    return Verdict("warning", f"{start} it was {one_of}{names_of(people, s)}{since}.", UNNAMED)


def nobody(s: Situation) -> Verdict:
    sentence = f"Pages nobody: nobody is on call in {s.policy}, at any level."
    confirm = f"Nobody is on call in {s.policy}, so this pages nobody."
    notes = [f"{REACH_SOMEBODY}, or phone somebody.", "PagerDuty may reject it."]
    return Verdict("danger", sentence, "Create it: nobody is paged", needs_confirmation=confirm, notes=notes)


def nobody_for_low(s: Situation) -> Verdict:
    sentence = f"Pages nobody: level 1 of {s.policy} is empty, and {facts.NO_ESCALATION}."
    confirm = f"Level 1 of {s.policy} is empty, so this may never notify anybody."
    level = s.known.nearest or s.known.first
    notes = [f"{REACH_SOMEBODY}, or choose high urgency.", facts.empty_level_may_be_skipped(level.number, "notify")]
    return Verdict("danger", sentence, LEVEL_1_EMPTY, needs_confirmation=confirm, notes=notes)


def nobody_now(s: Situation) -> Verdict:
    level = s.known.nearest or s.known.first
    people = names_of(level.people, s)
    then, be_then = f"{people} (level {level.number})", verb_for(level.people, s)
    if level.is_round_robin:
        then, be_then = f"one of {then}", "is"
    if any(person.is_over for person in level.people):
        then, be_then = f"whoever is on call at level {level.number} by then (now {people})", "is"
    when = after(level.starts_after_minutes)
    sentence = f"Pages nobody now: level 1 of {s.policy} is empty; {then} {be_then} paged {when}."
    confirm = f"Level 1 of {s.policy} is empty, so this may page nobody now."
    notes = [f"{REACH_SOMEBODY}.", facts.empty_level_may_be_skipped(level.number)]
    return Verdict("danger", sentence, LEVEL_1_EMPTY, needs_confirmation=confirm, notes=notes)


def changing_hands(s: Situation) -> Verdict:
    shift = shift_of(s.known.first.people, s)
    sentence = f"{shift[0].upper()}{shift[1:]} has just ended: whoever is on call next is notified, if anybody is."
    return Verdict("warning", sentence, UNNAMED)


def one_of_them(s: Situation) -> Verdict:
    """PagerDuty does not say whose turn it is."""
    people, verb = s.known.first.people, "Notify" if s.is_low else "Page"
    sentence = f"Pages one of {names_of(people, s)} now (round robin)."
    if s.is_low:
        sentence = f"Low urgency: one of {names_of(people, s)} is notified quietly (round robin), then nobody else."
    return Verdict("warning" if s.is_low else "info", sentence, f"{verb} one of {len(people)} people")


def quietly(s: Situation) -> Verdict:
    people = s.known.first.people
    return Verdict("warning", notified_quietly(people, s), button_for(people, s, "Notify"))


def alone(s: Situation) -> Verdict:
    people = s.known.first.people
    sentence = f"Pages {names_of(people, s)} now; {facts.NOBODY_ELSE_ON_CALL}."
    return Verdict("warning", sentence, button_for(people, s))


def at_once(s: Situation) -> Verdict:
    people = s.known.first.people
    return Verdict("info", f"Pages {names_of(people, s)} now.", button_for(people, s))


def notified_quietly(people: Sequence[Responder], s: Situation) -> str:
    return f"Low urgency: {names_of(people, s)} {verb_for(people, s)} notified quietly, then nobody else."


def not_on_call(off: Sequence[Responder], s: Situation) -> str:
    """That they are not on call, and who is."""
    nearest = s.known.nearest
    on = nearest.people if nearest else ()
    is_past = s.is_last_known
    instead = f"{names_of(on, s)} {verb_for(on, s, is_past=is_past)}" if on else f"nobody {'was' if is_past else 'is'}"
    when = "when last asked" if is_past else "now"  # no age: what was confirmed is still so a minute later
    return f"{names_of(off, s)} {verb_for(off, s, is_past=is_past)} not on call in {s.policy} {when}; {instead}."
