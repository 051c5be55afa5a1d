"""Which hits come first."""

from dataclasses import dataclass
from functools import reduce
from operator import and_, or_

from incidentportal.directory.search.index import Index
from incidentportal.directory.search.postings import Bits, rows_in

LOOKED_THROUGH = 1000  # rows: more would be felt


@dataclass(frozen=True)
class Match:
    """What matches, rank by rank, the best first; no row is in two of them."""

    ranks: tuple[Bits, ...] = ()

    @classmethod
    def of(cls, *ranks: Bits) -> "Match":
        """Each row in the first of the ranks that has it."""
        above, own = 0, []
        for rank in ranks:
            own.append(rank & ~above)
            above |= rank
        return cls(tuple(own))

    @property
    def total(self) -> int:
        return sum(rank.bit_count() for rank in self.ranks)

    def __or__(self, other: "Match") -> "Match":
        return Match.of(*map(or_, self.ranks, other.ranks))


def match(index: Index, words: list[str]) -> Match:
    """The rows that have all of the words, in these ranks:

    1. the exact name or id
    2. every word begins a word of the name
    3. the words one after the other, and some of them begin a word of the name
    4. the words one after the other
    5. some of the words begin a word of the name
    6. the words anywhere
    """
    matching = reduce(and_, map(index.containing, words), index.everything)
    exact = index.named(" ".join(words))
    in_name = [index.name_beginning(word) & matching for word in words]
    some, phrase = reduce(or_, in_name, 0), phrase_in(index, words, matching)
    return Match.of(exact, reduce(and_, in_name, matching), phrase & some, phrase, some, matching)


def phrase_in(index: Index, words: list[str], matching: Bits) -> Bits:
    """Those of the rows, where they are not too many to look through, that have the words one after the other."""
    if len(words) < 2 or matching.bit_count() > LOOKED_THROUGH:
        return 0
    phrase = " ".join(words)
    return index.words.bits(number for number in rows_in(matching) if phrase in index.texts[number])
