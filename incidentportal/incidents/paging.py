"""The paging path: who is paged at each level of an escalation policy, when, and what time it is for them.

Pure: what the directory knows comes in, what the page shows comes out. Names are other people's text. They leave here
as plain text, never as HTML, and `fit` keeps them from rearranging the sentence around them.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

NIGHT_BEGINS, NIGHT_ENDS = 22, 7
CITIES = ("Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")
# Invisible characters that turn the direction of all text after them.
DIRECTIONS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
JOINER = "\u200d"


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


def zone_of(name: str) -> ZoneInfo | None:
    """The time zone of that name, or None where there is none such."""
    try:
        return ZoneInfo(name)
    except (LookupError, ValueError, OSError):  # OSError: a folder of zones ("America"), or a name too long for a file
        return None


def clock(at: datetime, zone: str, now: datetime) -> str:
    """A time as people there say it: "tomorrow 08:00 in Berlin"; "02:30 CET in Berlin" if it comes twice."""
    known = zone_of(zone)
    local, today = at.astimezone(known or UTC), now.astimezone(known or UTC).date()
    area, _, city = zone.rpartition("/")
    is_twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    is_city = known is not None and area.split("/")[0] in CITIES
    time = f"{local:%H:%M %Z}" if is_twice or not is_city else f"{local:%H:%M}"
    place = f" in {city.replace('_', ' ')}" if is_city else ""
    days = (local.date() - today).days
    if days not in (0, 1):
        return f"{local:%a} {time}{place}" if 1 < days < 7 else f"{local.day} {local:%b} {time}{place}"
    return f"{'tomorrow ' if days else ''}{time}{place}"


def span(minutes: float, *, is_short: bool = False) -> str:
    """How long, in the largest unit that fits: "12 minutes", "2 hours", "3 days"; short: "12 min", "2 h", "3 d"."""
    units = (60 * 48, 60 * 24, "day", "d"), (120, 60, "hour", "h"), (0, 1, "minute", "min")
    whole = max(0, int(minutes))
    size, long, short = next((size, long, short) for least, size, long, short in units if whole >= least)
    return f"{whole // size} {short}" if is_short else counted(whole // size, long)


def ago(minutes: float) -> str:
    """How long since: "12 minutes ago", "2 hours ago", "a moment ago"."""
    return f"{span(minutes)} ago" if minutes >= 1 else "a moment ago"


def after(minutes: int | None) -> str:
    """When a level is paged, exactly: "after 30 minutes", "after 2 hours", "at once", "later" where it is not known."""
    if not minutes:
        return "later" if minutes is None else "at once"
    return f"after {span(minutes) if minutes >= 120 and minutes % 60 == 0 else counted(minutes, 'minute')}"


def counted(count: int, word: str) -> str:
    """ "1 minute", "2 minutes"."""
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def clean(text: object) -> str:
    """One line of somebody else's text, without control characters and without those that turn its direction."""
    line = "".join(" " if unicodedata.category(sign) in ("Cc", "Cs") else sign for sign in str(text or ""))
    return " ".join(DIRECTIONS.sub("", line).split())


def fit(text: object, limit: int = 80) -> str:
    """Somebody else's text within a sentence: cut between characters, and held apart where it runs right to left."""
    line = clean(text)
    if len(line) > limit:
        end = limit - 1
        while end > 1 and (
            JOINER in line[end - 1 : end + 1] or unicodedata.category(line[end]) in ("Mn", "Mc", "Me", "Sk")
        ):
            end -= 1
        line = line[:end].rstrip() + "…"
    is_rtl = any(unicodedata.bidirectional(sign) in ("R", "AL") for sign in line)
    return f"\u2068{line}\u2069" if is_rtl else line
