"""How a query is read: to the letter first; where that finds nothing, ever more freely. Each way says what it did."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import chain, islice, product

from incidentportal.directory.index import BETWEEN_WORDS, KEPT, Index, Match
from incidentportal.directory.spelling import near
from incidentportal.directory.text import fold

OUTCOMES_KEPT = 2000  # readings of queries that an index remembers
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
    """What a query was taken to mean, and what it matches: whatever has all words of one of the alternatives."""

    words: list[str]
    match: Match
    alternatives: list[list[str]] = field(default_factory=list)
    is_nearest: bool = False
    note: str = ""

    def rank_of(self, index: Index, at: int) -> int | None:
        """The rank in which a position matches; None where it does not."""
        if not self.alternatives:
            return 2 if at in self.match.rest else None
        ranks = [index.rank_of(at, words) for words in self.alternatives]
        return min((rank for rank in ranks if rank is not None), default=None)


Way = Callable[[Index, list[str]], Reading | None]


def read_query(index: Index, query: str) -> Reading:
    """The first way of reading a query that finds something. The index remembers it until it is built anew."""
    words = fold(query).split()
    key = " ".join(words)
    if key not in index.readings:
        if len(index.readings) >= OUTCOMES_KEPT:
            index.readings.clear()
        found = (way(index, words) for way in WAYS)
        index.readings[key] = next((reading for reading in found if reading), Reading(words, Match()))
    reading: Reading = index.readings[key]
    return reading


def to_the_letter(index: Index, words: list[str]) -> Reading | None:
    return read_as(index, words, words)


def in_pieces(index: Index, words: list[str]) -> Reading | None:
    """ "checkout-api" finds "Checkout API"."""
    pieces = pieces_of(words)
    return read_as(index, words, pieces) if pieces != words else None


def without_fillers(index: Index, words: list[str]) -> Reading | None:
    """ "the thing behind the card payments" finds what has "card" and "payments"."""
    pieces = pieces_of(words)
    kept = [piece for piece in pieces if piece not in FILLERS]
    return read_as(index, words, kept, left_out(pieces, kept)) if kept != pieces else None


def respelled(index: Index, words: list[str]) -> Reading | None:
    """Words that occur nowhere are read as those that are spelled alike, or left out where none is."""
    kept = core_of(words)
    unknown = {word: near(index, word) for word in kept if not index.occurs(word)}
    if not any(unknown.values()):
        return None
    choices = [unknown.get(word, [word]) for word in kept if unknown.get(word, True)]
    alternatives = [list(dict.fromkeys(some)) for some in islice(product(*choices), COMBINATIONS)]
    matches = [(some, index.match(some)) for some in alternatives]
    matches = [(some, match) for some, match in matches if match.total]
    if not matches:
        return None
    mended = sorted({word for some, _ in matches for word in some} - set(kept))
    lost = [word for word, spellings in unknown.items() if not spellings]
    wrong = [word for word in unknown if unknown[word]]
    note = f"Nothing matches {listed(wrong)}; the nearest spelling: {listed(mended)}."
    note += f" Left out: {listed(lost)}." if lost else ""
    return Reading(words, together([match for _, match in matches]), [some for some, _ in matches], True, note)


def without_unknown(index: Index, words: list[str]) -> Reading | None:
    """Words that occur nowhere are left out."""
    pieces = pieces_of(words)
    kept = [word for word in core_of(words) if index.occurs(word)]
    return read_as(index, words, kept, left_out(pieces, kept)) if kept != pieces else None


def most_words(index: Index, words: list[str]) -> Reading | None:
    """Where nothing has all the words: what has most of them."""
    kept = core_of(words)
    counts = Counter(chain.from_iterable(index.having([word]) for word in kept))
    most = max(counts.values(), default=0)
    if not most:
        return None
    found = sorted(at for at, count in counts.items() if count == most)
    note = f"Nothing has all of these words; this has {most} of {len(kept)}."
    return Reading(words, Match(len(found), rest=found[:KEPT]), note=note)


WAYS: list[Way] = [to_the_letter, in_pieces, without_fillers, respelled, without_unknown, most_words]


def read_as(index: Index, words: list[str], kept: list[str], note: str = "") -> Reading | None:
    """The reading in which all the kept words must be there; None where nothing is found."""
    if words and not kept:
        return None
    match = index.match(kept)
    return Reading(words, match, [kept], note=note) if match.total else None


def pieces_of(words: list[str]) -> list[str]:
    found = chain.from_iterable(BETWEEN_WORDS.split(word) for word in words)
    return list(dict.fromkeys(piece for piece in found if piece))


def core_of(words: list[str]) -> list[str]:
    """The pieces that are no fillers; all of them where all are."""
    pieces = pieces_of(words)
    return [piece for piece in pieces if piece not in FILLERS][:WORDS_READ] or pieces[:WORDS_READ]


def together(matches: list[Match]) -> Match:
    """Several matches as one. The total may be too high: what two of them share is seen only as far as it is kept."""
    if len(matches) == 1:
        return matches[0]
    ranks = [sorted(set(chain.from_iterable(match.ranks[number] for match in matches))) for number in range(3)]
    exact, begun = set(ranks[0]), set(ranks[1])
    begun_only, rest = [at for at in ranks[1] if at not in exact], [at for at in ranks[2] if at not in exact | begun]
    kept = sum(len(positions) for match in matches for positions in match.ranks)
    total = sum(match.total for match in matches) - kept + len(exact) + len(begun_only) + len(rest)
    return Match(total, ranks[0][:KEPT], begun_only[:KEPT], rest[:KEPT])


def left_out(pieces: list[str], kept: list[str]) -> str:
    lost = [piece for piece in pieces if piece not in kept]
    return f"Nothing has all of these words. Left out: {listed(lost)}." if lost else ""


def listed(words: list[str]) -> str:
    return ", ".join(f"“{word[:40]}”" for word in words)
