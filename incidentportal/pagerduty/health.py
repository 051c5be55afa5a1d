"""What the latest calls of all processes show: since when PagerDuty does not answer, or refuses our token."""

from datetime import UTC, datetime

from django.core.cache import cache

REMEMBERED = 24 * 3600  # seconds
DOWN, REFUSED = "pagerduty:down-since", "pagerduty:refused-since"


def down_since() -> datetime | None:
    """When PagerDuty stopped to answer, or None where the latest call was answered."""
    return since(DOWN)


def refused_since() -> datetime | None:
    """When PagerDuty began to refuse the portal's token (401), or None where the latest call was let in."""
    return since(REFUSED)


def learn(status: int) -> None:
    """Remember what a call showed; status 0: no answer came."""
    if status == 0 or status >= 500:
        cache.add(DOWN, datetime.now(UTC), REMEMBERED)
        return
    cache.delete(DOWN)
    if status == 401:
        cache.add(REFUSED, datetime.now(UTC), REMEMBERED)
    else:
        cache.delete(REFUSED)


def since(key: str) -> datetime | None:
    found = cache.get(key)
    return found if isinstance(found, datetime) else None
