"""The searchable text of a kind, held in memory: a look-up compares strings and reads only the rows that it shows.

Each process has its own. It is read again when the mirror's version of the kind or its aliases have changed.
"""

import re
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import compress, islice, repeat
from operator import contains
from typing import Any

from django.db.models import Count, Max

from incidentportal.directory.models import KINDS, Alias, Sync
from incidentportal.directory.text import fold

KEPT = 100  # rows of each rank that a match keeps: more are never shown at once
BETWEEN_WORDS = re.compile(r"[\W_]+")
Version = tuple[Any, ...]


@dataclass(frozen=True)
class Match:
    """Positions, each list in the order of the alphabet and cut after KEPT; `total` counts all."""

    total: int = 0
    exact: list[int] = field(default_factory=list)
    begun: list[int] = field(default_factory=list)  # every word of the query is a word of the name, or begins one
    rest: list[int] = field(default_factory=list)

    @property
    def ranks(self) -> list[list[int]]:
        return [self.exact, self.begun, self.rest]


class Index:
    """Every current row of a kind, in the order of the alphabet.

    ids    PagerDuty's
    texts  all that a query is compared with, folded
    names  the words of the name and of the aliases, each with a space before it
    """

    def __init__(self, rows: Iterable[tuple[str, str]], aliases: dict[str, str]) -> None:
        entries = sorted((text.partition("\n")[0], pk, text) for pk, text in rows)
        self.ids = [pk for _, pk, _ in entries]
        self.positions = {pk: position for position, pk in enumerate(self.ids)}
        self.texts = [f"{text}\n{aliases[pk]}" if pk in aliases else text for _, pk, text in entries]
        self.names = [words_of(f"{name} {aliases.get(pk, '')}") for name, pk, _ in entries]
        self.exact: dict[str, list[int]] = {}
        for position, (name, pk, _) in enumerate(entries):
            for key in {name, pk.lower()}:
                self.exact.setdefault(key, []).append(position)
        self.readings: dict[str, Any] = {}  # by query: what it was taken to mean
        self.prefixes: dict[int, list[str]] = {}

    def having(self, words: list[str]) -> list[int]:
        """The positions whose text has every one of these words somewhere."""
        first, *others = sorted(words, key=len, reverse=True)
        found = list(compress(range(len(self.texts)), map(contains, self.texts, repeat(first))))
        for word in others:
            found = [position for position in found if word in self.texts[position]]
        return found

    def match(self, words: list[str]) -> Match:
        """What has all the words, ranked."""
        found: Sequence[int] = self.having(words) if words else range(len(self.ids))
        exact = self.exact.get(" ".join(words), [])
        taken = set(exact)
        begun = list(islice((at for at in self.beginning(found, words) if at not in taken), KEPT))
        taken.update(begun)
        is_full = len(begun) == KEPT
        rest = [] if is_full else list(islice((at for at in found if at not in taken), KEPT))
        # An id is found by its whole only, so it may be no part of the text.
        total = len(found) + sum(1 for at in exact if not self.has(at, words))
        return Match(total, exact[:KEPT], begun, rest)

    def beginning(self, found: Sequence[int], words: list[str]) -> Iterator[int]:
        """Those of the found positions in whose name every word is a word or begins one."""
        starts = [words_of(word) for word in words]
        if not all(start.strip() for start in starts):
            return iter(())
        if not starts:
            return iter(found)
        first, *others = starts
        begun = compress(found, map(contains, map(self.names.__getitem__, found), repeat(first)))
        return (at for at in begun if all(start in self.names[at] for start in others))

    def has(self, position: int, words: list[str]) -> bool:
        return all(word in self.texts[position] for word in words)

    def rank_of(self, position: int, words: list[str]) -> int | None:
        """In which rank of a match this position stands; None where it does not match."""
        if position in self.exact.get(" ".join(words), []):
            return 0
        if not self.has(position, words):
            return None
        return 1 if any(True for _ in self.beginning([position], words)) else 2

    def occurs(self, word: str) -> bool:
        return any(map(contains, self.texts, repeat(word)))

    @cached_property
    def vocabulary(self) -> list[str]:
        """Every word of three letters and more, without those that are numbers or have some."""
        found: set[str] = set()
        for text in self.texts:
            found.update(BETWEEN_WORDS.split(text))
        return sorted(word for word in found if len(word) > 2 and word.isalpha())

    def beginnings(self, length: int) -> list[str]:
        """The first letters of every longer word."""
        if length not in self.prefixes:
            self.prefixes[length] = sorted({word[:length] for word in self.vocabulary if len(word) > length})
        return self.prefixes[length]


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
    synced = Sync.objects.filter(kind=kind).values_list("version", flat=True).first()
    aliases = Alias.objects.filter(kind=kind).aggregate(count=Count("pk"), last=Max("changed_at"))
    return synced or "", aliases["count"], aliases["last"]


def read(kind: str) -> Index:
    rows = KINDS[kind]._default_manager.filter(is_gone=False).order_by().values_list("pk", "searched")
    aliases = Alias.objects.filter(kind=kind).values_list("target_id", "words")
    return Index(rows.iterator(chunk_size=5000), {pk: fold(words) for pk, words in aliases})


def words_of(text: str) -> str:
    return " " + BETWEEN_WORDS.sub(" ", text).strip()
