"""The searchable text of a kind, held in memory: a look-up reads only the rows that it shows from the database.

Each process has its own. It is read again when the mirror's version of the kind or its aliases have changed.
"""

import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import reduce
from operator import and_
from typing import Any

from django.db import connection

from incidentportal.directory.models import KINDS, Alias
from incidentportal.directory.search.postings import BETWEEN_WORDS, Bits, Postings, rows_in
from incidentportal.directory.text import fold

Version = tuple[Any, ...]
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


@dataclass
class Held:
    """The index of a kind as this process holds it. One thread builds; the others go on with the one before."""

    version: Version | None = None
    index: Index | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)


HELD = {kind: Held() for kind in KINDS}


def index_of(kind: str) -> Index:
    """The index of a kind, up to date."""
    held, version = HELD[kind], version_of(kind)
    held_version, index = held.version, held.index
    if index is not None and held_version == version and version[0]:
        return index
    if not held.lock.acquire(blocking=index is None or not version[0]):
        assert index is not None  # noqa: S101  (for the type checker: we only pass by where there is one)
        return index
    try:
        if held.index is None or held.version != version or not version[0]:
            held.index, held.version = read(kind), version
        return held.index
    finally:
        held.lock.release()


def version_of(kind: str) -> Version:
    """Changes with what the index would hold. Where nothing was ever synced its first part is empty: hold nothing."""
    with connection.cursor() as cursor:
        cursor.execute(VERSION_QUERY, [kind, kind, kind])
        return cursor.fetchone() or ("",)


def read(kind: str) -> Index:
    rows = KINDS[kind].objects.filter(is_gone=False).order_by().values_list("pk", "searched")
    aliases = Alias.objects.filter(kind=kind).values_list("target_id", "words")
    return Index(rows.iterator(chunk_size=5000), {pk: fold(words) for pk, words in aliases})


def pieces_of(word: str) -> list[str]:
    """What stands between punctuation."""
    return [piece for piece in BETWEEN_WORDS.split(word) if piece]
