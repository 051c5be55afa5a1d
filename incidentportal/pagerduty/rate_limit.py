"""One rate budget for all processes, in the cache: look-ups step back first, so that submissions go first.

Source: developer.pagerduty.com, "Rate Limits": answers carry `ratelimit-limit`, `-remaining` and `-reset` (seconds).
They speak of whichever limit is closest to being hit. A 429 may come without them.
"""

import time
from typing import Any

from django.core.cache import cache

from incidentportal.pagerduty.errors import RATE_LIMITED, Unavailable, wait_from

# Look-ups leave this share of a limit to submissions.
RESERVE = 0.15
DEFAULT_WAIT = 10.0
LONGEST_WAIT = 300.0
LOOK_UPS, SUBMISSIONS = "look-ups", "submissions"


def refuse_if_spent(lane: str) -> None:
    """Raise Unavailable, with the wait, where PagerDuty would refuse this call or a submission needs it more."""
    wait = until(lane) - time.time()
    if wait > 0:
        raise Unavailable(RATE_LIMITED, wait=wait, is_sent=False, status=429)


def until(lane: str) -> float:
    """The time, in seconds since the epoch, up to which calls of this lane are held back; 0 where they are not."""
    found = cache.get(key(lane))
    return float(found) if isinstance(found, int | float) else 0.0


def adjust(lane: str, status: int, headers: Any) -> None:
    """Tell all processes what an answer says of the budget."""
    if status == 429:
        hold(lane, wait_from(headers) or DEFAULT_WAIT)
        hold(LOOK_UPS, wait_from(headers) or DEFAULT_WAIT)
    elif lane == LOOK_UPS and is_nearly_spent(headers):
        hold(LOOK_UPS, wait_from(headers) or 1.0)


def is_nearly_spent(headers: Any) -> bool:
    try:
        limit, remaining = float(headers["ratelimit-limit"]), float(headers["ratelimit-remaining"])
    except (KeyError, ValueError):
        return False
    return limit > 0 and remaining < limit * RESERVE


def hold(lane: str, seconds: float) -> None:
    seconds = min(seconds, LONGEST_WAIT)
    cache.set(key(lane), max(until(lane), time.time() + seconds), timeout=seconds + 1)


def key(lane: str) -> str:
    return f"pagerduty:held-until:{lane}"
