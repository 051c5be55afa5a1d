"""Find services, escalation policies and people by the words that people have for them, and tell the hits apart.

Every word, in any order, anywhere in name, description, team, e-mail, job title or alias. Exact names come first, then
names that have the words (`Index.ranked`); among equals, what this person starred or used, then the alphabet. Where
nothing has all the words, the query is read more freely (`search.interpretation`), and `Found.note` says how.
"""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from itertools import islice
from typing import Any

from django.utils.timezone import now

from incidentportal.directory.live.oncalls import WORTH_SHOWING, OnCalls, known_on_call, known_oncalls_of
from incidentportal.directory.models import KINDS, Favorite, Mirrored, Person
from incidentportal.directory.search.index import Index, index_of
from incidentportal.directory.search.interpretation import interpret
from incidentportal.directory.search.postings import Bits, rows_in

QUERY_LIMIT = 200
SHOWN = 20
NAMES_SHOWN = 3


@dataclass(frozen=True)
class Found:
    """`rows` are the first of `total`. `note` says how the query was read where nothing has all of its words."""

    rows: list[Any]
    total: int
    note: str
    starred: frozenset[str]


@dataclass(frozen=True)
class Row:
    """One thing to choose, as the page shows it."""

    row: Mirrored
    label: str
    facts: list[str]
    oncall: str
    is_disabled: bool
    disabled_reason: str
    is_starred: bool


def look_up(kind: str, query: str, *, user: Any, limit: int) -> Found:
    """Search, and say of each row what helps to choose. It asks PagerDuty nothing."""
    found = search(kind, query, user=user, limit=limit)
    at = now()
    oncalls = oncall_notes(kind, found.rows, at)
    namesakes = Counter(row.name for row in found.rows)
    rows = []
    for row in found.rows:
        facts = [fact for fact in row.facts(at) if fact] + ([row.pk] if namesakes[row.name] > 1 else [])
        reason = row.disabled_reason
        rows.append(Row(row, row.name, facts, oncalls.get(row.pk, ""), bool(reason), reason, row.pk in found.starred))
    return replace(found, rows=rows)


def oncall_notes(kind: str, rows: list[Mirrored], at: datetime) -> dict[str, str]:
    """Who is on call, by the id of each row, where it is known already."""
    if kind == Person.kind:
        on_call = set(known_on_call(1000))
        return {row.pk: "on call now" for row in rows if row.pk in on_call}
    policies = {row.pk: row.oncall_policy_id for row in rows if row.oncall_policy_id}
    known = known_oncalls_of(list(dict.fromkeys(policies.values())))
    return {pk: oncall_note(known[policy], at) for pk, policy in policies.items() if policy in known}


def oncall_note(oncalls: OnCalls, at: datetime) -> str:
    """The people whom an incident would page first; empty where that is not known, or was too long ago."""
    if oncalls.fetched_at is None or at - oncalls.fetched_at > WORTH_SHOWING:
        return ""
    names = list(dict.fromkeys(row.person_name for row in oncalls.rows if row.level == 1))
    if not names:
        return "nobody on call at level 1"
    others = len(names) - NAMES_SHOWN + (len(oncalls.others[1].ids) if 1 in oncalls.others else 0)
    more = f" and {others} more" if others > 0 else ""
    return f"on call: {', '.join(names[:NAMES_SHOWN])}{more}"


def search(kind: str, query: str, *, user: Any = None, limit: int = SHOWN) -> Found:
    """The best rows for a query, and how many match in all. An empty query matches everything."""
    index = index_of(kind)
    meaning = interpret(index, query[:QUERY_LIMIT])
    favorites = Favorite.objects.of(user, kind)
    on_call = known_on_call(limit // 2) if kind == Person.kind and not query.split() else []
    ids = [index.ids[number] for number in best(index, meaning.ranks, [*on_call, *favorites], limit)]
    starred = frozenset(pk for pk, is_starred in favorites.items() if is_starred)
    return Found(rows_with(KINDS[kind], ids), meaning.total, meaning.note, starred)


def best(index: Index, ranks: list[Bits], preferred: list[str], limit: int) -> list[int]:
    """The numbers of the rows to show: rank by rank, in each the preferred ones before the rest."""
    numbers = [index.numbers[pk] for pk in preferred if pk in index.numbers]
    chosen: dict[int, None] = {}
    for rank in ranks:
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
    rows = {row.pk: row for row in model._default_manager.raw(query, ids) if not row.is_gone}
    return [rows[pk] for pk in ids if pk in rows]


@cache
def selection(model: type[Mirrored]) -> str:
    """What a look-up reads of each row; the rest is read when somebody asks for it.

    In SQL, because it is asked at every keystroke, and the ORM takes twice as long to write it as the database to
    answer it.
    """
    columns = ", ".join(["id", "name", "is_gone", *model.SHOWN])
    return f"SELECT {columns} FROM {model._meta.db_table} WHERE id IN "  # noqa: S608  (our own names)
