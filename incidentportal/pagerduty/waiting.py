"""How many threads of a web process may wait for PagerDuty at a time, so that some always serve pages.

There is no limit until `limit_waiting` is called, which only a web process does.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from threading import BoundedSemaphore

from incidentportal.pagerduty.errors import Busy
from incidentportal.pagerduty.shared_state import LOOK_UPS

everybody: list[BoundedSemaphore] = []
look_ups: list[BoundedSemaphore] = []


def limit_waiting(threads: int) -> None:
    """Of so many threads let three quarters wait, and half in look-ups, which so leave places to submissions."""
    everybody[:] = [BoundedSemaphore(max(1, threads * 3 // 4))]
    look_ups[:] = [BoundedSemaphore(max(1, threads // 2))]


@contextmanager
def place_for(lane: str) -> Iterator[None]:
    """A place among those who wait. Raises Busy at once where there is none."""
    with ExitStack() as taken:
        for places in [*(look_ups if lane == LOOK_UPS else ()), *everybody]:
            if not places.acquire(blocking=False):
                raise Busy
            taken.callback(places.release)
        yield
