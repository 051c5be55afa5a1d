"""Find services, escalation policies and people by the words that people have for them.

Every word, in any order, anywhere in name, description, team, e-mail, job title or alias. Exact names come first, then
names that have the words (`ranking`); among equals, what this person starred or used, then the alphabet. Where nothing
has all the words, the query is read more freely (`interpretation`), and `Found.note` says how.
"""

from dataclasses import dataclass, field
from functools import cache
from itertools import islice
from typing import Any

from incidentportal.directory.live.oncalls import known_on_call
from incidentportal.directory.models import KINDS, Favorite, Mirrored, Person
from incidentportal.directory.search.index import Index, index_of
from incidentportal.directory.search.interpretation import Interpretation, interpret
from incidentportal.directory.search.postings import rows_in

__all__ = ["QUERY_LIMIT", "Found", "search"]

QUERY_LIMIT = 200
SHOWN = 20


@dataclass(frozen=True)
class Found:
    """`rows` are the first of `total`. `note` says how the query was read where nothing has all of its words."""

    rows: list[Any]
    total: int
    is_nearest: bool = False
    note: str = ""
    starred: frozenset[str] = field(default_factory=frozenset)


def search(kind: str, query: str, *, user: Any = None, limit: int = SHOWN) -> Found:
    """The best rows for a query, and how many match in all. An empty query matches everything."""
    index = index_of(kind)
    meaning = interpret(index, query[:QUERY_LIMIT])
    favorites = Favorite.objects.of(user, kind)
    preferred = list(favorites)
    if kind == Person.kind and not meaning.words:
        preferred = [*known_on_call(limit // 2), *favorites]
    ids = [index.ids[number] for number in best(index, meaning, preferred, limit)]
    starred = frozenset(pk for pk, is_starred in favorites.items() if is_starred)
    return Found(rows_with(KINDS[kind], ids), meaning.match.total, meaning.is_nearest, meaning.note, starred)


def best(index: Index, meaning: Interpretation, preferred: list[str], limit: int) -> list[int]:
    """The numbers of the rows to show: rank by rank, in each the preferred ones before the rest."""
    numbers = [index.numbers[pk] for pk in preferred if pk in index.numbers]
    chosen: dict[int, None] = {}
    for rank in meaning.match.ranks:
        chosen.update(dict.fromkeys(number for number in numbers if rank >> number & 1))
        chosen.update(dict.fromkeys(islice(rows_in(rank), limit)))
        if len(chosen) >= limit:
            break
    return list(chosen)[:limit]


def rows_with(model: type[Mirrored], ids: list[str]) -> list[Mirrored]:
    """The rows with these ids, in this order. What has gone since the index was read is left out."""
    if not ids:
        return []
    query = f"{selection(model)}({', '.join(['%s'] * len(ids))})"
    rows = {row.pk: row for row in model.objects.raw(query, ids) if not row.is_gone}
    return [rows[pk] for pk in ids if pk in rows]


@cache
def selection(model: type[Mirrored]) -> str:
    """What a look-up reads of each row; the rest is read when somebody asks for it.

    In SQL, because it is asked at every keystroke, and the ORM takes twice as long to write it as the database to
    answer it.
    """
    columns = ["id", "name", "is_gone", *model.SHOWN]
    return f"SELECT {', '.join(columns)} FROM {model._meta.db_table} WHERE id IN "  # noqa: S608  (our own names)
