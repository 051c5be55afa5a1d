"""Requests and answers, and what all lists of PagerDuty's API have in common: pages, filters, `include[]`.

Source: PagerDuty, "Pagination", "Filtering", "Includes".
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from email.message import Message
from functools import cached_property
from typing import Any

from sandbox.account import Account, Row
from sandbox.api.access import Caller
from sandbox.api.errors import TOO_FAR, arguments, invalid

MOST_ROWS = 10_000


@dataclass
class Request:
    """A request, kept for tests to inspect. `status` is that of its answer, 0 if the connection was cut."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: Message
    body: bytes = b""
    status: int = 0

    @cached_property
    def json(self) -> Any:
        """The body as JSON, or None if it is not JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    def one(self, name: str, default: str = "") -> str:
        """The last value of a query parameter."""
        return self.query.get(name, [default])[-1]

    def many(self, name: str) -> list[str]:
        """The values of a set filter, `name[]=…&name[]=…`."""
        return self.query.get(f"{name}[]", [])


@dataclass
class Call:
    """A request by a known caller, and the variable parts of its path."""

    request: Request
    caller: Caller
    args: dict[str, str] = field(default_factory=dict)


@dataclass
class Answer:
    """What to send back; `body` is JSON unless `raw` is set."""

    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    content_type: str = "application/json"

    def content(self) -> bytes:
        if self.raw is not None:
            return self.raw
        return json.dumps(self.body, ensure_ascii=False, separators=(",", ":")).encode()


def whole_number(request: Request, name: str, default: int) -> int:
    text = request.one(name)
    if not text:
        return default
    if not (text.isascii() and text.isdigit()):
        raise invalid(f"{name.capitalize()} is invalid.")
    return int(text[:9])


def paginate(call: Call, name: str, rows: list[Row], *, has_total: bool = True) -> Answer:
    """One page of a list."""
    request = call.request
    limit = min(whole_number(request, "limit", 25), 100) or 25
    offset = whole_number(request, "offset", 0)
    if offset + limit > MOST_ROWS:
        raise arguments(TOO_FAR)
    total = len(rows) if has_total and request.one("total") in {"true", "1"} else None
    shown = rows[offset : offset + limit]
    return Answer({name: shown, "limit": limit, "offset": offset, "more": offset + limit < len(rows), "total": total})


def expanded(account: Account, row: Row, wanted: Iterable[str], places: Mapping[str, tuple[str, str]]) -> Row:
    """A copy of the row with full objects in place of references. `places`: name to include → (key, list)."""
    changed: Row = {}
    for name in wanted:
        if name not in places:
            continue
        key, kind = places[name]
        value = changed.get(key, row.get(key))
        changed[key] = (
            [_full(account, kind, item) for item in value] if isinstance(value, list) else _full(account, kind, value)
        )
    return {**row, **changed} if changed else row


def _full(account: Account, kind: str, mentioned: Row | None) -> Row | None:
    """The object itself; if it is gone, the reference."""
    return (account.find(kind, mentioned["id"]) or mentioned) if mentioned else None
