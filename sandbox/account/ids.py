"""Ids that look like PagerDuty's, the same in every run.

Forms: most objects "P" and 6 characters, incidents "Q" and 13, log entries "R" and 25, of A-Z and 0-9.
"""

import hashlib
import re

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
WELL_FORMED = re.compile(r"[A-Z0-9]{6,32}")
_SIX = 36**6
_STEP = 1_234_567_891  # shares no factor with 36**6, so that the first 36**6 ids are all different


def is_well_formed(value: object) -> bool:
    return isinstance(value, str) and WELL_FORMED.fullmatch(value) is not None


def _in_base_36(number: int, length: int) -> str:
    digits = []
    for _ in range(length):
        number, digit = divmod(number, 36)
        digits.append(ALPHABET[digit])
    return "".join(reversed(digits))


class Ids:
    """Makes ids. The same seed makes the same ids in the same order."""

    def __init__(self, seed: int = 0) -> None:
        self._seed = seed
        self._objects = 0
        self._others = 0

    def object(self) -> str:
        """The id of a service, a person, a policy and so on."""
        self._objects += 1
        return "P" + _in_base_36((self._objects * _STEP + self._seed) % _SIX, 6)

    def incident(self) -> str:
        return "Q" + self._long(13)

    def log_entry(self) -> str:
        return "R" + self._long(25)

    def key(self) -> str:
        """An incident key as PagerDuty generates it: 32 hexadecimal digits."""
        return self._digest().hexdigest()

    def _digest(self) -> "hashlib._Hash":
        self._others += 1
        return hashlib.md5(f"{self._seed}:{self._others}".encode(), usedforsecurity=False)

    def _long(self, length: int) -> str:
        return _in_base_36(int.from_bytes(self._digest().digest()), length)
