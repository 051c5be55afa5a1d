"""How a query is read: to the letter first; where that finds nothing, ever more freely. Each way says what it did."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from itertools import chain, islice, product
from operator import or_

from incidentportal.directory.search.index import Index, Match, pieces_of
from incidentportal.directory.search.spelling import near
from incidentportal.directory.text import fold

READINGS_KEPT = 500  # readings of queries that an index remembers
WORDS_READ = 12  # of a query that is not read to the letter
COMBINATIONS = 12
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
class Reading:
    """What a query was taken to mean, and what it matches."""

    words: list[str]
    match: Match
    is_nearest: bool = False
    note: str = ""


Way = Callable[[Index, list[str]], Reading | None]


def read_query(index: Index, query: str) -> Reading:
    """The first way of reading a query that finds something. The index remembers it until it is built anew."""
    words = fold(query).split()
    key = " ".join(words)
    reading: Reading | None = index.readings.get(key)
    if reading is None:
        found = filter(None, (way(index, words) for way in WAYS))
        reading = next(found, Reading(words, Match()))
        if len(index.readings) >= READINGS_KEPT:
            index.readings.clear()
        index.readings[key] = reading
    return reading


def to_the_letter(index: Index, words: list[str]) -> Reading | None:
    match = index.match(words)
    return Reading(words, match) if match.total else None


def respelled(index: Index, words: list[str]) -> Reading | None:
    """Words that occur nowhere are read as those that are spelled alike, or left out where none is."""
    kept = core_of(words)
    unknown = {word: near(index, word) for word in kept if not index.having(word)}
    if not any(unknown.values()):
        return None
    choices = [unknown.get(word, [word]) for word in kept if unknown.get(word, True)]
    matches = {some: index.match(list(some)) for some in islice(product(*choices), COMBINATIONS)}
    matches = {some: match for some, match in matches.items() if match.total}
    if not matches:
        return None
    mended = sorted(set(chain.from_iterable(matches)) - set(kept))
    lost = [word for word, spellings in unknown.items() if not spellings]
    wrong = [word for word in unknown if unknown[word]]
    note = f"Nothing matches {listed(wrong)}; the nearest spelling: {listed(mended)}."
    note += f" Left out: {listed(lost)}." if lost else ""
    return Reading(words, reduce(or_, matches.values()), is_nearest=True, note=note)


def in_short(index: Index, words: list[str]) -> Reading | None:
    """Without what people say around the name of a thing, and without words that occur nowhere.

    "the thing behind the card payments" finds what has "card" and "payments", and "checkout-api" what has both parts.
    """
    kept = [word for word in core_of(words) if index.having(word)]
    lost = [piece for piece in all_pieces(words) if piece not in kept]
    match = index.match(kept) if kept else Match()
    note = f"Nothing has all of these words. Left out: {listed(lost)}." if lost else ""
    return Reading(words, match, note=note) if match.total else None


def most_words(index: Index, words: list[str]) -> Reading | None:
    """Where nothing has all the words: what has most of them."""
    kept = core_of(words)
    at_least = [index.everything, *[0] * len(kept)]  # at_least[n]: the rows that have n of the words
    for word in kept:
        having = index.having(word)
        for number in range(len(kept), 0, -1):
            at_least[number] |= at_least[number - 1] & having
    most = max(number for number, rows in enumerate(at_least) if rows or not number)
    note = f"Nothing has all of these words; this has {most} of {len(kept)}."
    return Reading(words, Match.of(at_least[most]), note=note) if most else None


WAYS: list[Way] = [to_the_letter, respelled, in_short, most_words]


def all_pieces(words: list[str]) -> list[str]:
    return list(dict.fromkeys(chain.from_iterable(map(pieces_of, words))))


def core_of(words: list[str]) -> list[str]:
    """The pieces that are no fillers; all of them where all are."""
    pieces = all_pieces(words)
    return [piece for piece in pieces if piece not in FILLERS][:WORDS_READ] or pieces[:WORDS_READ]


def listed(words: list[str]) -> str:
    return ", ".join(f"“{word[:40]}”" for word in words)
