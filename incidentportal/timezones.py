"""Time zones by PagerDuty's names, and how we say a time in one."""

from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo


@lru_cache(maxsize=1000)
def zone_of(name: str) -> ZoneInfo | None:
    """The time zone of that name; None where this machine knows none."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown, not a plain name, the name of a folder
        return None


def city_of(name: str) -> str:
    """How people call it: "New York" for America/New_York."""
    return name.rpartition("/")[2].replace("_", " ")


def clock_in(zone: ZoneInfo, moment: datetime, *, seen_from: datetime) -> str:
    """A coming moment on the clock of a zone: "18:00", "09:00 tomorrow", "Monday 09:00", "Monday 8 June, 09:00"."""
    then, now = moment.astimezone(zone), seen_from.astimezone(zone)
    days = (then.date() - now.date()) // timedelta(days=1)
    clock = f"{then:%H:%M}"
    if days == 0:
        return clock
    if days == 1:
        return f"{clock} tomorrow"
    return f"{then:%A} {clock}" if 1 < days < 7 else f"{then:%A} {then.day} {then:%B}, {clock}"
