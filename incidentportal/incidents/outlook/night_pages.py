"""A gentle word about how often somebody was woken tonight. Pure."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from incidentportal.incidents.outlook.paging_path import NIGHT_ENDS, PagingPath
from incidentportal.wording import fit

MANY = 3
EVENING = 20  # a night's pages are counted from here
ORDINALS = ("third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


def note_on_night_pages(times: Iterable[datetime], path: PagingPath, *, service_name: str, now: datetime) -> str:
    """A gentle word before a service wakes somebody again: "" unless this is at least the third page of their night.

    `times` are when the service was paged for before. Leave out low urgency, which wakes nobody.
    """
    person = next((person for person in path.first.people if person.is_night), None)
    if path.first.is_low or path.first.is_round_robin or person is None or person.local_now is None:
        return ""
    evening = person.local_now.replace(hour=EVENING, minute=0, second=0, microsecond=0)
    if person.local_now.hour < NIGHT_ENDS:
        evening -= timedelta(days=1)  # the evening before by their clock, even if the night has 23 or 25 hours
    begins, ends = evening.astimezone(UTC), now.astimezone(UTC)
    pages = 1 + sum(begins <= time <= ends for time in times)
    if pages < MANY:
        return ""
    beyond = pages - MANY
    which = f"the {ORDINALS[beyond]} page" if beyond < len(ORDINALS) else f"page number {pages}"
    to = fit(service_name) or "this service"
    where = f"it is {person.local_time} for {fit(person.name)}"
    return f"This is {which} for {to} tonight, and {where}. Is low urgency enough?"
