"""Filters and sorts lists. Small lists are scanned; big ones keep an index.

Scanning 25,000 rows takes 10 ms, mostly waiting for memory. So a list of more than `BIG` rows is indexed once, and
again when rows are added or removed. Renaming a row of a big list in place goes unnoticed here.
"""

from functools import cached_property

from sandbox.account import Account, Row

BIG = 2000


class ListIndex:
    """The rows of one big list, prepared for each way in which they are asked for."""

    def __init__(self, rows: list[Row]) -> None:
        self._count, self._ends = len(rows), (rows[0], rows[-1])
        self._rows = list(rows)

    def is_of(self, rows: list[Row]) -> bool:
        return len(rows) == self._count and rows[0] is self._ends[0] and rows[-1] is self._ends[1]

    @cached_property
    def by_name(self) -> list[Row]:
        return sorted(self._rows, key=_name)

    @cached_property
    def of_team(self) -> dict[str, list[Row]]:
        found: dict[str, list[Row]] = {}
        for row in self._rows:
            for team in row["teams"]:
                found.setdefault(team["id"], []).append(row)
        return found

    def containing(self, wanted: str, columns: tuple[str, ...]) -> list[Row]:
        texts = self._texts.get(columns)
        if texts is None:
            texts = self._texts[columns] = [_text(row, columns) for row in self._rows]
        return [self._rows[place] for place, text in enumerate(texts) if wanted in text]

    @cached_property
    def _texts(self) -> dict[tuple[str, ...], list[str]]:
        return {}


def _name(row: Row) -> str:
    return str(row["name"]).casefold()


def _text(row: Row, columns: tuple[str, ...]) -> str:
    return "\n".join((row[column] or "").casefold() for column in columns)


def _index_of(account: Account, rows: list[Row]) -> ListIndex | None:
    """The index of one of the account's own big lists."""
    if len(rows) <= BIG or not any(
        rows is own for own in (account.services, account.users, account.escalation_policies)
    ):
        return None
    index = account.indexes.get(id(rows))
    if not isinstance(index, ListIndex) or not index.is_of(rows):
        index = account.indexes[id(rows)] = ListIndex(rows)
    return index


def sort_by_name(account: Account, rows: list[Row], *, backwards: bool = False) -> list[Row]:
    """By name, as PagerDuty sorts services and policies."""
    index = _index_of(account, rows)
    ordered = index.by_name if index else sorted(rows, key=_name)
    return ordered[::-1] if backwards else ordered


def filter_by_team(account: Account, rows: list[Row], teams: list[str]) -> list[Row]:
    """The rows of these teams; all rows if no team is given."""
    if not teams:
        return rows
    wanted, index = set(teams), _index_of(account, rows)
    if index:
        return list({row["id"]: row for team in dict.fromkeys(teams) for row in index.of_team.get(team, [])}.values())
    return [row for row in rows if any(team["id"] in wanted for team in row["teams"])]


def filter_by_text(account: Account, rows: list[Row], query: str, *columns: str) -> list[Row]:
    """The rows with `query` in one of the columns, ignoring case."""
    wanted = query.casefold()
    if not wanted:
        return rows
    index = _index_of(account, rows)
    return index.containing(wanted, columns) if index else [row for row in rows if wanted in _text(row, columns)]
