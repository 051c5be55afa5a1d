"""The paging path: who is paged at each level of an escalation policy, when, and what time it is for them.

Pure: what the directory knows comes in, what the page shows comes out. Names are other people's text. They leave here
as plain text, never as HTML.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import accumulate, groupby
from typing import Any

from incidentportal.directory.live.crowds import LEVELS, PEOPLE, Others, shown_of
from incidentportal.pagerduty import OnCall
from incidentportal.wording import after, clock, plain_line, zone_of

NIGHT_BEGINS, NIGHT_ENDS = 22, 7
FAR = 366 * 24 * 60  # minutes until a level is paged, at most, whatever PagerDuty says


@dataclass(frozen=True)
class Responder:
    """One person at one level."""

    person_id: str
    name: str  # one line, in full: the page may have to cut it
    local_now: datetime | None  # None if their time zone is unknown
    local_time: str  # "03:12 in Berlin"
    via: str = ""  # the schedules that put them there; "" if the policy names them
    until: str = ""  # "until 08:00 in Berlin", in their own time; "" for ever
    is_on_earlier_level: bool = False
    is_over: bool = False  # their shift ends before this level is reached: somebody else may be paged

    @property
    def is_night(self) -> bool:
        """Whether it is night for them; False if their time zone is unknown."""
        return self.local_now is not None and not NIGHT_ENDS <= self.local_now.hour < NIGHT_BEGINS


@dataclass(frozen=True)
class Level:
    """One step of the path."""

    number: int
    starts_after_minutes: int | None  # None if the mirror does not know the level yet
    people: tuple[Responder, ...]
    targets: tuple[str, ...] = ()  # the people and schedules that the policy names here: the first of them
    more_targets: int = 0
    others: int = 0  # people who are on call here as well, and are only counted
    are_others_over: bool = True  # all of the others, as `Responder.is_over`
    is_another_over: bool = False  # at least one of the others
    is_empty: bool = False  # known to have nobody on call; never True while that is unknown
    is_round_robin: bool = False  # only one of the people is paged
    is_low: bool = False  # at low urgency

    @property
    def count(self) -> int:
        """How many people are on call here."""
        return len(self.people) + self.others

    @property
    def is_over(self) -> bool:
        """Whether everybody's shift ends before this level is reached."""
        return self.are_others_over and all(person.is_over for person in self.people)

    @property
    def is_reached(self) -> bool:
        """False after level 1 at low urgency, which does not escalate automatically."""
        return self.number == 1 or not self.is_low

    @property
    def when(self) -> str:
        """When it is paged: "At once", "After 30 minutes without an answer"."""
        if not self.is_reached:
            return "Not at low urgency"
        wait = after(self.starts_after_minutes).capitalize()
        if self.number == 1:
            return f"{wait}, quietly" if self.is_low else wait
        return f"{wait} without an answer" if self.starts_after_minutes else wait


@dataclass(frozen=True)
class PagingPath:
    """Who is paged, level after level, while nobody acknowledges. There is always a level 1.

    Of many levels and people only the first are here: those that a page shows.
    """

    levels: tuple[Level, ...]
    loops: int = 0  # how often it starts again at its end
    is_known: bool = True  # False if who is on call is unknown
    is_direct: bool = False  # people assigned by name: nothing escalates
    more_levels: int = 0
    others: frozenset[str] = frozenset()  # the ids of all who are only counted, at any level

    @property
    def first(self) -> Level:
        """The level that is paged at once."""
        return self.levels[0]

    @property
    def nearest(self) -> Level | None:
        """The first level with anybody on it; None if there is none."""
        return next((level for level in self.levels if level.people), None)

    @property
    def people(self) -> dict[str, Responder]:
        """Everybody in `levels` by id, each as they are met first."""
        return {person.person_id: person for level in reversed(self.levels) for person in level.people}

    @property
    def only(self) -> Responder | None:
        """The one person on it, although it has more levels than one."""
        is_alone = len(self.people) == 1 < len(self.levels) and not self.others - self.people.keys()
        return next(iter(self.people.values())) if is_alone else None

    def has(self, person_id: str) -> bool:
        """Whether this person is on call at any level."""
        return person_id in self.people or person_id in self.others


