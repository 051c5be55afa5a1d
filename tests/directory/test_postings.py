"""Sets of rows: compared, on random texts, with looking through all of them."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidentportal.directory.search.interpretation import slips_in
from incidentportal.directory.search.postings import Postings, rows_in

LETTERS = "abcdé1 .-"


@given(st.lists(st.text(LETTERS, max_size=30), max_size=200), st.text("abcdé1", min_size=1, max_size=4))
def test_containing_and_beginning_are_what_looking_through_all_finds(texts: list[str], letters: str) -> None:
    postings = Postings(texts, len(texts))
    words = [text.replace(".", " ").replace("-", " ").split() for text in texts]
    containing = [row for row, found in enumerate(words) if any(letters in word for word in found)]
    beginning = [row for row, found in enumerate(words) if any(word.startswith(letters) for word in found)]
    assert list(rows_in(postings.containing(letters))) == containing
    assert list(rows_in(postings.beginning(letters))) == beginning


def test_the_rows_of_a_set_come_in_order() -> None:
    chance = random.Random(7)
    rows = sorted({chance.randrange(5000) for _ in range(300)} | {0, 7, 8, 10, 13, 4999})
    postings = Postings([], 5000)
    assert list(rows_in(postings.bits(rows))) == rows
    assert list(rows_in(0)) == []


@pytest.mark.parametrize(
    ("word", "slips"), [("ab", 0), ("vpn", 1), ("login", 1), ("paymnt", 2), ("kubernetess", 2), ("authentification", 3)]
)
def test_longer_words_may_have_more_slips(word: str, slips: int) -> None:
    assert slips_in(word) == slips
