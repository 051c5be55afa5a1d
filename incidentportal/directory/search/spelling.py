"""Words that are spelled almost like another."""

from bisect import bisect_left
from collections.abc import Iterator

from rapidfuzz import process
from rapidfuzz.distance import OSA

from incidentportal.directory.search.index import Index
from incidentportal.directory.search.postings import LAST

OFFERED = 3
WHOLE = 0


def near(index: Index, word: str) -> list[str]:
    """The nearest words of the index, or beginnings of words: people may still be typing. Empty where none is near."""
    slips = slips_in(word)
    if not slips or not word.isalpha():
        return []
    for words, allowed in candidates(index, word, slips):
        found = process.extract(word, words, scorer=OSA.distance, score_cutoff=allowed, limit=20) if allowed else []
        if found:
            least = min(distance for _, distance, _ in found)
            return sorted(candidate for candidate, distance, _ in found if distance == least)[:OFFERED]
    return []


def candidates(index: Index, word: str, slips: int) -> Iterator[tuple[list[str], int]]:
    """Where to look, and how many slips to forgive there. Few people get the first letter wrong: those come first."""
    whole, prefixes = vocabulary(index, WHOLE), vocabulary(index, len(word))
    for words, allowed in ((whole, slips), (prefixes, slips - 1)):  # one of so many beginnings is always somewhat alike
        yield from_letter(words, word[0]), allowed
    yield whole, slips


def vocabulary(index: Index, length: int) -> list[str]:
    """The words of three letters and more, or the first letters of the longer ones, in order."""
    if length not in index.vocabularies:
        words = [word for word in index.words.words if len(word) > 2 and word.isalpha()]
        prefixes = {word[:length] for word in words if len(word) > length}
        index.vocabularies[length] = sorted(prefixes) if length else words
    return index.vocabularies[length]


def from_letter(words: list[str], letter: str) -> list[str]:
    return words[bisect_left(words, letter) : bisect_left(words, letter + LAST)]


def slips_in(word: str) -> int:
    """How many slips we forgive: a wrong, missing, surplus or swapped letter is one."""
    if len(word) < 3:
        return 0
    return 1 if len(word) < 6 else 2 if len(word) < 12 else 3
