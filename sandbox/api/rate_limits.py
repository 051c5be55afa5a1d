"""How many calls a token may make a minute. Source: PagerDuty, "REST API Rate Limits"."""

import math
from datetime import datetime

from sandbox.api.access import Caller


class RateLimits:
    """Counts calls by token and limit, for each minute of the sandbox's clock."""

    def __init__(self) -> None:
        self._minute = 0
        self._counts: dict[tuple[str, int], int] = {}

    def count(self, now: datetime, caller: Caller, limit: int) -> tuple[dict[str, str], bool]:
        """Count one call. Returns the headers that report it, and whether the call is within the limit."""
        seconds = now.timestamp()
        if int(seconds // 60) != self._minute:
            self._minute, self._counts = int(seconds // 60), {}
        key = (caller.token, limit)
        used = self._counts[key] = self._counts.get(key, 0) + 1
        return limit_headers(limit, max(limit - used, 0), 60 - seconds % 60), used <= limit


def limit_headers(limit: int, remaining: int, seconds: float) -> dict[str, str]:
    return {
        "ratelimit-limit": str(limit),
        "ratelimit-remaining": str(remaining),
        "ratelimit-reset": str(max(math.ceil(seconds), 1)),
    }
