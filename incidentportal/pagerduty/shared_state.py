"""What all processes learn from each other's calls, in the cache: the rate limit, an outage, a refused token.

Source: developer.pagerduty.com, "Rate Limits": answers carry `ratelimit-limit`, `-remaining` and `-reset` (seconds).
They speak of whichever limit is closest to being hit. A 429 may come without them.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

from django.core.cache import cache

from incidentportal.pagerduty.errors import RATE_LIMITED, Unavailable, wait_from

LOOK_UPS, SUBMISSIONS = "look-ups", "submissions"
RESERVE = 0.15  # look-ups leave this share of a limit to submissions
DEFAULT_WAIT, LONGEST_WAIT = 10.0, 300.0
# SILENT puts look-ups off for some seconds. UNHEARD says that the latest call got no answer.
HELD, SILENT, UNHEARD = "pagerduty:held-until", "pagerduty:silent", "pagerduty:unheard"
DOWN, REFUSED = "pagerduty:failing-since", "pagerduty:refused-since"
SILENT_SECONDS = 8
DOWN_SECONDS = 180  # how long an outage is believed in without news
REFUSED_SECONDS = 24 * 3600
STUMBLES = 1  # failures in a row that are not yet an outage
may_try_again: ContextVar[bool] = ContextVar("may_try_again", default=True)


def down_since() -> datetime | None:
    """When PagerDuty stopped answering, or None where it answers, or failed only once."""
    started, failures = cache.get(DOWN, (None, 0))
    return started if failures > STUMBLES else None


def is_silent() -> bool:
    """Whether PagerDuty is known to give no answer at all: whoever asks it now most likely waits in vain."""
    return down_since() is not None and bool(cache.get(UNHEARD))


@contextmanager
def without_waiting_in_vain() -> Iterator[None]:
    """Within this block, no look-up is the one that tries whether a silent PagerDuty answers again."""
    token = may_try_again.set(False)
    try:
        yield
    finally:
        may_try_again.reset(token)


def refused_since() -> datetime | None:
    """When PagerDuty began to refuse the portal's token (401), or None where the latest call was let in."""
    found: datetime | None = cache.get(REFUSED)
    return found


def refuse_early(lane: str) -> None:
    """Raise Unavailable, unsent, if the rate limit holds this lane back, or if a look-up would wait in vain.

    After a call without an answer, look-ups pause for some seconds. While PagerDuty is known to be silent, one of them
    at a time tries again.
    """
    wait = held_until(lane) - time.time()
    if wait > 0:
        raise Unavailable(RATE_LIMITED, wait=wait, is_sent=False, status=429)
    if lane == LOOK_UPS and (cache.get(SILENT) or (is_silent() and not tries_again())):
        raise Unavailable("PagerDuty did not answer a moment ago.", wait=SILENT_SECONDS, is_sent=False)


def tries_again() -> bool:
    """Whether the caller is the one look-up that may try; the others are put off for some seconds."""
    return may_try_again.get() and cache.add(SILENT, True, SILENT_SECONDS)


def learn(status: int, headers: Mapping[str, str], lane: str) -> None:
    """Tell all processes what a call showed; status 0: no answer came."""
    wait = wait_from(headers)
    if status == 429:
        hold(lane, wait or DEFAULT_WAIT)
        hold(LOOK_UPS, wait or DEFAULT_WAIT)
    elif lane == LOOK_UPS and is_nearly_spent(headers):
        hold(LOOK_UPS, wait or 1.0)
    if status == 0:
        cache.set(SILENT, True, SILENT_SECONDS)
        cache.set(UNHEARD, True, DOWN_SECONDS)
    else:
        cache.delete_many([SILENT, UNHEARD])
    if status == 0 or status >= 500:
        started, failures = cache.get(DOWN, (datetime.now(UTC), 0))
        cache.set(DOWN, (started, failures + 1), DOWN_SECONDS)
        return
    cache.delete(DOWN)
    if status == 401:
        cache.add(REFUSED, datetime.now(UTC), REFUSED_SECONDS)
    else:
        cache.delete(REFUSED)


def held_until(lane: str) -> float:
    """The time, in seconds since the epoch, up to which calls of this lane are held back; 0 where they are not.

    One that is further ahead than any hold was written before the clock was set back.
    """
    found: float = cache.get(f"{HELD}:{lane}", 0.0)
    return found if found <= time.time() + LONGEST_WAIT else 0.0


def hold(lane: str, seconds: float) -> None:
    seconds = min(seconds, LONGEST_WAIT)
    cache.set(f"{HELD}:{lane}", max(held_until(lane), time.time() + seconds), timeout=seconds + 1)


def is_nearly_spent(headers: Mapping[str, str]) -> bool:
    try:
        limit, remaining = float(headers["ratelimit-limit"]), float(headers["ratelimit-remaining"])
    except (KeyError, ValueError):
        return False
    return limit > 0 and remaining < limit * RESERVE
