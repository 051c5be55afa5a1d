"""Live look-ups: fresh for seconds, filled by one caller at a time; where PagerDuty is silent, the last known answer.

cache      what is fresh, and who is asking just now
LastKnown  what PagerDuty said last, for as long as it says nothing better
"""

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.core.cache import cache
from django.db import DatabaseError
from django.utils.timezone import now

from incidentportal import pagerduty
from incidentportal.directory.models import LastKnown
from incidentportal.pagerduty.reading import storable

log = logging.getLogger(__name__)

FRESH = timedelta(seconds=60)
PROBLEM_SECONDS = 10  # after a failure nobody asks again for this long, so that not every page waits in vain
BUSY_SECONDS = 1  # the same after Busy: a place may soon be free
PATIENCE_SECONDS = 2.0  # how long we wait for an answer that somebody else is asking for
READ_TIMEOUT = 3.0
WITHIN = 4.0  # for one question, with all pages of its list
LOCK_SECONDS = 10
BY_KEY = "SELECT key, answer, fetched_at FROM directory_lastknown WHERE key IN "
Fetch = Callable[[pagerduty.Client, list[str]], dict[str, Any]]


@dataclass(frozen=True)
class Answer:
    """`answer` and `fetched_at` are None where nothing was ever heard; `problem` says why it is not fresh."""

    answer: Any
    fetched_at: datetime | None
    problem: str = ""


def ask(key: str, fetch: Callable[[pagerduty.Client], Any], *, fresh: timedelta = FRESH) -> Answer:
    """PagerDuty's answer to one question, at most `fresh` old where PagerDuty answers. Never raises."""
    return ask_all([key], lambda client, keys: {key: fetch(client)}, fresh=fresh)[key]


def ask_all(keys: list[str], fetch: Fetch, *, fresh: timedelta = FRESH) -> dict[str, Answer]:
    """The same for several keys. `fetch` is called once, for what is not fresh and what nobody else is asking for."""
    keys = list(dict.fromkeys(keys))
    found = cached(keys)
    missing = [key for key in keys if key not in found]
    mine = [key for key in missing if cache.add(lock_of(key), 1, timeout=LOCK_SECONDS)]
    if mine:
        try:
            found |= ask_and_keep(mine, fetch, fresh)
        finally:
            cache.delete_many([lock_of(key) for key in mine])
    theirs = [key for key in missing if key not in found]
    if theirs:
        found |= wait_for(theirs)
    return found


def amend(key: str, change: Callable[[Any], Any]) -> None:
    """Bring an answer that is still fresh up to date with what we have just learned elsewhere, without asking again."""
    found = cached([key]).get(key)
    if found is not None and not found.problem:
        cache.set(name_of(key), replace(found, answer=change(found.answer)), timeout=FRESH.total_seconds())


def known(keys: list[str]) -> dict[str, Answer]:
    """What is known already of these, of whatever age. Never asks PagerDuty."""
    found = cached(keys)
    found |= last_known([key for key in keys if key not in found], problem="")
    return {key: answer for key, answer in found.items() if answer.fetched_at}


def forget(key: str) -> None:
    """Drop the cached answer, which is no longer true: whoever asks next is answered by PagerDuty."""
    cache.delete(name_of(key))


def cached(keys: list[str]) -> dict[str, Answer]:
    """What the cache holds: answers, and failures of the last seconds."""
    found = cache.get_many([name_of(key) for key in keys])
    return {key: found[name_of(key)] for key in keys if name_of(key) in found}


def ask_and_keep(keys: list[str], fetch: Fetch, fresh: timedelta) -> dict[str, Answer]:
    """Ask PagerDuty once for all of them, and store what it says. A failure is kept too, for a shorter time."""
    client = pagerduty.connect(read_timeout=READ_TIMEOUT, within=WITHIN)
    try:
        values = fetch(client, keys)
    except pagerduty.Problem as error:
        found = last_known(keys, problem=str(error))
        wait = error.wait if isinstance(error, pagerduty.Unavailable) and error.wait else 0
        least = BUSY_SECONDS if isinstance(error, pagerduty.Busy) else PROBLEM_SECONDS
        seconds = max(least, min(wait, FRESH.total_seconds()))
        cache.set_many({name_of(key): answer for key, answer in found.items()}, timeout=seconds)
        return found
    return keep({key: values[key] for key in keys}, fresh)


def keep(values: dict[str, Any], fresh: timedelta) -> dict[str, Answer]:
    """Store what PagerDuty has just said about these keys, whichever question it answered."""
    at = now()
    found = {key: Answer(storable(value), at) for key, value in values.items()}
    cache.set_many({name_of(key): answer for key, answer in found.items()}, timeout=fresh.total_seconds())
    rows = [LastKnown(key=key, answer=answer.answer, fetched_at=at) for key, answer in found.items()]
    columns = ["answer", "fetched_at"]
    try:
        LastKnown.objects.bulk_create(rows, update_conflicts=True, unique_fields=["key"], update_fields=columns)
    except DatabaseError:  # it does not spoil a good answer
        log.exception("a live answer could not be kept")
    return found


def last_known(keys: list[str], *, problem: str) -> dict[str, Answer]:
    """What PagerDuty said last. In SQL, because a look-up asks it for each of its rows."""
    found = {key: Answer(None, None, problem) for key in keys}
    rows = LastKnown.objects.raw(f"{BY_KEY}({', '.join(['%s'] * len(keys))})", keys) if keys else []
    return found | {row.key: Answer(row.answer, row.fetched_at, problem) for row in rows}


def wait_for(keys: list[str]) -> dict[str, Answer]:
    """What somebody else is asking for at this moment: their answer, or after a while the last known one."""
    until = time.monotonic() + PATIENCE_SECONDS
    with suppress(pagerduty.Busy), pagerduty.place_for(pagerduty.LOOK_UPS):
        while time.monotonic() < until:
            time.sleep(0.02)
            found = cached(keys)
            if len(found) == len(keys):
                return found
    return last_known(keys, problem="PagerDuty has not answered yet.") | cached(keys)


def name_of(key: str) -> str:
    return f"directory:live:{key}"


def lock_of(key: str) -> str:
    return f"directory:asking:{key}"
