"""The account's time, in UTC: tests move it forward, and a demo can let it run faster."""

from datetime import UTC, datetime, timedelta


class Clock:
    """Real time, `speed` times as fast (0: it stands still), plus whatever `advance` has added."""

    def __init__(self, speed: float = 1.0) -> None:
        self._started = datetime.now(UTC)
        self._speed = speed
        self._offset = timedelta()

    def now(self) -> datetime:
        passed = datetime.now(UTC) - self._started
        return self._started + passed * self._speed + self._offset

    def advance(self, *, minutes: float = 0, seconds: float = 0, hours: float = 0, days: float = 0) -> None:
        """Move the clock forward at once; a negative number moves it back."""
        self._offset += timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def stamp(moment: datetime) -> str:
    """How incidents write time: UTC, whole seconds, "Z"."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def parse(text: str) -> datetime | None:
    """An ISO 8601 time from 1970 to 2100, else None. Without an offset it is UTC, as PagerDuty reads it."""
    try:
        moment = datetime.fromisoformat(text.strip().replace(" ", "+"))
    except ValueError:
        return None
    if not 1970 <= moment.year <= 2100:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