def path_of(
    rules: Sequence[Mapping[str, Any]],
    rows: Iterable[OnCall] | None,
    *,
    zones: Mapping[str, str],
    num_loops: int,
    urgency: str,
    now: datetime,
    others: Mapping[int, Others] | None = None,
) -> PagingPath:
    """The path of a policy. `rows` is None if who is on call is unknown; [] means that nobody is.

    `others` are the people of a level who were left out of `rows`.
    """
    found, more = shown_of(rows or ())
    more = {**(others or {}), **more}
    delays = (rule["delay_minutes"] for rule in rules[:-1])
    # After how many minutes each level is paged.
    starts = {level: min(minutes, FAR) for level, minutes in enumerate(accumulate(delays, initial=0), start=1)}
    by_level = {level: list(here) for level, here in groupby(found, key=lambda row: row.level) if level > 0}
    numbers = sorted({*starts, *by_level, *(level for level in more if level > 0)})
    shown = {*numbers[:LEVELS], *list(by_level)[:1]}  # the first level with anybody is always among them
    levels: list[Level] = []
    seen: set[str] = set()
    for number in sorted(shown):
        rule = rules[number - 1] if number <= len(rules) else {}
        people = people_of(by_level.get(number, []), zones=zones, now=now, starts=starts.get(number), seen=seen)
        level = Level(
            number, starts.get(number), people, is_low=urgency == "low", is_empty=rows is not None and not people
        )
        levels.append(with_rule(with_others(level, more.get(number), now), rule))
        seen |= {person.person_id for person in people}
    rest = frozenset().union(*(some.ids for some in more.values()))
    return PagingPath(tuple(levels), num_loops, rows is not None, more_levels=len(numbers) - len(levels), others=rest)


def with_others(level: Level, others: Others | None, now: datetime) -> Level:
    """The level with how many others are on call there."""
    if others is None:
        return level
    begins = begins_at(level.starts_after_minutes, now)
    one, all_of_them = (end is not None and end <= begins for end in (others.soonest, others.latest))
    return replace(level, others=len(others.ids), are_others_over=all_of_them, is_another_over=one)


def with_rule(level: Level, rule: Mapping[str, Any]) -> Level:
    """The level with what the policy says of it."""
    targets = rule.get("targets", ())
    return replace(
        level,
        targets=tuple(plain_line(target.get("name")) for target in targets[:PEOPLE]),
        more_targets=max(0, len(targets) - PEOPLE) + rule.get("more_targets", 0),
        is_round_robin=rule.get("strategy") == "round_robin" and level.count > 1,
    )


def direct_path_of(people: Sequence[Responder], *, is_low: bool = False) -> PagingPath:
    """The path of people assigned by name: they are notified at once, and nobody else ever is."""
    others = max(0, len(people) - PEOPLE)
    return PagingPath((Level(1, 0, tuple(people[:PEOPLE]), others=others, is_low=is_low),), is_direct=True)


def begins_at(starts: int | None, now: datetime) -> datetime:
    """When a level is paged. In UTC, because Python compares two times of one zone by the clock on the wall."""
    return now.astimezone(UTC) + timedelta(minutes=starts or 0)


def people_of(
    rows: list[OnCall], *, zones: Mapping[str, str], now: datetime, starts: int | None, seen: set[str]
) -> tuple[Responder, ...]:
    """The people of one level, by name. Somebody on two of its schedules is there once, until the later end."""
    begins = begins_at(starts, now)
    people = []
    for person_id in dict.fromkeys(row.person_id for row in rows):
        mine = [row for row in rows if row.person_id == person_id]
        ends = [row.until for row in mine if row.until]
        until = max(ends) if len(ends) == len(mine) else None
        zone = zones.get(person_id, "")
        person = responder(person_id, mine[0].person_name, zone, now)
        people.append(
            replace(
                person,
                via=" and ".join(dict.fromkeys(plain_line(row.schedule_name) for row in mine if row.schedule_name)),
                until=f"until {clock(until, zone, now)}" if until else "",
                is_on_earlier_level=person_id in seen,
                is_over=until is not None and until <= begins,
            )
        )
    return tuple(sorted(people, key=lambda person: (person.name.casefold(), person.person_id)))


def responder(person_id: str, name: str, zone: str, now: datetime) -> Responder:
    """Somebody, and what time it is for them; in UTC, and said so, if their time zone is unknown."""
    known = zone_of(zone)
    time = clock(now, zone, now) + ("" if known else " (their time zone is unknown)")
    name = plain_line(name) or "Somebody without a name"
    return Responder(person_id, name, now.astimezone(known) if known else None, time)
