"""What is said beside the verdict: hints at the fields, notes on the paging path, a word about the night. Pure."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Literal, NamedTuple

from incidentportal.incidents.outlook import phrases
from incidentportal.incidents.outlook.cases import ASSIGNED, ASSIGNED_QUIETLY, said
from incidentportal.incidents.outlook.paging_path import NIGHT_ENDS, Level, PagingPath, Responder
from incidentportal.incidents.outlook.situation import Situation
from incidentportal.wording import after, counted, fit

MANY = 3  # pages in a night
PAGES_COUNTED = 100  # pages of a service in a night that are read, at most
NAMED = 3  # people of a level whose shifts end too early: others are only mentioned
EVENING = 20  # a night's pages are counted from here
ORDINALS = ("third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


class Hint(NamedTuple):
    """A sentence beside a field."""

    tone: Literal["info", "warning"]
    sentence: str


def hints_on(situation: Situation) -> dict[str, list[Hint]]:
    """The hints by field. Who is on call plays no part, so the situation need not know it."""
    return {
        "service": list(on_service(situation)),
        "urgency": list(on_urgency(situation)),
        "assignees": list(on_assignees(situation)),
    }


def on_service(s: Situation) -> Iterator[Hint]:
    if s.service_name and not s.disabled_reason:
        yield Hint("info", f"Its escalation policy: {fit(s.own_policy_name) or 'unknown'}.")
        if s.is_in_maintenance:
            yield Hint("warning", phrases.maintenance(s.maintenance_until, s.zone, s.now))


def on_urgency(s: Situation) -> Iterator[Hint]:
    if s.urgency == "low":
        yield Hint("warning", phrases.LOW_URGENCY)
    elif not s.urgency and s.service_name and not s.disabled_reason:
        yield Hint("info", phrases.service_decides(s.own_urgency, s.zone, s.now))


def on_assignees(s: Situation) -> Iterator[Hint]:
    if s.is_both or not s.assignees:
        return
    if s.is_self_assigned:
        yield Hint("warning", phrases.SELF_ASSIGNED)
        return
    yield Hint("warning", said(ASSIGNED_QUIETLY if s.is_low else ASSIGNED, s).sentence)
    if s.is_self_included:
        yield Hint("warning", phrases.ALSO_SELF_ASSIGNED)


def notes_on_path(path: PagingPath) -> Iterator[str]:
    """What is unusual: empty levels, shifts that end, who is alone, and what happens at the end of the path."""
    if path.is_direct:
        yield f"{phrases.NOBODY_ELSE.format(they='they').capitalize()}."
        return
    yield from notes_on_people(path)
    if not all(level.is_reached for level in path.levels):
        yield phrases.LOW_URGENCY
    elif path.loops:
        yield f"The policy repeats {counted(path.loops, 'time')} until somebody acknowledges."
    if any(level.starts_after_minutes is None for level in path.levels):
        yield "The policy has changed since it was last read: when its later levels are paged is unknown."


def notes_on_people(path: PagingPath) -> Iterator[str]:
    if not path.is_known:
        yield f"{phrases.ONCALLS_UNKNOWN}."
    elif not path.people:
        yield "Nobody is on call at any level."
    else:
        yield from (note for level in path.levels if level.is_reached for note in notes_on_level(level, path))
        if path.only:
            yield f"Apart from {fit(path.only.name)}, {phrases.NOBODY_ELSE_ON_CALL}."


def notes_on_level(level: Level, path: PagingPath) -> Iterator[str]:
    """Empty, round robin, or with a shift that ends too early."""
    later = (other for other in path.levels if other.number > level.number and other.people and other.is_reached)
    then = next(later, None)
    if not level.people:
        until = f" until level {then.number} {after(then.starts_after_minutes)}" if then else " there"
        yield f"Level {level.number} is empty: nobody is paged{until}."
    if level.is_round_robin:
        yield f"Level {level.number} is round robin: only one of its {level.count} people is paged."
    over = [person for person in level.people if person.is_over]
    when = "is ending now" if level.number == 1 else f"ends before level {level.number} is paged"
    for person in over[:NAMED]:
        yield f"{fit(person.name)}'s shift {when}: whoever is on call next may be paged instead."
    if over[NAMED:] or level.is_another_over:
        yield f"Other shifts of level {level.number} end as early."


def woken_by(path: PagingPath) -> Responder | None:
    """Whom this wakes at night; None where it wakes nobody, or PagerDuty alone knows whose turn it is."""
    if path.first.is_low or path.first.is_round_robin:
        return None
    return next((person for person in path.first.people if person.is_night), None)


def evening_of(person: Responder, now: datetime) -> datetime:
    """When the night began for this person, by their clock, even if the night has 23 or 25 hours."""
    local = person.local_now or now
    evening = local.replace(hour=EVENING, minute=0, second=0, microsecond=0)
    if local.hour < NIGHT_ENDS:
        evening -= timedelta(days=1)
    return evening.astimezone(UTC)


def note_on_night_pages(times: Iterable[datetime], path: PagingPath, *, service_name: str, now: datetime) -> str:
    """A gentle word before a service wakes somebody again: "" unless this is at least the third page of their night.

    `times` are when the service was paged for before. Leave out low urgency, which wakes nobody.
    """
    person = woken_by(path)
    if person is None:
        return ""
    begins, ends = evening_of(person, now), now.astimezone(UTC)
    pages = 1 + sum(begins <= time <= ends for time in times)
    if pages < MANY:
        return ""
    what = f"{nth_page(pages)} for {fit(service_name) or 'this service'} tonight"
    return f"This is {what}, and it is {person.local_time} for {fit(person.name)}. Is low urgency enough?"


def nth_page(number: int) -> str:
    if number > PAGES_COUNTED:
        return f"page number {PAGES_COUNTED} or later"
    beyond = number - MANY
    return f"the {ORDINALS[beyond]} page" if beyond < len(ORDINALS) else f"page number {number}"
