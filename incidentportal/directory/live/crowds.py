"""On-calls of a large policy, cut to what a page can show: the first levels, and the first people of each. Pure."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from incidentportal.pagerduty import OnCall

LEVELS, PEOPLE = 20, 12  # shown at most: levels of a policy, people of a level


@dataclass(frozen=True)
class Others:
    """The other people on call at a level: counted, but not shown."""

    ids: frozenset[str]
    soonest: datetime | None  # when the first of their shifts ends; None for never
    latest: datetime | None  # when the last of them does


def shown_of(rows: Iterable[OnCall]) -> tuple[list[OnCall], dict[int, Others]]:
    """The rows to show, by level and name, and the others by level."""
    by_level: defaultdict[int, list[OnCall]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: (row.level, row.person_name.casefold(), row.person_id)):
        by_level[row.level].append(row)
    shown: list[OnCall] = []
    others: dict[int, Others] = {}
    for place, (level, here) in enumerate(by_level.items()):
        ids = list(dict.fromkeys(row.person_id for row in here))
        first = set(ids[:PEOPLE] if place < LEVELS else ())
        shown += [row for row in here if row.person_id in first]
        if rest := [row for row in here if row.person_id not in first]:
            ends = [row.until for row in rest if row.until]
            latest = max(ends) if len(ends) == len(rest) else None
            others[level] = Others(frozenset(row.person_id for row in rest), min(ends, default=None), latest)
    return shown, others
