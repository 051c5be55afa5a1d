"""Text from elsewhere: what is stored of it, and when two texts are the same."""

import pytest

from incidentportal.directory.text import fold, key_of
from incidentportal.pagerduty.reading import storable, text


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("MÜLLER", "Müller"),
        ("muller", "Müller"),
        ("lodz", "Łódź"),
        ("sorbo", "Sørbø"),
        ("groß", "GROSS"),
        ("IZMIR", "İzmir"),
        ("cafe", "Cafe\u0301"),
        ("a  b", "a\tb "),
        ("ﬁre", "fire"),
    ],
)
def test_what_is_typed_without_accents_finds_what_has_them(typed: str, stored: str) -> None:
    assert fold(typed) == fold(stored)


@pytest.mark.parametrize(("one", "other"), [("Müller", "Miller"), ("a b", "ab"), ("Обь", "Обе")])
def test_other_letters_stay_other_letters(one: str, other: str) -> None:
    assert fold(one) != fold(other)


def test_a_key_ignores_case_and_spaces_but_not_accents() -> None:
    assert key_of(" Checkout  API") == key_of("checkout api")
    assert key_of("Müller") != key_of("Muller")
    assert len(key_of("x" * 1000)) == 200


def test_what_no_database_stores_is_taken_out() -> None:
    assert text("a\x00b\ud800c") == "abc"
    assert text(None) == text(7) == ""
    assert storable({"a\x00": ["\x00b", float("nan"), {"c": None}]}) == {"a": ["b", None, {"c": None}]}
