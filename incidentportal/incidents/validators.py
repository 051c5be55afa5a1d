"""What a single answer must be, each with a sentence that says what to write instead."""

import unicodedata
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, RegexValidator

TITLE_LIMIT = 1024  # as PagerDuty's Events API documents for a summary; the REST API documents none
KEY_LIMIT = 255  # as its Events API documents for a dedup key
DETAILS_LIMIT = 25_000
PHONE = r"\A\+?[0-9][0-9 ().\-/]{2,}(,+[0-9*#]+)*#?\Z"  # as PagerDuty dials it: a comma waits one second, # ends a code
NUL = "This contains a character that can't be sent (a null character). Type the text instead of pasting it."


def too_long(limit: int) -> MaxLengthValidator:
    """A limit that the page counts down to, without cutting what was pasted."""
    return MaxLengthValidator(limit, message="This is %(show_value)d characters long; at most %(limit_value)d fit.")


phone_number = RegexValidator(PHONE, "This is not a phone number. Write it as +1 415-555-1212,,,,1234#")


def is_visible(text: str) -> bool:
    """Whether there is anything to see: not only spaces, control and format characters."""
    return any(unicodedata.category(char)[0] not in "CZ" for char in text)


def visible_line(value: str) -> None:
    """One line with nothing hidden in it."""
    if not is_visible(value) or any(unicodedata.category(char) in {"Cc", "Zl", "Zp"} for char in value):
        raise ValidationError("Write one line, with visible letters or digits.")


def web_address(value: str) -> None:
    """An address that a browser opens: http or https, a host, and nothing that runs."""
    try:
        parts = urlsplit(value)
        is_right = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        is_right = False
    if not is_right or any(char.isspace() or not char.isprintable() for char in value):
        raise ValidationError("Write a web address that begins with https://, such as https://meet.example.com/room")
