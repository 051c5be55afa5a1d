"""What an account holds: lists of rows in the shape of the API, and how to find one of them."""

from collections.abc import Callable
from typing import Any

Row = dict[str, Any]

API = "https://api.pagerduty.example"
WEB = "https://sandbox.pagerduty.example"


def reference(row: Row) -> Row:
    """How one object mentions another."""
    return {
        "id": row["id"],
        "type": row["type"].removesuffix("_reference") + "_reference",
        "summary": row["summary"],
        "self": row["self"],
        "html_url": row["html_url"],
    }


class Account:
    """Lists of rows that anyone may change in place: the API always shows what they hold now."""

    def __init__(self) -> None:
        self.services: list[Row] = []
        self.escalation_policies: list[Row] = []
        self.users: list[Row] = []
        self.teams: list[Row] = []
        self.schedules: list[Row] = []
        self.priorities: list[Row] = []
        self.incident_types: list[Row] = []
        self.custom_fields: list[Row] = []
        self.maintenance_windows: list[Row] = []
        self.incidents: list[Row] = []
        self.abilities: list[str] = []
        self.indexes: dict[int, object] = {}  # of `filters.py`
        self._places: dict[tuple[str, str], dict[str, int]] = {}

    def find(self, kind: str, id: object) -> Row | None:
        """The row with that id, e.g. `find("services", "P123456")`, or None."""
        return self._look_up(kind, "id", str, id)

    def person(self, email: str) -> Row | None:
        """The person with that email address, ignoring case."""
        return self._look_up("users", "email", str.casefold, email.casefold())

    def named(self, kind: str, name: str) -> Row:
        """The row with exactly that name, or a KeyError. For tests, and for building the account."""
        rows: list[Row] = getattr(self, kind)
        for row in rows:
            if row["name"] == name:
                return row
        raise KeyError(f"no {kind} called {name!r}")

    def _look_up(self, kind: str, column: str, normal: Callable[[str], str], wanted: object) -> Row | None:
        """The lists may change at any time, so an index only says where a row was: if it has moved, look again."""
        rows: list[Row] = getattr(self, kind)
        for _ in range(2):
            place = self._places.get((kind, column), {}).get(str(wanted))
            if place is not None and place < len(rows) and normal(rows[place][column]) == wanted:
                return rows[place]
            self._places[kind, column] = {normal(row[column]): place for place, row in enumerate(rows)}
        return None
