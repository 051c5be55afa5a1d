"""Values of PagerDuty's JSON, read safely, whatever is missing, null, unknown or of another type."""

import re
from typing import Any

from incidentportal.directory.text import clean

JSON = dict[str, Any]
ID_LENGTH = 64
ID = re.compile(rf"[A-Za-z0-9_-]{{1,{ID_LENGTH}}}")
NUMBER_LIMIT = 2**31 - 1


def id_in(value: Any) -> str:
    """The id of an object or of a reference to it; empty where there is none that could be part of an address."""
    found = value.get("id") if isinstance(value, dict) else None
    return found if isinstance(found, str) and ID.fullmatch(found) else ""


def dict_in(value: Any) -> JSON:
    return value if isinstance(value, dict) else {}


def dicts(value: Any) -> list[JSON]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def number(value: Any) -> int:
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return min(max(value, 0), NUMBER_LIMIT) if is_number else 0


def web_address(value: Any) -> str:
    url = clean(value)
    return url if url.startswith(("https://", "http://")) else ""
