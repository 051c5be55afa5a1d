"""Words that are spelled almost like another."""

from rapidfuzz import process
from rapidfuzz.distance import OSA

from incidentportal.directory.index import Index

OFFERED = 3


def near(index: Index, word: str) -> list[str]:
    """The nearest words of the index, or beginnings of words: people may still be typing. Empty where none is near."""
    allowed = slips_in(word)
    if not allowed or not word.isalpha():
        return []
    # Beginnings are many, so that one is always somewhat alike: there we forgive less.
    for words, slips in ((index.vocabulary, allowed), (index.beginnings(len(word)), allowed - 1)):
        found = process.extract(word, words, scorer=OSA.distance, score_cutoff=slips, limit=20) if slips else []
        if found:
            least = min(distance for _, distance, _ in found)
            same = [candidate for candidate, distance, _ in found if distance == least]
            return sorted(same, key=lambda candidate: (candidate[0] != word[0], candidate))[:OFFERED]
    return []


def slips_in(word: str) -> int:
    """How many slips we forgive: a wrong, missing, surplus or swapped letter is one."""
    if len(word) < 3:
        return 0
    return 1 if len(word) < 6 else 2 if len(word) < 12 else 3
