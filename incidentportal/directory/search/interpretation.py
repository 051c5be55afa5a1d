"""What a query is taken to mean: every word as typed; where that finds nothing, ever more freely, and it says how."""

from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import reduce
from itertools import chain, islice, product
from operator import or_

from rapidfuzz import process
from rapidfuzz.distance import OSA

from incidentportal.directory.search.index import Index, pieces_of
from incidentportal.directory.search.postings import LAST, Bits
from incidentportal.directory.text import fold

REMEMBERED = 500  # interpretations, for each index
WORDS_READ = 12  # of a query that is not taken as typed
COMBINATIONS = 12
SPELLINGS = 3  # of a word
# Words that people say around the name of a thing.
FILLER_TEXT = """
    a an and any anything are at be because been behind broken by can cannot crashed dead does doesn doing down
    error errors failed failing fails for from had has have hello help how i in is isn issue issues it its me my no
    not of off on one or our out please problem problems some somebody something stopped stuff t that the their
    there they thing things this to trouble urgent very was we went what when where which who whole why will with
    won work working works you your
"""
FILLERS = frozenset(FILLER_TEXT.split())


@dataclass(frozen=True)
class Interpretation:
    """What a query matches, rank by rank (`Index.ranked`), and how it was read to find that."""

    ranks: list[Bits]
    note: str = ""

    @property
    def total(self) -> int:
        return self.ranks[-1].bit_count()


def interpret(index: Index, query: str) -> Interpretation:
    """The strictest interpretation of a query that finds something. The index remembers it until it is rebuilt."""
    words = fold(query).split()
    key = " ".join(words)
    meaning: Interpretation | None = index.interpretations.get(key)
    if meaning is None:
        meanings = (interpreter(index, words) for interpreter in INTERPRETERS)
        meaning = next((some for some in meanings if some and some.total), Interpretation([0]))
        if len(index.interpretations) >= REMEMBERED:
            index.interpretations.clear()
        index.interpretations[key] = meaning
    return meaning


def as_typed(index: Index, words: list[str]) -> Interpretation:
    return Interpretation(index.ranked(words))


def respelled(index: Index, words: list[str]) -> Interpretation | None:
    """Words that occur nowhere are replaced by the nearest spelling, or left out where none is near."""
    core = core_of(words)
    unknown = {word: near(index, word) for word in core if not index.containing(word)}
    if not any(unknown.values()):
        return None
    choices = [unknown.get(word, [word]) for word in core if unknown.get(word, True)]
    found = {some: index.ranked(some) for some in islice(product(*choices), COMBINATIONS)}
    found = {some: ranks for some, ranks in found.items() if ranks[-1]}
    if not found:
        return None
    nearest = sorted(set(chain.from_iterable(found)) - set(core))
    left_out = [word for word, spellings in unknown.items() if not spellings]
    misspelled = [word for word in unknown if unknown[word]]
    note = f"Nothing matches {listed(misspelled)}; showing the nearest spelling: {listed(nearest)}."
    note += f" Left out: {listed(left_out)}." if left_out else ""
    return Interpretation([reduce(or_, rank) for rank in zip(*found.values(), strict=True)], note)


def without_fillers(index: Index, words: list[str]) -> Interpretation | None:
    """Without what people say around the name of a thing, and without words that occur nowhere.

    "the thing behind the card payments" finds what has "card" and "payments", and "checkout-api" what has both parts.
    """
    core = [word for word in core_of(words) if index.containing(word)]
    left_out = [piece for piece in all_pieces(words) if piece not in core]
    note = f"Nothing matches all of these words. Left out: {listed(left_out)}." if left_out else ""
    return Interpretation(index.ranked(core), note) if core else None


def most_words(index: Index, words: list[str]) -> Interpretation | None:
    """Where nothing has all the words: what has most of them."""
    core = core_of(words)
    at_least = [index.everything, *[0] * len(core)]  # at_least[n]: the rows that have n of the words
    for word in core:
        rows_with_word = index.containing(word)
        for number in range(len(core), 0, -1):
            at_least[number] |= at_least[number - 1] & rows_with_word
    most = max(number for number, rows in enumerate(at_least) if rows or not number)
    note = f"Nothing matches all of these words; showing matches for {most} of {len(core)}."
    return Interpretation([at_least[most]], note) if most else None


INTERPRETERS: list[Callable[[Index, list[str]], Interpretation | None]] = [
    as_typed,
    respelled,
    without_fillers,
    most_words,
]


def all_pieces(words: list[str]) -> list[str]:
    return list(dict.fromkeys(chain.from_iterable(map(pieces_of, words))))


def core_of(words: list[str]) -> list[str]:
    """The pieces that are not fillers; all of them where all are."""
    pieces = all_pieces(words)
    return [piece for piece in pieces if piece not in FILLERS][:WORDS_READ] or pieces[:WORDS_READ]


def listed(words: list[str]) -> str:
    return ", ".join(f"“{word[:40]}”" for word in words)


def near(index: Index, word: str) -> list[str]:
    """The nearest words of the index, or beginnings of words: people may still be typing. Empty where none is near."""
    slips = slips_in(word)
    if not slips or not word.isalpha():
        return []
    for words, allowed in candidates(index, word, slips):
        found = process.extract(word, words, scorer=OSA.distance, score_cutoff=allowed, limit=20) if allowed else []
        if found:
            least = min(distance for _, distance, _ in found)
            return sorted(candidate for candidate, distance, _ in found if distance == least)[:SPELLINGS]
    return []


def slips_in(word: str) -> int:
    """How many slips we forgive: a wrong, missing, surplus or swapped letter is one."""
    if len(word) < 3:
        return 0
    return 1 if len(word) < 6 else 2 if len(word) < 12 else 3


def candidates(index: Index, word: str, slips: int) -> Iterator[tuple[list[str], int]]:
    """Where to look, and how many slips to forgive there. Few people get the first letter wrong: those come first."""
    whole, beginnings = vocabulary(index), vocabulary(index, len(word))
    for words, allowed in ((whole, slips), (beginnings, slips - 1)):  # one of so many is always somewhat alike
        yield words[bisect_left(words, word[0]) : bisect_left(words, word[0] + LAST)], allowed
    yield whole, slips


def vocabulary(index: Index, length: int = 0) -> list[str]:
    """The words of three letters and more, or the first letters of the longer ones, in order."""
    if length not in index.vocabularies:
        words = [word for word in index.words.words if len(word) > 2 and word.isalpha()]
        beginnings = {word[:length] for word in words if len(word) > length}
        index.vocabularies[length] = sorted(beginnings) if length else words
    return index.vocabularies[length]
