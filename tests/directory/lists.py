"""An account of lists alone, for sizes and shapes that the sandbox does not make: rows as given, with filters."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

JSON = dict[str, Any]
Query = dict[str, list[str]]
NAMES = ["teams", "priorities", "escalation_policies", "services", "users"]


class Lists:
    """`rows` by the name of the list; `asked` are the calls so far. `breaks` gives the status of a call by its number.

    `has_total`: whether the total is told. `limit`: how many rows it gives of a list.
    `grown` is called after each call, to change the account while it is read. `twist` may change an answer: it gets the
    name of the list, what was asked, status and body, and returns status and body.
    """

    def __init__(self) -> None:
        self.rows: dict[str, list[JSON]] = {name: [] for name in [*NAMES, "incident_types"]}
        self.asked: list[tuple[str, Query]] = []
        self.breaks: dict[int, int] = {}
        self.has_total = True
        self.limit = 10_000
        self.grown: Any = lambda: None
        self.twist: Any = lambda name, query, status, body: (status, body)
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler_of(self))
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    def answer(self, path: str, query: Query) -> tuple[int, JSON]:
        name = path.lstrip("/")
        self.asked.append((name, query))
        if status := self.breaks.get(len(self.asked)):
            return status, {"error": {"message": "broken"}}
        if name == "incidents/types":
            return 200, {"incident_types": self.rows["incident_types"]}
        if name.startswith("services/"):
            found = [row for row in self.rows["services"] if row["id"] == name.removeprefix("services/")]
            return (200, {"service": found[0]}) if found else (404, {"error": {"message": "Not Found", "code": 2100}})
        answer = self.page(name, query)
        self.grown()
        return answer

    def page(self, name: str, query: Query) -> tuple[int, JSON]:
        offset, limit = int(query["offset"][0]), int(query["limit"][0])
        if offset + limit > self.limit:
            return 400, {"error": {"message": "Arguments Caused Error", "code": 2002}}
        rows = sorted(filtered(self.rows[name], query), key=lambda row: str(row.get("name")).lower())
        if query.get("sort_by") == ["name:desc"]:
            rows.reverse()
        is_told = self.has_total and query.get("total") == ["true"]
        page: JSON = {name: rows[offset : offset + limit], "more": offset + limit < len(rows)}
        return 200, page | {"total": len(rows) if is_told else None}


def filtered(rows: list[JSON], query: Query) -> list[JSON]:
    """The rows that belong to one of the teams, if any are named, and have the words in their names."""
    teams, words = set(query.get("team_ids[]", [])), query.get("query", [""])[0].lower()
    return [
        row
        for row in rows
        if words in str(row.get("name") or "").lower()
        and (not teams or teams & {team["id"] for team in row.get("teams") or []})
    ]


def handler_of(lists: Lists) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            address = urlsplit(self.path)
            query = parse_qs(address.query)
            status, body = lists.twist(address.path.lstrip("/"), query, *lists.answer(address.path, query))
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            if status == 429:
                self.send_header("ratelimit-reset", "0.1")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler
