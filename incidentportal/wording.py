"""How sentences word times, spans, counts and other people's names, so that they always agree."""

import re
import unicodedata
from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

CITIES = ("Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")
# Invisible characters that turn the direction of all text after them.
DIRECTIONS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
JOINER = "\u200d"


@lru_cache(maxsize=1000)
def zone_of(name: str) -> ZoneInfo | None:
    """The time zone with this name; None if this machine does not know it."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown, not a plain name, the name of a folder
        return None


def clock(at: datetime, zone: str, now: datetime) -> str:
    """A time as people there say it: "tomorrow 08:00 in Berlin"; "02:30 CET in Berlin" if it comes twice."""
    known = zone_of(zone)
    local, today = at.astimezone(known or UTC), now.astimezone(known or UTC).date()
    area, _, city = zone.rpartition("/")
    is_twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    is_city = known is not None and area.split("/")[0] in CITIES
    time = f"{local:%H:%M %Z}" if is_twice or not is_city else f"{local:%H:%M}"
    place = f" in {city.replace('_', ' ')}" if is_city else ""
    days = (local.date() - today).days
    if days not in (0, 1):
        return f"{local:%a} {time}{place}" if 1 < days < 7 else f"{local.day} {local:%b} {time}{place}"
    return f"{'tomorrow ' if days else ''}{time}{place}"


def span(minutes: float, *, is_short: bool = False) -> str:
    """How long, in the largest unit that fits: "12 minutes", "2 hours", "3 days"; short: "12 min", "2 h", "3 d"."""
    units = (60 * 48, 60 * 24, "day", "d"), (120, 60, "hour", "h"), (0, 1, "minute", "min")
    whole = max(0, int(minutes))
    size, long, short = next((size, long, short) for least, size, long, short in units if whole >= least)
    return f"{whole // size} {short}" if is_short else counted(whole // size, long)


def ago(minutes: float) -> str:
    """How long since: "12 minutes ago", "2 hours ago", "a moment ago"."""
    return f"{span(minutes)} ago" if minutes >= 1 else "a moment ago"


def after(minutes: int | None) -> str:
    """When a level is paged, exactly: "after 30 minutes", "after 2 hours", "at once", "later" if that is not known."""
    if not minutes:
        return "later" if minutes is None else "at once"
    return f"after {span(minutes) if minutes >= 120 and minutes % 60 == 0 else counted(minutes, 'minute')}"


def counted(count: int, word: str) -> str:
    """ "1 minute", "2 minutes"."""
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def gone(noun: str) -> str:
    """What is said of something that PagerDuty no longer has: "This service no longer exists in PagerDuty."."""
    return f"This {noun} no longer exists in PagerDuty."


def plain_line(text: object) -> str:
    """Somebody else's text on one line, without control characters and those that turn its direction."""
    line = "".join(" " if unicodedata.category(char) in ("Cc", "Cs") else char for char in str(text or ""))
    return " ".join(DIRECTIONS.sub("", line).split())


def fit(text: object, limit: int = 80) -> str:
    """Somebody else's text within a sentence: cut between characters, and isolated if it runs right to left."""
    line = plain_line(str(text or "")[: 10 * limit])  # spaces and invisible characters take some of it
    if len(line) > limit:
        end = limit - 1
        while end > 1 and (
            JOINER in line[end - 1 : end + 1] or unicodedata.category(line[end]) in ("Mn", "Mc", "Me", "Sk")
        ):
            end -= 1
        line = line[:end].rstrip() + "…"
    is_rtl = any(unicodedata.bidirectional(char) in ("R", "AL") for char in line)
    return f"\u2068{line}\u2069" if is_rtl else line
