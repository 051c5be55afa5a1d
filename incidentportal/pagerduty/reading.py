"""How a value in PagerDuty's JSON is read: whatever comes, what is returned can be stored and shown.

PagerDuty may leave any key out, send null, or send another type than it documents.
"""

import json
import math
import re
from datetime import MAXYEAR, MINYEAR, UTC, datetime
from typing import Any
from urllib.parse import urlsplit

JSON = dict[str, Any]

# PostgreSQL stores no NUL, and no database stores half of a surrogate pair.
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
NUL = r"\u0000"  # as it is written in JSON
ID_LENGTH = 64
ID = re.compile(rf"[A-Za-z0-9_-]{{1,{ID_LENGTH}}}")
NUMBER_LIMIT = 2**31 - 1
DEPTH_LIMIT = 100  # PagerDuty nests its objects less than ten deep
# Characters of a text, and of one in a line, such as a name: twice what people write. What is longer is cut before
# anything is done with it.
TEXT_LIMIT, LINE_LIMIT = 50_000, 2_000


def text(value: Any) -> str:
    """The text without what cannot be stored; empty for anything that is not text."""
    return UNSTORABLE.sub("", value[:TEXT_LIMIT]) if isinstance(value, str) else ""


def one_line(value: Any) -> str:
    """The text in one line, without surplus spaces."""
    return " ".join(text(value)[:LINE_LIMIT].split())


def storable(value: Any, depth: int = DEPTH_LIMIT) -> Any:
    """JSON that both databases can store, whatever came. What is nested deeper than `depth` becomes None."""
    if depth == DEPTH_LIMIT and is_storable(value):
        return value
    if isinstance(value, dict | list) and depth == 0:
        return None
    if isinstance(value, dict):
        return {text(name): storable(item, depth - 1) for name, item in value.items()}
    if isinstance(value, list):
        return [storable(item, depth - 1) for item in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return text(value) if isinstance(value, str) else value


def is_storable(value: Any) -> bool:
    """Whether JSON is storable as it is, as nearly all is: quicker than to take it apart. False if in doubt."""
    try:
        written = json.dumps(value, ensure_ascii=False, allow_nan=False)
    except (ValueError, RecursionError):
        return False
    may_be_deep = written.count("{") + written.count("[") > DEPTH_LIMIT
    return not (may_be_deep or NUL in written or UNSTORABLE.search(written))


def object_in(value: Any) -> JSON:
    """The JSON object; empty for anything else."""
    return value if isinstance(value, dict) else {}


def objects_in(value: Any) -> list[JSON]:
    """The JSON objects of a list; empty for anything else."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def id_in(value: Any) -> str:
    """The id of an object or of a reference to it; empty where there is none that could be part of an address."""
    found = value.get("id") if isinstance(value, dict) else None
    return found if isinstance(found, str) and ID.fullmatch(found) else ""


def number(value: Any) -> int:
    """A whole number that both databases can store; 0 for anything else."""
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return min(max(value, 0), NUMBER_LIMIT) if is_number else 0


def moment(value: Any) -> datetime | None:
    """A time, in UTC, which is also what a time without an offset means; None for anything else.

    It is never so near to the first or the last year that another time zone has no date for it.
    """
    try:
        found = datetime.fromisoformat(text(value))
        at = found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
    return at if MINYEAR < at.year < MAXYEAR else None


def web_address(value: Any) -> str:
    """The address if a browser may open it: http or https, and nothing that runs. Empty for anything else."""
    try:
        parts = urlsplit(text(value))
        return parts.geturl() if parts.scheme in {"http", "https"} and parts.hostname else ""
    except ValueError:
        return ""
