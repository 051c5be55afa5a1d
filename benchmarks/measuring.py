"""What measurements are made with: medians, taken in turns so that a busy machine slows both sides, and lines."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

Work = Callable[[], object]


@dataclass(frozen=True)
class Line:
    """One line of the table: how long something took, what it is held against, and how many times that it is."""

    what: str
    measured: str
    against: str
    ratio: float


def in_turns(times: int, *works: Work) -> list[float]:
    """The median seconds of each work, once each in turn, after one round that does not count."""
    taken: list[list[float]] = [[] for _ in works]
    for turn in range(times + 1):
        for place, work in enumerate(works):
            started = time.perf_counter()
            work()
            if turn:
                taken[place].append(time.perf_counter() - started)
    return [statistics.median(seconds) for seconds in taken]


def line(what: str, seconds: float, against: str, other: float) -> Line:
    """A line about two durations."""
    return Line(what, shown(seconds), f"{against}: {shown(other)}", seconds / other)


def shown(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1000:.1f} ms"
