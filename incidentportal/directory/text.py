"""How text is compared: two spellings that people take for the same become the same."""

import unicodedata

from incidentportal.pagerduty import reading

KEY_LENGTH = 200
# Letters that Unicode does not take apart into a plain letter and a mark.
PLAIN = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h"})


def fold(text: str) -> str:
    """The text without case, accents and surplus spaces: "Müller" and "MULLER" become the same."""
    if text.isascii():  # most are, and this is ten times as fast
        return " ".join(text.lower().split())
    parts = unicodedata.normalize("NFKD", text.casefold())
    bare = "".join(part for part in parts if not unicodedata.combining(part))
    return " ".join(bare.translate(PLAIN).split())


def key_of(text: str) -> str:
    """What two names share that differ in case and spaces only. Accents count. Short enough for an index."""
    return without_case(reading.text(unicodedata.normalize("NFKC", text[: reading.LINE_LIMIT])))[:KEY_LENGTH]


def without_case(text: str) -> str:
    return " ".join(text.casefold().split())
