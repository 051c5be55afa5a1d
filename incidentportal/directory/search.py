"""Find services, escalation policies and people by the words that people have for them.

Every word, in any order, anywhere in name, description, team, e-mail, job title or alias. First comes what bears the
very name, then what has all the words at the beginning of words of its name; among equals, what this person starred or
used, then the alphabet. Where nothing has all the words, the query is read in other ways, and `Found.note` says how.
"""

from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet

from incidentportal.directory.favorites import favorites_of
from incidentportal.directory.index import Index, index_of
from incidentportal.directory.models import KINDS, Mirrored
from incidentportal.directory.oncalls import known_on_call
from incidentportal.directory.reading import Reading, read_query

QUERY_LIMIT = 200
SHOWN = 20


@dataclass(frozen=True)
class Found:
    """`rows` are the first of `total`. `note` says how the query was read where that is not to the letter."""

    rows: list[Any]
    total: int
    is_nearest: bool = False
    note: str = ""
    starred: frozenset[str] = field(default_factory=frozenset)


def search(kind: str, query: str, *, user: Any = None, limit: int = SHOWN) -> Found:
    """The best rows for a query, and how many match in all. An empty query matches everything."""
    index = index_of(kind)
    reading = read_query(index, query[:QUERY_LIMIT])
    favorites = favorites_of(user, kind)
    first = [*known_on_call(limit // 2), *favorites] if kind == "people" and not reading.words else list(favorites)
    ids = [index.ids[at] for at in best(index, reading, first, limit)]
    starred = frozenset(pk for pk, is_starred in favorites.items() if is_starred)
    return Found(rows_of(kind, ids), reading.match.total, reading.is_nearest, reading.note, starred)


def best(index: Index, reading: Reading, first: list[str], limit: int) -> list[int]:
    """The positions to show: rank by rank, in each what this person has before the rest."""
    mine = [index.positions[pk] for pk in first if pk in index.positions]
    chosen: dict[int, None] = {}
    for number, rank in enumerate(reading.match.ranks):
        chosen.update(dict.fromkeys(at for at in mine if reading.rank_of(index, at) == number))
        chosen.update(dict.fromkeys(rank))
        if len(chosen) >= limit:
            break
    return list(chosen)[:limit]


def rows_of(kind: str, ids: list[str]) -> list[Mirrored]:
    """The rows with these ids, in this order. What is gone since the index was read is left out."""
    current: QuerySet[Any] = KINDS[kind]._default_manager.filter(is_gone=False)
    if kind == "services":
        current = current.select_related("escalation_policy")
    found = current.in_bulk(ids)
    return [found[pk] for pk in ids if pk in found]
