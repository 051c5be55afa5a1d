"""How we measure: medians of alternating rounds, so that a busy machine slows both sides, as lines of a table."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

Work = Callable[[], object]


@dataclass(frozen=True)
class Line:
    """One line of the table: what took how long, what it is compared with, and the ratio of the two."""

    what: str
    measured: str
    against: str
    ratio: float


def alternating(times: int, *works: Work) -> list[float]:
    """The median seconds of each work. Each round does every work once; the first round does not count."""
    taken: list[list[float]] = [[] for _ in works]
    for turn in range(times + 1):
        for place, work in enumerate(works):
            started = time.perf_counter()
            work()
            if turn:
                taken[place].append(time.perf_counter() - started)
    return [statistics.median(seconds) for seconds in taken]


def line(what: str, seconds: float, against: str, other: float) -> Line:
    """A line that compares two durations."""
    return Line(what, shown(seconds), f"{against}: {shown(other)}", seconds / other)


def shown(seconds: float) -> str:
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1000:.1f} ms"
