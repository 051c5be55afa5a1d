"""The verdict: one sentence above the button that says what pressing it will do, and the button itself.

Pure. `CASES` is the table: the first case that applies speaks. What PagerDuty does is said as certain only where it is
documented, and a name is only said to be paged where PagerDuty has just said that it is on call.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, timedelta
from typing import Literal

from incidentportal.incidents.outlook.paging_path import Page
from incidentportal.incidents.outlook.situation import Situation, be, button, shift_of, them, was_when, who
from incidentportal.wording import after, clean, clock, fit

SOON = timedelta(hours=1)
UNNAMED = "Page whoever is on call"
REACH_SOMEBODY = "To reach somebody now, choose another escalation policy or assign a person"


@dataclass(frozen=True)
class Verdict:
    """What the page says. Plain text throughout."""

    level: Literal["info", "warning", "danger", "idle"]
    sentence: str
    button: str
    can_submit: bool = True
    needs_confirmation: str = ""  # to be confirmed before it is sent; "" where the click is enough. It states no ages
    notes: list[str] = field(default_factory=list)


def verdict_on(situation: Situation) -> Verdict:
    """Say what pressing the button will do."""
    verdict = next(says(situation) for applies, says in CASES if applies(situation))
    if not verdict.can_submit or verdict.level == "idle":
        return verdict
    verdict = replace(verdict, notes=[*verdict.notes, *notes_on(situation, verdict)])
    if situation.is_in_maintenance:
        verdict = in_maintenance(situation, verdict)
    if verdict.needs_confirmation:
        verdict = replace(verdict, needs_confirmation=f"{verdict.needs_confirmation} Create it all the same?")
    return verdict


def disabled(s: Situation) -> Verdict:
    """Also of a service that is gone: its reason says so."""
    reason = clean(s.disabled_reason) or "The service takes no incidents."
    start = "The service is disabled:" if "disabled" in reason.lower() else reason
    return Verdict("danger", f"{start} PagerDuty will create nothing.", "Page now", can_submit=False, notes=[reason])


def both(s: Situation) -> Verdict:
    sentence = "Choose an escalation policy or a person, not both: PagerDuty takes only one of them."
    return Verdict("danger", sentence, "Page now", can_submit=False)


def nothing_chosen(s: Situation) -> Verdict:
    return Verdict("idle", "Choose a service to see who will be paged.", "Page now")


def to_yourself(s: Situation) -> Verdict:
    return Verdict("warning", "You assign yourself: acknowledged at once, no notification.", "Take it yourself")


def to_people(s: Situation) -> Verdict:
    """Picked by name: nobody else is ever told, and whoever is not on call may well sleep."""
    others = [page for page in s.assignees if page.person_id != s.sender_id]
    off = [page for page in others if page.person_id not in s.known.people]
    they = "they" if len(others) == len(s.assignees) else "you"
    notes, confirm = [], []
    if they == "you":
        notes.append("Whoever assigns themselves acknowledges at once: PagerDuty may then notify nobody.")
        confirm.append("You assign yourself too, so perhaps nobody is notified.")
    if off and s.known.is_known:
        confirm.append(not_on_call(off, s))
    elif off:
        notes.append(f"Whether {who(off, s)} {be(off, s)} on call is not known.")
    sentence = f"Pages only {who(s.assignees, s)}; nobody else is paged if {they} miss it."
    if s.is_low:
        sentence = f"Low urgency: {who(s.assignees, s)} {be(s.assignees, s)} notified quietly, and nobody else."
    level: Literal["info", "warning"] = "warning" if notes or confirm or s.is_low else "info"
    return Verdict(
        level,
        sentence,
        button(s.assignees, s, "Notify" if s.is_low else "Page"),
        needs_confirmation=" ".join(confirm),
        notes=notes,
    )


def without_policy(s: Situation) -> Verdict:
    sentence = "Who will be paged is not known: the service's escalation policy is not in the directory."
    return Verdict("warning", sentence, UNNAMED)


def never_asked(s: Situation) -> Verdict:
    unknown = "PagerDuty does not say who is on call now, and was never asked before"
    paged = "notified quietly" if s.is_low else "paged"
    return Verdict("warning", f"{unknown}: whoever is on call in {s.policy} is {paged}.", UNNAMED)


def last_known(s: Situation) -> Verdict:
    """What was so is said as what was so, never as what will be."""
    start = f"PagerDuty does not say who is on call now; {was_when(s)}"
    people, nearest = s.known.first.people, s.known.nearest
    if nearest is None:
        confirm = f"Perhaps nobody is on call in {s.policy}, and nobody is paged."
        return Verdict("danger", f"{start} nobody was on call in {s.policy}.", UNNAMED, needs_confirmation=confirm)
    if not people:
        sentence = f"{start} level 1 of {s.policy} was empty, and level {nearest.number} was {who(nearest.people, s)}."
        confirm = f"Perhaps level 1 of {s.policy} is still empty, and nobody is paged now."
        return Verdict("danger", sentence, UNNAMED, needs_confirmation=confirm)
    over = [page for page in people if page.is_over]
    since = f"; {shift_of(over, s)} has ended since" if over else ""
    one_of = "one of " if s.known.first.is_round_robin else ""
    return Verdict("warning", f"{start} it was {one_of}{who(people, s)}{since}.", UNNAMED)


def nobody(s: Situation) -> Verdict:
    sentence = f"Pages nobody: nobody is on call in {s.policy}, at any level."
    confirm = f"Nobody is on call in {s.policy}, so nobody is paged."
    notes = [f"{REACH_SOMEBODY}, or phone somebody.", "PagerDuty may refuse it."]
    return Verdict("danger", sentence, "Create it: nobody is paged", needs_confirmation=confirm, notes=notes)


def nobody_for_low(s: Situation) -> Verdict:
    sentence = f"Pages nobody: level 1 of {s.policy} is empty, and low urgency does not escalate by itself."
    confirm = f"Level 1 of {s.policy} is empty, so perhaps nobody is ever notified."
    level = s.known.nearest or s.known.first
    skips = f"PagerDuty may also skip the empty level, and notify level {level.number}."
    notes = [f"{REACH_SOMEBODY}, or choose high urgency.", skips]
    return Verdict("danger", sentence, "Create it: level 1 is empty", needs_confirmation=confirm, notes=notes)


def nobody_now(s: Situation) -> Verdict:
    """PagerDuty does not document whether it waits for an empty level. Older articles of its say that it does not."""
    level = s.known.nearest or s.known.first
    people = who(level.people, s)
    then, be_then = f"{people} (level {level.number})", be(level.people, s)
    if level.is_round_robin:
        then, be_then = f"one of {then}", "is"
    if any(page.is_over for page in level.people):
        then, be_then = f"whoever is on call at level {level.number} by then (now {people})", "is"
    when = after(level.starts_after_minutes)
    sentence = f"Pages nobody now: level 1 of {s.policy} is empty; {then} {be_then} paged {when}."
    confirm = f"Level 1 of {s.policy} is empty, so perhaps nobody is paged now."
    notes = [f"{REACH_SOMEBODY}.", f"PagerDuty may also skip the empty level, and page level {level.number} at once."]
    return Verdict("danger", sentence, "Create it: level 1 is empty", needs_confirmation=confirm, notes=notes)


def changing_hands(s: Situation) -> Verdict:
    shift = shift_of(s.known.first.people, s)
    sentence = f"{shift[0].upper()}{shift[1:]} has just ended: whoever follows is told, if anybody does."
    return Verdict("warning", sentence, UNNAMED)


def one_of(s: Situation) -> Verdict:
    people, verb = s.known.first.people, "Notify" if s.is_low else "Page"
    sentence = f"Pages one of {who(people, s)} now, in turn."
    if s.is_low:
        sentence = f"Low urgency: one of {who(people, s)} is notified quietly, in turn, and nobody else after them."
    return Verdict("warning" if s.is_low else "info", sentence, f"{verb} one of {len(people)} people")


def quietly(s: Situation) -> Verdict:
    people = s.known.first.people
    says = f"{who(people, s)} {be(people, s)} notified quietly, and nobody else after {them(people, s)}"
    return Verdict("warning", f"Low urgency: {says}.", button(people, s, "Notify"))


def only(s: Situation) -> Verdict:
    people = s.known.first.people
    sentence = f"Pages {who(people, s)} now, and nobody but {them(people, s)}: nobody else is on call at any level."
    return Verdict("warning", sentence, button(people, s))


def now(s: Situation) -> Verdict:
    people = s.known.first.people
    return Verdict("info", f"Pages {who(people, s)} now.", button(people, s))


CASES: tuple[tuple[Callable[[Situation], object], Callable[[Situation], Verdict]], ...] = (
    (lambda s: s.disabled_reason, disabled),
    (lambda s: s.is_both, both),
    (lambda s: not (s.service_name or s.assignees or s.path), nothing_chosen),
    (lambda s: [page.person_id for page in s.assignees] == [s.sender_id], to_yourself),
    (lambda s: s.assignees, to_people),
    (lambda s: s.path is None, without_policy),
    (lambda s: not s.known.is_known, never_asked),
    (lambda s: s.oncall_problem, last_known),
    (lambda s: s.known.nearest is None, nobody),
    (lambda s: not s.known.first.people and s.is_low, nobody_for_low),
    (lambda s: not s.known.first.people, nobody_now),
    (lambda s: all(page.is_over for page in s.known.first.people), changing_hands),
    (lambda s: s.known.first.is_round_robin, one_of),
    (lambda s: s.is_low, quietly),
    (lambda s: len(s.known.people) == 1 and len(s.known.levels) > 1, only),
    (lambda s: True, now),
)


def in_maintenance(s: Situation, verdict: Verdict) -> Verdict:
    """What PagerDuty makes of a page by hand during maintenance is not documented."""
    is_ahead = s.maintenance_until is not None and s.maintenance_until > s.now
    until = f" until {clock(s.maintenance_until, s.zone, s.now)}" if is_ahead and s.maintenance_until else ""
    confirm = f"The service is in maintenance{until}: perhaps nothing is created. {verdict.needs_confirmation}".strip()
    return replace(
        verdict,
        level="danger" if verdict.level == "danger" else "warning",
        sentence=f"In maintenance{until}: PagerDuty may create nothing and page nobody.",
        button="Create it in maintenance",
        needs_confirmation=confirm,
        notes=[f"If it is created: {verdict.sentence}", *verdict.notes],
    )


def notes_on(s: Situation, verdict: Verdict) -> Iterable[str]:
    """What else is worth knowing, whichever case spoke."""
    if not s.service_name:
        yield "The service is missing."
    if s.is_title_missing:
        yield "The title is missing."
    if s.is_policy_overridden and not s.assignees:
        own = f", {fit(s.own_policy_name)}" if s.own_policy_name else ""
        yield f"This goes to {s.policy} instead of the service's own policy{own}."
    if clean(s.oncall_problem):
        yield clean(s.oncall_problem)
    if s.is_low and not s.assignees and not verdict.sentence.startswith(("Low", "Pages nobody")):
        yield "Low urgency does not escalate by itself: nobody is told after level 1."
    if not s.urgency and s.service_name:
        yield from notes_on_urgency(s)


def notes_on_urgency(s: Situation) -> Iterable[str]:
    """What the service makes of an urgency that was left to it."""
    other = "high" if s.is_low else "low"
    if s.is_severity_based:
        yield "The service decides by severity. A page by hand has none, so high urgency is expected."
    elif s.urgency_changes_at and s.now < s.urgency_changes_at <= s.now.astimezone(UTC) + SOON:
        at = clock(s.urgency_changes_at, s.zone, s.now)
        yield f"The service decides: {s.service_urgency} urgency until {at}, then {other}."
    elif s.is_low:
        yield "The service decides on low urgency. Choose high if it cannot wait."


def not_on_call(off: Sequence[Page], s: Situation) -> str:
    """That they are not on call, and who is."""
    nearest = s.known.nearest
    on = nearest.people if nearest else ()
    is_past = bool(s.oncall_problem)
    instead = f"{who(on, s)} {be(on, s, is_past)}" if on else "nobody was" if is_past else "nobody is"
    when = "when last asked" if is_past else "now"  # no age: what was confirmed is still so a minute later
    return f"{who(off, s)} {be(off, s, is_past)} not on call in {s.policy} {when}; {instead}."
