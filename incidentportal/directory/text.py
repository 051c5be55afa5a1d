"""Text as it comes from PagerDuty and from people: made storable, and made comparable."""

import math
import re
import unicodedata
from typing import Any

KEY_LENGTH = 200
# PostgreSQL stores no NUL, and no database stores half of a surrogate pair.
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
# Letters that Unicode does not take apart into a plain letter and a mark.
PLAIN = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h"})


def clean(value: Any) -> str:
    """The text without what cannot be stored; empty where it is no text."""
    return UNSTORABLE.sub("", value) if isinstance(value, str) else ""


def one_line(value: Any) -> str:
    return " ".join(clean(value).split())


def plain(value: Any) -> Any:
    """JSON that both databases can store, whatever came."""
    if isinstance(value, dict):
        return {clean(name): plain(item) for name, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return clean(value) if isinstance(value, str) else value


def fold(text: str) -> str:
    """The text without case, accents and surplus spaces: "Müller" and "MULLER" become the same."""
    if text.isascii():  # most are, and this is ten times as fast
        return " ".join(text.lower().split())
    parts = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(part for part in parts if not unicodedata.combining(part))
    return " ".join(bare.translate(PLAIN).split())


def key_of(text: str) -> str:
    """What two names share that differ in case and spaces only. Accents count. Short enough for an index."""
    return " ".join(clean(unicodedata.normalize("NFKC", text)).casefold().split())[:KEY_LENGTH]
