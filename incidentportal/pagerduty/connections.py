"""Connections that keep to one deadline, and know whether any byte of a request has left.

requests and urllib3 time each step alone: each address of a name, each write, each read. Here all steps share one
deadline: finding the name's addresses, connecting, a proxy, TLS, sending, and each read of the answer. The first byte
of a request leaves only before that deadline, and until it leaves the request counts as unsent, whatever breaks.
"""

import http.client
import io
import queue
import socket
import threading
import time
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError
from urllib3.util.connection import allowed_gai_family

CONNECT_SECONDS = 3.05  # for each step before the request leaves
PIECE = 16_384  # bytes written at a time
CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def clock() -> float:
    """Seconds, by a clock that nobody can set and that goes on while the machine sleeps."""
    return time.clock_gettime(CLOCK)


@dataclass
class Exchange:
    """The time that one exchange has, and how far it got.

    until    when it must be over, by `clock`
    patience seconds in which PagerDuty must have answered, once it was asked
    is_sent  whether anything of the request may have left
    """

    until: float
    patience: float
    is_sent: bool = False

    def left(self) -> float:
        """The seconds that are left; raises TimeoutError where none are."""
        left = self.until - clock()
        if left <= 0:
            raise TimeoutError("the time of this exchange is over")
        return left

    def step(self) -> float:
        """The seconds that the next step may take."""
        return self.left() if self.is_sent else min(self.left(), CONNECT_SECONDS)

    def leave(self) -> None:
        """The first byte of the request leaves now; raises TimeoutError where it is too late for that."""
        if not self.is_sent:
            self.patience = min(self.left(), self.patience)
            self.until = min(self.until, clock() + self.patience)
            self.is_sent = True

    @property
    def is_over(self) -> bool:
        return clock() >= self.until


current: ContextVar[Exchange] = ContextVar("current")


def connected(host: str, port: int, options: Any) -> socket.socket:
    """A connection to the first of the name's addresses that answers. A silent one leaves time for the others."""
    addresses, problem = resolve(host, port), OSError("the name has no address")
    for place, (family, kind, protocol, _, address) in enumerate(addresses):
        share = current.get().left() / (len(addresses) - place + 1)  # the last share is for the request
        try:
            found = socket.socket(family, kind, protocol)
        except OSError as error:  # no IPv6 here
            problem = error
            continue
        try:
            for option in options or ():
                found.setsockopt(*option)
            found.settimeout(min(share, CONNECT_SECONDS))
            found.connect(address)
            found.settimeout(current.get().step())  # for TLS, which takes it over
        except OSError as error:
            found.close()
            problem = error
        else:
            return found
    raise problem


def resolve(host: str, port: int) -> list[Any]:
    """The addresses of a name, within the time left. In a thread, because the system's look-up has no time limit."""
    found: queue.SimpleQueue[list[Any] | Exception] = queue.SimpleQueue()

    def look_up() -> None:
        try:
            found.put(list(socket.getaddrinfo(host, port, allowed_gai_family(), socket.SOCK_STREAM)))
        except (OSError, UnicodeError) as error:
            found.put(error)

    threading.Thread(target=look_up, daemon=True).start()
    try:
        addresses = found.get(timeout=current.get().left())
    except queue.Empty:
        raise TimeoutError("the name was not resolved in time") from None
    if isinstance(addresses, Exception):
        raise OSError(str(addresses))
    return addresses


class TimedReader(io.RawIOBase):
    """What comes from a socket. Each read has only the time that the exchange has left."""

    def __init__(self, raw: Any, sock: socket.socket) -> None:
        self.raw, self.sock = raw, sock

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self.sock.settimeout(current.get().step())
        count: int | None = self.raw.readinto(buffer)
        return count

    def close(self) -> None:
        self.raw.close()
        super().close()


class TimedResponse(http.client.HTTPResponse):
    """Reads status, headers and body, and a proxy's answer, through a TimedReader."""

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp: Any = io.BufferedReader(TimedReader(self.fp.detach(), sock))


class TimedConnection(HTTPConnection):
    """A connection that keeps to the time of the current exchange, and tells it when the request leaves."""

    response_class = TimedResponse
    is_ready = False

    def _new_conn(self) -> socket.socket:
        try:
            return connected(self._dns_host.strip("[]"), self.port or self.default_port, self.socket_options)
        except TimeoutError as error:
            raise ConnectTimeoutError(self, str(error)) from None
        except OSError as error:
            raise NewConnectionError(self, str(error)) from None

    def connect(self) -> None:
        self.is_ready = False
        super().connect()
        self.is_ready = True

    def send(self, data: Any) -> None:
        """In pieces, so that no write outlasts the exchange. What is sent while connecting is for a proxy."""
        if self.sock is None:
            self.connect()
        if self.is_ready:
            current.get().leave()
        view = memoryview(data)
        for start in range(0, len(view), PIECE):
            self.sock.settimeout(current.get().step())
            super().send(view[start : start + PIECE])


class TimedTLSConnection(TimedConnection, HTTPSConnection):
    """The same over TLS."""


class TimedPool(urllib3.HTTPConnectionPool):
    ConnectionCls = TimedConnection


class TimedTLSPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = TimedTLSConnection


POOLS = {"http": TimedPool, "https": TimedTLSPool}


class TimedAdapter(HTTPAdapter):
    """All connections of a session are timed ones."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = POOLS

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        if not proxy.lower().startswith(("http:", "https:")):
            raise requests.exceptions.InvalidProxyURL("only an HTTP proxy can be used")
        manager = super().proxy_manager_for(proxy, **kwargs)
        manager.pool_classes_by_scheme = POOLS
        return manager
