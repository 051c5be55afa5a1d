"""The searchable text of a kind, held in memory: a look-up reads only the rows that it shows from the database.

Each process has its own. It is read again when the mirror's version of the kind or its aliases have changed.
"""

import threading
from collections.abc import Iterable, Sequence
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


class Index:
    """Every current row of a kind, in the order of the alphabet: row n here is bit n of a set."""

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
        self.by_name: dict[str, list[int]] = {}  # and by id
        for number, (name, pk, _) in enumerate(entries):
            for key in {name, pk.lower()}:
                self.by_name.setdefault(key, []).append(number)
        self.interpretations: dict[str, Any] = {}  # by query
        self.vocabularies: dict[int, list[str]] = {}  # of spellings

    def named(self, text: str) -> Bits:
        """The rows that have exactly this name or id."""
        numbers = self.by_name.get(text)
        return self.words.bits(numbers) if numbers else 0

    def containing(self, word: str) -> Bits:
        """The rows whose text contains this word."""
        pieces = pieces_of(word)
        if pieces == [word]:
            return self.words.containing(word)
        likely = reduce(and_, map(self.words.containing, pieces), self.everything)
        return self.words.bits(number for number in rows_in(likely) if word in self.texts[number])

    def name_beginning(self, word: str) -> Bits:
        """The rows in whose name this word begins a word; nothing for what has neither letter nor digit."""
        pieces = pieces_of(word)
        return reduce(and_, map(self.name_words.beginning, pieces), self.everything if pieces else 0)

    def ranked(self, words: Sequence[str]) -> list[Bits]:
        """The rows that have all of the words, the best first; each set lies within the last one.

        1. the exact name or id
        2. every word begins a word of the name
        3. the words one after the other, and some of them begin a word of the name
        4. the words one after the other
        5. some of the words begin a word of the name
        6. the words anywhere
        """
        matching = reduce(and_, map(self.containing, words), self.everything)
        in_name = [self.name_beginning(word) & matching for word in words]
        some, phrase = reduce(or_, in_name, 0), self.phrase(words, matching)
        exact = self.named(" ".join(words))
        return [exact, reduce(and_, in_name, matching), phrase & some, phrase, some, matching | exact]

    def phrase(self, words: Sequence[str], matching: Bits) -> Bits:
        """Those of the rows, where they are not too many to look through, that have the words one after the other."""
        if len(words) < 2 or matching.bit_count() > LOOKED_THROUGH:
            return 0
        phrase = " ".join(words)
        return self.words.bits(number for number in rows_in(matching) if phrase in self.texts[number])


# By kind, as this process holds it.
HELD: dict[str, tuple[Version, Index]] = {}
LOCKS = {kind: threading.Lock() for kind in KINDS}


def index_of(kind: str) -> Index:
    """The index of a kind, up to date. While one thread builds it, the others go on with the one before."""
    version, held = version_of(kind), HELD.get(kind)
    if held and (held[0] == version or LOCKS[kind].locked()):
        return held[1]
    with LOCKS[kind]:
        held = HELD.get(kind)
        if held is None or held[0] != version:
            held = HELD[kind] = version, read(kind)
        return held[1]


def version_of(kind: str) -> Version:
    """Changes with what the index would hold; where nothing was ever synced, each time."""
    with connection.cursor() as cursor:
        cursor.execute(VERSION_QUERY, [kind, kind, kind])
        return cursor.fetchone() or (object(),)


def read(kind: str) -> Index:
    rows = KINDS[kind]._default_manager.filter(is_gone=False).order_by().values_list("pk", "searched")
    aliases = Alias.objects.filter(kind=kind).values_list("target_id", "words")
    return Index(rows.iterator(chunk_size=5000), {pk: fold(words) for pk, words in aliases})


def pieces_of(word: str) -> list[str]:
    """What stands between punctuation."""
    return [piece for piece in BETWEEN_WORDS.split(word) if piece]
