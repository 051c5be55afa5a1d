"""What an account holds: lists of rows in the API's own shape, and how to find one of them."""

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
    """Lists of rows that anyone may change in place: what they say now is what the API says."""

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
        self.shelves: dict[int, object] = {}  # of `shelves.py`
        self._places: dict[tuple[str, str], dict[str, int]] = {}

    def find(self, kind: str, id: object) -> Row | None:
        """The row of that id, e.g. `find("services", "P123456")`; None where there is none now."""
        return self._look_up(kind, "id", str, id)

    def person(self, email: str) -> Row | None:
        """The person with that address, in whatever case it is written."""
        return self._look_up("users", "email", str.casefold, email.casefold())

    def named(self, kind: str, name: str) -> Row:
        """The row of exactly that name; a KeyError where there is none. For tests and for building."""
        for row in getattr(self, kind):
            if row["name"] == name:
                return row
        raise KeyError(f"no {kind} called {name!r}")

    def _look_up(self, kind: str, column: str, normal: Callable[[str], str], wanted: object) -> Row | None:
        """The lists change under us, so an index only says where a row was: if it has moved, we look again."""
        rows: list[Row] = getattr(self, kind)
        for _ in range(2):
            place = self._places.get((kind, column), {}).get(str(wanted))
            if place is not None and place < len(rows) and normal(rows[place][column]) == wanted:
                return rows[place]
            self._places[kind, column] = {normal(row[column]): place for place, row in enumerate(rows)}
        return None
