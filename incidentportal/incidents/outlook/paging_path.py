"""The paging path: who is paged at each level of an escalation policy, when, and what time it is for them.

Pure: what the directory knows comes in, what the page shows comes out. Names are other people's text. They leave here
as plain text, never as HTML, and `fit` keeps them from rearranging the sentence around them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from incidentportal.timezones import zone_of
from incidentportal.wording import after, clean, clock, counted, fit

NIGHT_BEGINS, NIGHT_ENDS = 22, 7


class OnCallRow(Protocol):
    """One row of PagerDuty's on-calls: somebody on call at one level, until a time, or for ever (None)."""

    @property
    def level(self) -> int: ...
    @property
    def person_id(self) -> str: ...
    @property
    def person_name(self) -> str: ...
    @property
    def schedule_name(self) -> str: ...  # "" where the person stands on the policy directly
    @property
    def until(self) -> datetime | None: ...


class Assignee(Protocol):
    """Somebody who was picked by name."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...


@dataclass(frozen=True)
class Page:
    """One person at one level."""

    person_id: str
    name: str  # one line, in full: the page may have to cut it
    local_now: datetime | None  # None where their time zone is unknown
    local_time: str  # "03:12 in Berlin"
    via: str = ""  # the schedules that put them there; "" where the policy names them
    until: str = ""  # "until 08:00 in Berlin", in their own time; "" for ever
    is_on_earlier_level: bool = False
    is_over: bool = False  # their shift ends before this level is reached: somebody else may be paged

    @property
    def is_night(self) -> bool:
        """Whether it is night where they are. Not known is no night."""
        return self.local_now is not None and not NIGHT_ENDS <= self.local_now.hour < NIGHT_BEGINS


@dataclass(frozen=True)
class Level:
    """One step of the path."""

    number: int
    starts_after_minutes: int | None  # None where the mirror does not know the delays before it
    people: tuple[Page, ...]
    targets: tuple[str, ...] = ()  # the people and schedules that the policy names here
    is_empty: bool = False  # known to have nobody on call; never True while that is not known
    is_round_robin: bool = False  # one of the people, in turn
    is_reached: bool = True  # False after level 1 at low urgency, which does not escalate by itself


@dataclass(frozen=True)
class PagingPath:
    """Who is paged, level after level, while nobody acknowledges. There is always a level 1."""

    levels: tuple[Level, ...]
    loops: int = 0  # how often it starts again at its end
    ends_after_minutes: int | None = None  # nobody else is told after that; None: not known, or it does not climb
    notes: tuple[str, ...] = ()
    is_known: bool = True  # False where nobody could say who is on call
    is_direct: bool = False  # people picked by name: nothing escalates
    is_low: bool = False  # they are notified quietly

    @property
    def first(self) -> Level:
        """The level that is paged at once."""
        return self.levels[0]

    @property
    def nearest(self) -> Level | None:
        """The first level with anybody on it; None where there is none."""
        return next((level for level in self.levels if level.people), None)

    @property
    def people(self) -> dict[str, Page]:
        """Everybody on it by id, each as they are met first."""
        return {page.person_id: page for level in reversed(self.levels) for page in level.people}


def path_of(
    rules: Sequence[Mapping[str, Any]],
    rows: Iterable[OnCallRow] | None,
    *,
    zones: Mapping[str, str],
    num_loops: int,
    urgency: str,
    now: datetime,
) -> PagingPath:
    """The path of a policy. `rows` is None where nobody could say who is on call; [] means that nobody is."""
    found = sorted(rows or (), key=lambda row: row.level)
    starts = starts_of(rules)
    levels: list[Level] = []
    for number in sorted({*starts, *(row.level for row in found if row.level > 0)}):
        rule = rules[number - 1] if number <= len(rules) else {}
        here = [row for row in found if row.level == number]
        seen = {page.person_id for level in levels for page in level.people}
        people = people_of(here, zones=zones, now=now, starts=starts.get(number), seen=seen)
        targets = tuple(clean(target.get("name")) for target in rule.get("targets") or ())
        is_turns = rule.get("strategy") == "round_robin" and len(people) > 1
        is_empty, is_reached = rows is not None and not people, number == 1 or urgency != "low"
        levels.append(Level(number, starts.get(number), people, targets, is_empty, is_turns, is_reached))
    loops, end = max(0, num_loops or 0), starts_of([*rules, {}]).get(len(rules) + 1)
    ends = None if urgency == "low" or not end else end * (loops + 1)
    path = PagingPath(tuple(levels), loops, ends, is_known=rows is not None, is_low=urgency == "low")
    return replace(path, notes=tuple(notes_on(path)))


def starts_of(rules: Sequence[Mapping[str, Any]]) -> dict[int, int | None]:
    """After how many minutes each level is paged; None where a delay before it is not known."""
    starts: dict[int, int | None] = {1: 0}
    for number, rule in enumerate(rules[:-1], start=1):
        begin, delay = starts[number], rule.get("delay_minutes")
        starts[number + 1] = None if begin is None or delay is None else begin + delay
    return starts


def direct_path_of(
    people: Iterable[Assignee], *, zones: Mapping[str, str], now: datetime, urgency: str = "high"
) -> PagingPath:
    """The path of people who were picked by name: they are told at once, and nobody else ever is."""
    pages = tuple(page_of(person.id, person.name, zones.get(person.id, ""), now) for person in people)
    level = Level(1, 0, pages, is_empty=not pages)
    notes = ("Nobody else is paged if they miss it.",)
    return PagingPath((level,), notes=notes, is_direct=True, is_low=urgency == "low")


def people_of(
    rows: list[OnCallRow], *, zones: Mapping[str, str], now: datetime, starts: int | None, seen: set[str]
) -> tuple[Page, ...]:
    """The people of one level, by name. Somebody on two of its schedules is there once, until the later end."""
    begins = now.astimezone(UTC) + timedelta(minutes=starts or 0)  # of one zone, only the clocks would be compared
    pages = []
    for person_id in dict.fromkeys(row.person_id for row in rows):
        mine = [row for row in rows if row.person_id == person_id]
        ends = [row.until for row in mine if row.until]
        until = max(ends) if len(ends) == len(mine) else None
        zone = zones.get(person_id) or ""
        page = page_of(person_id, mine[0].person_name, zone, now)
        via = " and ".join(dict.fromkeys(clean(row.schedule_name) for row in mine if row.schedule_name))
        says = f"until {clock(until, zone, now)}" if until else ""
        is_over = until is not None and until <= begins
        pages.append(Page(person_id, page.name, page.local_now, page.local_time, via, says, person_id in seen, is_over))
    return tuple(sorted(pages, key=lambda page: (page.name.casefold(), page.person_id)))


def page_of(person_id: str, name: str, zone: str, now: datetime) -> Page:
    """Somebody, and what time it is for them; in UTC, and said so, where their time zone is unknown."""
    known = zone_of(zone)
    time = clock(now, zone, now) + ("" if known else " (their time zone is unknown)")
    return Page(person_id, clean(name) or "Somebody without a name", now.astimezone(known) if known else None, time)


def notes_on(path: PagingPath) -> Iterable[str]:
    """What is odd about a path, in sentences."""
    if not path.is_known:
        yield "Who is on call is not known."
    elif not path.people:
        yield "Nobody is on call at any level."
    else:
        yield from (note for level in path.levels if level.is_reached for note in notes_on_level(level, path))
        if len(path.people) == 1 and len(path.levels) > 1:
            yield f"Nobody but {fit(next(iter(path.people.values())).name)} is on call at any level."
    if not all(level.is_reached for level in path.levels):
        yield "Low urgency does not escalate by itself: nobody is told after level 1."
    elif path.loops:
        yield f"It starts again {counted(path.loops, 'time')} while nobody acknowledges."
    if any(level.starts_after_minutes is None for level in path.levels):
        yield "The policy has changed since it was last read: when its later levels are paged is not known."


def notes_on_level(level: Level, path: PagingPath) -> Iterable[str]:
    """What is odd about one level."""
    later = (other for other in path.levels if other.number > level.number and other.people and other.is_reached)
    then = next(later, None)
    if not level.people:
        until = f" until level {then.number} {after(then.starts_after_minutes)}" if then else " there"
        yield f"Level {level.number} is empty: nobody is paged{until}."
    if level.is_round_robin:
        yield f"Level {level.number} takes turns: one of its {len(level.people)} people is paged."
    for page in level.people:
        if page.is_over:
            when = "is ending now" if level.number == 1 else f"ends before level {level.number} is paged"
            yield f"The shift of {fit(page.name)} {when}: whoever follows them may be paged instead."
