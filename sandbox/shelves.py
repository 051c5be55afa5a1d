"""Filters and orders of lists. Small lists are gone through as they are; big ones keep a shelf to look things up on.

Going through 25,000 rows costs 10 ms, mostly waiting for memory. So a list of more than `BIG` rows is prepared once,
and again when rows came or went. That a row of a big list was renamed in place is not noticed here.
"""

from functools import cached_property

from sandbox.account import Account, Row

BIG = 2000


class Shelf:
    """The rows of one big list, in the orders in which they are asked for."""

    def __init__(self, rows: list[Row]) -> None:
        self._count, self._ends = len(rows), (rows[0], rows[-1])
        self._rows = list(rows)

    def fits(self, rows: list[Row]) -> bool:
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

    def with_words(self, wanted: str, columns: tuple[str, ...]) -> list[Row]:
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


def _shelf(account: Account, rows: list[Row]) -> Shelf | None:
    """The shelf of one of the account's own big lists."""
    if len(rows) <= BIG or not any(
        rows is own for own in (account.services, account.users, account.escalation_policies)
    ):
        return None
    shelf = account.shelves.get(id(rows))
    if not isinstance(shelf, Shelf) or not shelf.fits(rows):
        shelf = account.shelves[id(rows)] = Shelf(rows)
    return shelf


def by_name(account: Account, rows: list[Row], *, backwards: bool = False) -> list[Row]:
    """In the order of names, as PagerDuty lists services and policies."""
    shelf = _shelf(account, rows)
    ordered = shelf.by_name if shelf else sorted(rows, key=_name)
    return ordered[::-1] if backwards else ordered


def by_teams(account: Account, rows: list[Row], teams: list[str]) -> list[Row]:
    """Only the rows of those teams; all where none is named."""
    if not teams:
        return rows
    wanted, shelf = set(teams), _shelf(account, rows)
    if shelf:
        return list({row["id"]: row for team in dict.fromkeys(teams) for row in shelf.of_team.get(team, [])}.values())
    return [row for row in rows if any(team["id"] in wanted for team in row["teams"])]


def by_words(account: Account, rows: list[Row], query: str, *columns: str) -> list[Row]:
    """`query` is part of one of the columns, in whatever case."""
    wanted = query.casefold()
    if not wanted:
        return rows
    shelf = _shelf(account, rows)
    return shelf.with_words(wanted, columns) if shelf else [row for row in rows if wanted in _text(row, columns)]
