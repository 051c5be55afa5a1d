"""HTTP itself: reads requests from sockets, and sends answers whole, late, slowly, in part or not at all.

It knows nothing of the account: a `handle` function turns a request into an answer and the fault to send it with.
"""

import hashlib
import math
import socket
import sys
import threading
import uuid
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from sandbox.api.messages import Answer, Request
from sandbox.faults import HANG_UP, LATE, Fault

Handle = Callable[[Request], tuple[Answer, Fault | None]]

MOST_BYTES = 5 * 1024 * 1024
MOST_DRAINED = 4 * MOST_BYTES
_DRIPS = 10
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class Server(ThreadingHTTPServer):
    """One thread per connection; none of them outlives `close`."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, port: int, handle: Handle) -> None:
        super().__init__(("127.0.0.1", port), Connection)
        self.handle = handle
        self.is_closing = threading.Event()
        self._open: set[socket.socket] = set()
        self._has_changed = threading.Condition()

    def server_bind(self) -> None:
        """Skip the look-up of the host name that the standard library makes."""
        socket.socket.bind(self.socket, self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = "127.0.0.1", self.server_address[1]

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._has_changed:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        super().shutdown_request(request)
        with self._has_changed:
            self._open.discard(request)
            self._has_changed.notify_all()

    def wait_until_idle(self) -> None:
        """Until no connection is open."""
        with self._has_changed:
            self._has_changed.wait_for(lambda: not self._open)

    def close(self) -> None:
        """Stop listening, and cut open connections: one that is kept alive must not go on answering."""
        self.is_closing.set()
        self.server_close()
        for connection in list(self._open):
            with suppress(OSError):  # it was closed at the other end
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that hangs up while we answer is not worth reporting."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class Connection(BaseHTTPRequestHandler):
    """One connection, and the requests that arrive on it."""

    server: Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def _serve(self) -> None:
        body = self._body()
        if body is None:
            return
        address = urlsplit(self.path)
        query = parse_qs(address.query, keep_blank_values=True)
        request = Request(self.command, unquote(address.path), query, self.headers, body)
        answer, fault = self.server.handle(request)
        self._send_with(fault, request, answer)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve  # noqa: N815  (names of the standard library)

    def _body(self) -> bytes | None:
        """The body, or None after refusing it."""
        length = self.headers.get("Content-Length") or "0"
        if self.headers.get("Transfer-Encoding") or not (length.isascii() and length.isdigit()):
            self._refuse(411)
            return None
        if int(length[:12]) > MOST_BYTES:
            self._refuse(413)
            return None
        return self.rfile.read(int(length))

    def _refuse(self, status: int) -> None:
        self.close_connection = True
        self._send(Answer(status=status, raw=b"", content_type="text/plain", headers={"connection": "close"}))
        with suppress(OSError):  # read on while they are still sending: closing now would lose them the answer
            self.connection.shutdown(socket.SHUT_WR)
            self.connection.settimeout(5)
            drained = 0
            while drained < MOST_DRAINED and (part := self.rfile.read1(65536)):
                drained += len(part)

    def _send_with(self, fault: Fault | None, request: Request, answer: Answer) -> None:
        kind = fault.kind if fault else ""
        is_over = fault is not None and kind in LATE and self.server.is_closing.wait(fault.seconds)
        if is_over or kind in HANG_UP:
            self._hang_up()
            return
        request.status = answer.status
        head, content = self._head(answer), answer.content()
        if fault and kind == "cut off":
            self.wfile.write(head + content[: len(content) // 2])
            self._hang_up()
        elif fault and kind == "slow body":
            self.wfile.write(head)
            size = max(math.ceil(len(content) / _DRIPS), 1)
            parts = [content[place : place + size] for place in range(0, len(content), size)]
            self._drip(parts, fault.seconds / _DRIPS)
        elif fault and kind == "drip headers":
            self._drip(head.splitlines(keepends=True), fault.seconds)
            self.wfile.write(content)
        elif fault and kind == "continue":
            self._drip([_CONTINUE] * _DRIPS, fault.seconds)
            self.wfile.write(head + content)
        else:
            self.wfile.write(head + content)

    def _send(self, answer: Answer) -> None:
        self.wfile.write(self._head(answer) + answer.content())

    def _head(self, answer: Answer) -> bytes:
        content = answer.content()
        headers = {
            "content-type": answer.content_type,
            "content-length": str(len(content)),
            "cache-control": "max-age=0, private, must-revalidate",
            "etag": f'W/"{hashlib.md5(content, usedforsecurity=False).hexdigest()}"',
            "x-request-id": uuid.uuid4().hex,
            "x-sandbox": "1",
            "server": "nginx",
            "date": self.date_time_string(),
            **answer.headers,
        }
        lines = [f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        return "\r\n".join([*lines, "", ""]).encode("latin-1")

    def _drip(self, parts: list[bytes], seconds: float) -> None:
        """One part after the other, with that long before each."""
        for part in parts:
            if self.server.is_closing.wait(seconds):
                raise ConnectionAbortedError
            self.wfile.write(part)

    def _hang_up(self) -> None:
        self.close_connection = True
        with suppress(OSError):  # the other end was faster
            self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  (name of the standard library)
        """Say nothing: a test makes hundreds of calls."""
