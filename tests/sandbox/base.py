"""A plain caller of the API: one request on a connection of its own, and the reply."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPMessage
from typing import Any
from urllib.parse import urlsplit

from sandbox import TOKEN, Sandbox

ADA = "ada@example.com"


@dataclass
class Reply:
    """An answer, as it arrived."""

    status: int
    headers: HTTPMessage
    content: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.content)


def connect(sandbox: Sandbox) -> HTTPConnection:
    return HTTPConnection(urlsplit(sandbox.url).netloc)


def ask(
    sandbox: Sandbox,
    call: str,
    body: Any = None,
    headers: Mapping[str, str | None] | None = None,
) -> Reply:
    """`call` is "METHOD /path?query". Headers are Ada's, with the account's key; `headers` changes or drops some."""
    method, _, path = call.partition(" ")
    usual = {"Authorization": f"Token token={TOKEN}", "From": ADA, "Content-Type": "application/json"}
    sent = {name: value for name, value in {**usual, **(headers or {})}.items() if value is not None}
    content = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    connection = connect(sandbox)
    try:
        connection.request(method, path, body=content, headers=sent)
        answer = connection.getresponse()
        return Reply(answer.status, answer.headers, answer.read())
    finally:
        connection.close()


def an_incident(sandbox: Sandbox, name: str = "Checkout API", /, **changes: Any) -> dict[str, Any]:
    """The least body of a creation, with changes; None drops a key."""
    id = sandbox.account.named("services", name)["id"]
    usual = {"type": "incident", "title": "Card payments fail", "service": {"id": id, "type": "service_reference"}}
    return {"incident": {key: value for key, value in {**usual, **changes}.items() if value is not None}}


def create(sandbox: Sandbox, name: str = "Checkout API", /, **changes: Any) -> dict[str, Any]:
    """Create an incident, and return it as it was answered."""
    reply = ask(sandbox, "POST /incidents", an_incident(sandbox, name, **changes))
    assert reply.status == 201, reply.content
    return dict(reply.json["incident"])


def id_of(sandbox: Sandbox, kind: str, name: str) -> str:
    return str(sandbox.account.named(kind, name)["id"])


def log_of(sandbox: Sandbox, incident: dict[str, Any]) -> list[dict[str, Any]]:
    """The incident's log, oldest first."""
    return list(ask(sandbox, f"GET /incidents/{incident['id']}/log_entries?limit=100").json["log_entries"][::-1])


def paged(sandbox: Sandbox, incident: dict[str, Any]) -> list[str]:
    """The names of the people who were paged, in order."""
    return [entry["user"]["summary"] for entry in log_of(sandbox, incident) if entry["type"] == "notify_log_entry"]


def assigned(incident: dict[str, Any]) -> list[str]:
    return [item["assignee"]["summary"] for item in incident["assignments"]]
