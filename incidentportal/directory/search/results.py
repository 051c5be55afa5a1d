"""Find services, escalation policies and people by the words that people have for them.

Every word, in any order, anywhere in name, description, team, e-mail, job title or alias. What is called so comes
first, then what has the words in its name (`Index.match`); among equals, what this person starred or used, then the
alphabet. Where nothing has all the words, the query is read in other ways, and `Found.note` says how.
"""

from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from incidentportal.directory.live.oncalls import known_on_call
from incidentportal.directory.models import KINDS, Mirrored
from incidentportal.directory.search.favorites import favorites_of
from incidentportal.directory.search.index import Index, index_of
from incidentportal.directory.search.postings import rows_in
from incidentportal.directory.search.queries import Reading, read_query

QUERY_LIMIT = 200
SHOWN = 20
# What a look-up shows of each row, the rest is read when somebody asks for it. In SQL, because it is asked at every
# keystroke, and the ORM takes twice as long to write it as the database to answer it.
ROWS = {
    "services": """
        SELECT s.id, s.name, s.is_gone, s.status, s.team_names, s.escalation_policy_id, p.name AS policy_name
        FROM directory_service s LEFT JOIN directory_escalationpolicy p ON p.id = s.escalation_policy_id
        WHERE s.id IN """,
    "escalation-policies": """
        SELECT id, name, is_gone, team_names, rules FROM directory_escalationpolicy WHERE id IN """,
    "people": """
        SELECT id, name, is_gone, team_names, email, time_zone, job_title, role FROM directory_person WHERE id IN """,
}


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
    ids = [index.ids[number] for number in best(index, reading, first, limit)]
    starred = frozenset(pk for pk, is_starred in favorites.items() if is_starred)
    return Found(rows_of(kind, ids), reading.match.total, reading.is_nearest, reading.note, starred)


def best(index: Index, reading: Reading, first: list[str], limit: int) -> list[int]:
    """The rows to show: rank by rank, in each what this person has before the rest."""
    mine = [index.numbers[pk] for pk in first if pk in index.numbers]
    chosen: dict[int, None] = {}
    for rank in reading.match.ranks:
        chosen.update(dict.fromkeys(number for number in mine if rank >> number & 1))
        chosen.update(dict.fromkeys(islice(rows_in(rank), limit)))
        if len(chosen) >= limit:
            break
    return list(chosen)[:limit]


def rows_of(kind: str, ids: list[str]) -> list[Mirrored]:
    """The rows with these ids, in this order. What is gone since the index was read is left out.

    A service bears the name of its policy too, as `policy_name`.
    """
    if not ids:
        return []
    query = f"{ROWS[kind]}({', '.join(['%s'] * len(ids))})"
    found = {row.pk: row for row in KINDS[kind]._default_manager.raw(query, ids) if not row.is_gone}
    return [found[pk] for pk in ids if pk in found]
