"""What is unusual about a paging path, in sentences. Pure."""

from collections.abc import Iterable

from incidentportal.incidents.outlook import facts
from incidentportal.incidents.outlook.paging_path import Level, PagingPath
from incidentportal.wording import after, counted, fit


def notes_on_path(path: PagingPath) -> Iterable[str]:
    """Empty levels, shifts that end, who is alone, and what happens at the end of the path."""
    if path.is_direct:
        yield f"{facts.nobody_else().capitalize()}."
        return
    yield from notes_on_people(path)
    if not all(level.is_reached for level in path.levels):
        yield facts.LOW_URGENCY
    elif path.loops:
        yield f"The policy repeats {counted(path.loops, 'time')} until somebody acknowledges."
    if any(level.starts_after_minutes is None for level in path.levels):
        yield "The policy has changed since it was last read: when its later levels are paged is unknown."


def notes_on_people(path: PagingPath) -> Iterable[str]:
    """Who is on call; nothing where that is as usual."""
    if not path.is_known:
        yield f"{facts.ONCALLS_UNKNOWN}."
    elif not path.people:
        yield "Nobody is on call at any level."
    else:
        yield from (note for level in path.levels if level.is_reached for note in notes_on_level(level, path))
        if len(path.people) == 1 and len(path.levels) > 1:
            (person,) = path.people.values()
            yield f"Apart from {fit(person.name)}, {facts.NOBODY_ELSE_ON_CALL}."


def notes_on_level(level: Level, path: PagingPath) -> Iterable[str]:
    """Empty, round robin, or with a shift that ends too early."""
    later = (other for other in path.levels if other.number > level.number and other.people and other.is_reached)
    then = next(later, None)
    if not level.people:
        until = f" until level {then.number} {after(then.starts_after_minutes)}" if then else " there"
        yield f"Level {level.number} is empty: nobody is paged{until}."
    if level.is_round_robin:
        yield f"Level {level.number} is {facts.round_robin(len(level.people))}."
    for person in level.people:
        if person.is_over:
            when = "is ending now" if level.number == 1 else f"ends before level {level.number} is paged"
            yield f"{fit(person.name)}'s shift {when}: whoever is on call next may be paged instead."
