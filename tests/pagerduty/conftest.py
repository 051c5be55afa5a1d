"""A server that behaves oddly, on a socket of this machine."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress

import pytest

Serve = Callable[..., str]


@pytest.fixture
def odd_server() -> Iterator[Serve]:
    """A server that answers one request with given bytes, then hangs up, or drips on until the client has left."""
    with ExitStack() as open_ones:

        def serve(begin: bytes, drip: bytes | None = None) -> str:
            server = open_ones.enter_context(socket.create_server(("127.0.0.1", 0)))
            thread = threading.Thread(target=answer, args=(server, begin, drip))
            open_ones.callback(thread.join)  # it ends only when the client has left
            thread.start()
            return f"http://127.0.0.1:{server.getsockname()[1]}"

        yield serve


def answer(server: socket.socket, begin: bytes, drip: bytes | None) -> None:
    connection, _ = server.accept()
    with connection, suppress(ConnectionError):
        drip_on(connection, begin, drip)


def drip_on(connection: socket.socket, begin: bytes, drip: bytes | None) -> None:
    """Answer one request."""
    connection.recv(65_536)
    connection.sendall(begin)
    connection.settimeout(0.05)
    while drip is not None:
        with suppress(TimeoutError):
            if not connection.recv(65_536):
                return
        connection.sendall(drip)
