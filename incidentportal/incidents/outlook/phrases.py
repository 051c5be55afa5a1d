"""What the verdict, hints and notes have in common: each fact about PagerDuty, and how people are named. Pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from incidentportal.directory.urgency import OwnUrgency
from incidentportal.incidents.outlook.paging_path import Responder
from incidentportal.incidents.outlook.situation import Situation
from incidentportal.wording import clock, counted, fit, plain_line

EITHER_OR = "Choose an escalation policy or an assignee, not both: PagerDuty accepts only one of them."
NO_ESCALATION = "low urgency does not escalate automatically"
LOW_URGENCY = f"{NO_ESCALATION.capitalize()}: nobody is notified after level 1."
NOBODY_ELSE = "nobody else is paged if {they} miss it"  # after an assignee
NOBODY_ELSE_ON_CALL = "nobody else is on call at any level"
ONCALLS_UNKNOWN = "Who is on call now is unknown"
SELF_ASSIGNED = "You are assigning yourself: the incident starts acknowledged, and you are not notified."
ALSO_SELF_ASSIGNED = "You are also assigning yourself: that acknowledges the incident, and PagerDuty may notify nobody."
BUTTON_LIMIT = 40  # what a phone shows on one line


def maintenance(until: datetime | None, zone: str, now: datetime) -> str:
    """What PagerDuty makes of a manual report during maintenance is not documented."""
    end = f" until {clock(until, zone, now)}" if until and until > now else ""
    return f"In maintenance{end}: PagerDuty may create nothing and page nobody."


def service_decides(own: OwnUrgency, zone: str, now: datetime) -> str:
    """The urgency that the service gives to a report that leaves it open."""
    if own.is_by_severity:
        return f"The service decides by severity. A manual report has none, so {own.now} urgency is expected."
    if own.are_hours_unreadable:
        return f"The service decides: {own.now} urgency, because its support hours cannot be read."
    if own.until is None or own.until <= now:
        return f"The service decides: {own.now} urgency."
    also = ", also for incidents that are still open" if own.raises_open else ""
    return f"The service decides: {own.now} urgency until {clock(own.until, zone, now)}, then {own.then}{also}."


def names_of(people: Sequence[Responder], s: Situation, others: int = 0) -> str:
    """Their names within a sentence: up to three in full; of more, two and how many others.

    `others` is how many there are beside these people.
    """
    names = ["you" if person.person_id == s.sender_id else fit(person.name) for person in you_first(people, s)]
    if len(names) + others > 3:
        names = [*names[:2], counted(len(names) - 2 + others, "other")]
    return " and ".join(part for part in (", ".join(names[:-1]), *names[-1:]) if part)


def you_first(people: Iterable[Responder], s: Situation) -> list[Responder]:
    return sorted(people, key=lambda person: person.person_id != s.sender_id)


def verb_for(people: Sequence[Responder], s: Situation, *, is_past: bool = False) -> str:
    """The form of "be" that follows `names_of`."""
    if len(people) == 1 and people[0].person_id != s.sender_id:
        return "was" if is_past else "is"
    return "were" if is_past else "are"


def shift_of(people: Sequence[Responder], s: Situation, others: int = 0) -> str:
    """ "your shift", "Ada Byron's shift"."""
    is_yours = [person.person_id for person in people] == [s.sender_id] and not others
    return "your shift" if is_yours else f"{names_of(people, s, others)}'s shift"


def button_for(people: Sequence[Responder], s: Situation, verb: str, others: int = 0) -> str:
    """What the button says, short enough for a phone: a long name loses its middle, then all but its first word."""
    first, *more = you_first(people, s)
    rest = f" and {counted(len(more) + others, 'other')}" if more or others else ""
    if first.person_id == s.sender_id:
        return f"{verb} yourself{rest}"
    room = BUTTON_LIMIT - len(f"{verb} {rest}") - 2  # two invisible characters isolate a right-to-left name
    words = plain_line(first.name).split() or ["somebody"]
    shorter = (" ".join(words), f"{words[0]} {words[-1]}", words[0])
    return f"{verb} {next((fit(name) for name in shorter if len(name) <= room), fit(words[0], room))}{rest}"
