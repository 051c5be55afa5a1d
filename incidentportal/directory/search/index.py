"""The searchable text of a kind, held in memory: a look-up reads only the rows that it shows from the database.

Each process has its own. It is read again when the mirror's version of the kind or its aliases have changed.
"""

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import reduce
from operator import and_, or_
from typing import Any

from django.db import connection

from incidentportal.directory.models import KINDS, Alias
from incidentportal.directory.search.postings import BETWEEN_WORDS, Bits, Postings, rows_in
from incidentportal.directory.text import fold

Version = tuple[Any, ...]
LOOKED_THROUGH = 1000  # rows: more would be felt
# In SQL, because it is asked at every keystroke, and the ORM takes longer to write it than the database to answer it.
VERSION_QUERY = """
    SELECT version,
           (SELECT COUNT(*) FROM directory_alias WHERE kind = %s),
           (SELECT MAX(changed_at) FROM directory_alias WHERE kind = %s)
    FROM directory_sync WHERE kind = %s
"""


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


class Index:
    """Every current row of a kind, in the order of the alphabet: row n here is bit n of a match."""

    def __init__(self, rows: Iterable[tuple[str, str]], aliases: dict[str, str]) -> None:
        entries = sorted((text.partition("\n")[0], pk, text) for pk, text in rows)
        self.ids = [pk for _, pk, _ in entries]
        self.numbers = {pk: number for number, pk in enumerate(self.ids)}
        self.texts = [f"{text}\n{aliases[pk]}" if pk in aliases else text for _, pk, text in entries]
        size = len(entries)
        self.everything: Bits = (1 << size) - 1
        self.words = Postings(self.texts, size)
        _ = self.words.short
        self.name_words = Postings((f"{name} {aliases.get(pk, '')}" for name, pk, _ in entries), size)
        self.called: dict[str, list[int]] = {}  # the rows by name and by id
        for number, (name, pk, _) in enumerate(entries):
            for key in {name, pk.lower()}:
                self.called.setdefault(key, []).append(number)
        self.readings: dict[str, Any] = {}  # by query: what it was taken to mean
        self.vocabularies: dict[int, list[str]] = {}  # of spellings

    def match(self, words: list[str]) -> Match:
        """What has all the words. Best is what is called so; then what has all of them in its name, at the beginning
        of words; then what has them one after the other, and some of them in its name.
        """
        having = reduce(and_, map(self.having, words), self.everything)
        called = self.called.get(" ".join(words))
        exact = self.words.bits(called) if called else 0
        begun = [self.beginning(word) & having for word in words]
        partly, phrase = reduce(or_, begun, 0), self.phrase(words, having)
        return Match.of(exact, reduce(and_, begun, having), phrase & partly, phrase, partly, having)

    def phrase(self, words: list[str], having: Bits) -> Bits:
        """Those of the rows, where they are not too many to look through, that have the words one after the other."""
        if len(words) < 2 or having.bit_count() > LOOKED_THROUGH:
            return 0
        phrase = " ".join(words)
        return self.words.bits(number for number in rows_in(having) if phrase in self.texts[number])

    def having(self, word: str) -> Bits:
        """The rows whose text has this word somewhere."""
        pieces = pieces_of(word)
        if pieces == [word]:
            return self.words.containing(word)
        likely = reduce(and_, map(self.words.containing, pieces), self.everything)
        return self.words.bits(number for number in rows_in(likely) if word in self.texts[number])

    def beginning(self, word: str) -> Bits:
        """The rows in whose name this word begins a word; nothing for what has neither letter nor digit."""
        pieces = pieces_of(word)
        return reduce(and_, map(self.name_words.beginning, pieces), self.everything if pieces else 0)


@dataclass
class Slot:
    """The index of a kind as this process has it. One thread builds; the others go on with the one before."""

    version: Version | None = None
    index: Index | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)


SLOTS = {kind: Slot() for kind in KINDS}


def index_of(kind: str) -> Index:
    """The index of a kind, up to date."""
    slot, version = SLOTS[kind], version_of(kind)
    held, index = slot.version, slot.index
    if index is not None and held == version and version[0]:
        return index
    if not slot.lock.acquire(blocking=index is None or not version[0]):
        assert index is not None  # noqa: S101  (for the type checker: we only pass by where there is one)
        return index
    try:
        if slot.index is None or slot.version != version or not version[0]:
            slot.index, slot.version = read(kind), version
        return slot.index
    finally:
        slot.lock.release()


def version_of(kind: str) -> Version:
    """Changes with what the index would hold. Where nothing was ever synced its first part is empty: hold nothing."""
    with connection.cursor() as cursor:
        cursor.execute(VERSION_QUERY, [kind, kind, kind])
        return cursor.fetchone() or ("",)


def read(kind: str) -> Index:
    rows = KINDS[kind]._default_manager.filter(is_gone=False).order_by().values_list("pk", "searched")
    aliases = Alias.objects.filter(kind=kind).values_list("target_id", "words")
    return Index(rows.iterator(chunk_size=5000), {pk: fold(words) for pk, words in aliases})


def pieces_of(word: str) -> list[str]:
    """What stands between punctuation."""
    return [piece for piece in BETWEEN_WORDS.split(word) if piece]
