"""What the latest calls of all processes show: since when PagerDuty does not answer, or refuses our token."""

from datetime import UTC, datetime

from django.core.cache import cache

from incidentportal.pagerduty.errors import Unavailable

REMEMBERED = 24 * 3600  # seconds
DOWN, REFUSED, SILENT = "pagerduty:failing-since", "pagerduty:refused-since", "pagerduty:silent"
SILENT_SECONDS = 8
DOWN_SECONDS = 180  # without any news for so long, nobody knows any more
STUMBLES = 1  # so many failures in a row are none worth speaking of


def down_since() -> datetime | None:
    """When PagerDuty stopped answering, or None where it answers, or failed only once."""
    found = cache.get(DOWN)
    return found[0] if found and found[1] > STUMBLES else None


def refused_since() -> datetime | None:
    """When PagerDuty began to refuse the portal's token (401), or None where the latest call was let in."""
    found = cache.get(REFUSED)
    return found if isinstance(found, datetime) else None


def refuse_if_silent() -> None:
    """Raise Unavailable where a call has just waited in vain, so that not every look-up of a page waits as well."""
    if cache.get(SILENT):
        raise Unavailable("PagerDuty did not answer a moment ago.", is_sent=False)


def remember(status: int) -> None:
    """Remember what a call showed; status 0: no answer came."""
    if status == 0:
        cache.set(SILENT, True, SILENT_SECONDS)
    if status == 0 or status >= 500:
        started, failures = cache.get(DOWN) or (datetime.now(UTC), 0)
        cache.set(DOWN, (started, failures + 1), DOWN_SECONDS)
        return
    cache.delete_many([DOWN, SILENT])
    if status == 401:
        cache.add(REFUSED, datetime.now(UTC), REMEMBERED)
    else:
        cache.delete(REFUSED)
