"""One clock over everything that an exchange waits for, and what may have left when it stops."""

import os
import queue
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest
import requests

from incidentportal.pagerduty import Client, Unavailable, connections
from incidentportal.pagerduty.transport import session
from tests.pagerduty.conftest import Serve, drip_on

TOKEN = "abcdefghij0123456789"
BODY = {"type": "incident", "title": "Füße"}
CREATED = b'HTTP/1.1 201 Created\r\nContent-Length: 25\r\n\r\n{"incident":{"id": "Q1"}}'
CERTIFICATE = str(Path(__file__).with_name("tls_server.pem"))
FOREVER = 86_400.0
Listen = Callable[[Callable[[socket.socket], object]], int]


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a proxy nor certificates of this machine."""
    for name in list(os.environ):
        if name.lower().endswith("_proxy") or name.endswith("_CA_BUNDLE"):
            monkeypatch.delenv(name)


@pytest.fixture
def listen() -> Iterator[Listen]:
    """Serve each connection by a function, in a thread of its own, until the test ends. Gives the port."""
    with ExitStack() as ended:

        def start(serve: Callable[[socket.socket], object]) -> int:
            server = socket.create_server(("127.0.0.1", 0))
            thread = threading.Thread(target=accept, args=(server, serve))
            thread.start()
            ended.callback(thread.join)
            ended.callback(server.close)
            ended.callback(server.shutdown, socket.SHUT_RDWR)
            return int(server.getsockname()[1])

        yield start
        session.close()  # it keeps connections open


def accept(server: socket.socket, serve: Callable[[socket.socket], object]) -> None:
    with ExitStack() as ended:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            thread = threading.Thread(target=serve_one, args=(connection, serve))
            thread.start()
            ended.callback(thread.join)


def serve_one(connection: socket.socket, serve: Callable[[socket.socket], object]) -> None:
    with connection, suppress(OSError):
        serve(connection)


def create(url: str, *, within: float = FOREVER, read_timeout: float = FOREVER) -> Unavailable:
    """The problem that a creation comes to."""
    with pytest.raises(Unavailable) as caught:
        Client(url, TOKEN, within=within, read_timeout=read_timeout).create_incident(BODY, from_email="a@b.example")
    return caught.value


# What a server may drip for ever, and that no limit but the clock ends for hours.
DRIPS = {
    "nothing": (b"", b""),
    "100 Continue": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "the status line": (b"HTTP/1.1 ", b" "),
    "a header": (b"HTTP/1.1 201 Created\r\nX-Long: ", b"x"),
    "the body": (b"HTTP/1.1 201 Created\r\nContent-Length: 9999999\r\n\r\n", b" "),
    "chunks": (b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
    "a trailer": (b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n \r\n0\r\nX-Long: ", b"x"),
}


@pytest.mark.parametrize("limit", [{"within": 0.3}, {"read_timeout": 0.3}])
@pytest.mark.parametrize("drip", DRIPS)
def test_whatever_drips_ends_when_the_time_is_over(odd_server: Serve, drip: str, limit: dict[str, float]) -> None:
    begin, more = DRIPS[drip]
    problem = create(odd_server(begin, drip=more), **limit)
    assert (str(problem), problem.is_sent) == ("PagerDuty did not answer within 0 s.", True)


def test_a_request_that_nobody_reads_ends_when_the_time_is_over(listen: Listen) -> None:
    is_left = threading.Event()
    port = listen(lambda connection: is_left.wait())
    try:
        client = Client(f"http://127.0.0.1:{port}", TOKEN, read_timeout=0.3)
        with pytest.raises(Unavailable, match="did not answer within") as caught:
            client.add_note("Q1", "x" * 50_000_000, from_email="a@b.example")
        assert caught.value.is_sent is True
    finally:
        is_left.set()


@pytest.fixture
def dead_port() -> Iterator[int]:
    """A port at which every address of this machine is silent: its queue is full."""
    with ExitStack() as open_ones, socket.socket() as server:
        server.bind(("0.0.0.0", 0))
        server.listen(0)
        port = int(server.getsockname()[1])
        for _ in range(3):
            waiting = open_ones.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(("127.0.0.1", port))
        yield port


def name_of(monkeypatch: pytest.MonkeyPatch, *addresses: tuple[str, int]) -> None:
    """Every name has these addresses."""
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", address) for address in addresses]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)


def test_a_name_with_many_dead_addresses_takes_no_more_than_the_time(
    dead_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    name_of(monkeypatch, *[("127.0.0.1", dead_port)] * 1000)
    problem = create("http://pagerduty.test", within=1.0)
    assert (str(problem), problem.is_sent) == ("PagerDuty could not be reached in time.", False)


def test_dead_addresses_leave_time_for_a_live_one(
    dead_port: int, listen: Listen, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = listen(answer_created)
    name_of(monkeypatch, *[("127.0.0.1", dead_port)] * 8, ("127.0.0.1", port))
    client = Client("http://pagerduty.test", TOKEN, within=4.0)
    assert client.create_incident(BODY, from_email="a@b.example").id == "Q1"


def test_a_name_that_is_not_resolved_in_time_was_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    is_over = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: is_over.wait() and [])
    try:
        problem = create("http://pagerduty.test", within=0.3)
        assert (str(problem), problem.is_sent) == ("PagerDuty could not be reached in time.", False)
    finally:
        is_over.set()


@pytest.mark.parametrize("host", ["no-such-name.invalid", "x" * 64 + ".example", "a..b"])
def test_a_name_that_nobody_has_was_not_asked(host: str) -> None:
    assert create(f"http://{host}", within=5.0).is_sent is False


def answer_created(connection: socket.socket) -> None:
    while (part := connection.recv(65_536)) and not part.endswith(b"}"):
        pass
    connection.sendall(CREATED)


def sleep_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine slept, or this process was stopped."""
    later = connections.clock() + 90
    monkeypatch.setattr(connections, "clock", lambda: later)


def test_a_process_that_pauses_after_it_connected_sends_nothing(
    listen: Listen, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    port = listen(lambda connection: heard.put(connection.recv(65_536)))
    connected = connections.connected

    def pause(*args: Any) -> socket.socket:
        found = connected(*args)
        sleep_long(monkeypatch)
        return found

    monkeypatch.setattr(connections, "connected", pause)
    problem = create(f"http://127.0.0.1:{port}", within=30.0)
    assert (str(problem), problem.is_sent) == ("PagerDuty could not be reached in time.", False)
    assert heard.get() == b""


def keep_alive(heard: "queue.SimpleQueue[bytes]") -> Callable[[socket.socket], None]:
    """Answers every request of a connection, and tells when it ends."""

    def serve(connection: socket.socket) -> None:
        while request := connection.recv(65_536):
            if request.endswith(b"}"):
                heard.put(request)
                connection.sendall(CREATED)
        heard.put(b"")

    return serve


def test_an_open_connection_is_used_again(listen: Listen, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    client = Client(f"http://127.0.0.1:{listen(keep_alive(heard))}", TOKEN)
    client.create_incident(BODY, from_email="a@b.example")
    monkeypatch.setattr(connections, "connected", None)
    client.create_incident(BODY, from_email="a@b.example")
    session.close()
    assert [bool(heard.get()) for _ in range(3)] == [True, True, False]


def test_a_process_that_pauses_before_it_uses_an_open_connection_sends_nothing(
    listen: Listen, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    client = Client(f"http://127.0.0.1:{listen(keep_alive(heard))}", TOKEN, within=30.0)
    client.create_incident(BODY, from_email="a@b.example")
    merge = requests.Session.merge_environment_settings

    def pause(*args: Any) -> Any:
        sleep_long(monkeypatch)
        return merge(*args)

    monkeypatch.setattr(requests.Session, "merge_environment_settings", pause)
    with pytest.raises(Unavailable) as caught:
        client.create_incident(BODY, from_email="a@b.example")
    assert caught.value.is_sent is False
    assert [bool(heard.get()) for _ in range(2)] == [True, False]


UNTRUSTED = "PagerDuty's certificate cannot be trusted. An operator must check the proxy and REQUESTS_CA_BUNDLE."
NO_PROXY = "The proxy does not lead to PagerDuty. An operator must check HTTPS_PROXY and NO_PROXY."


def secure(serve: Callable[[ssl.SSLSocket], object]) -> Callable[[socket.socket], None]:
    """The same over TLS, with a certificate that only CERTIFICATE vouches for."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)

    def serve_securely(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as wrapped:
            serve(wrapped)

    return serve_securely


def test_a_certificate_that_is_not_trusted_was_told_nothing(listen: Listen) -> None:
    heard: list[bytes] = []
    port = listen(secure(lambda connection: heard.append(connection.recv(65_536))))
    problem = create(f"https://127.0.0.1:{port}")
    assert (str(problem), problem.is_sent) == (UNTRUSTED, False)
    assert not any(heard)


def test_a_certificate_for_another_name_was_told_nothing(listen: Listen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", CERTIFICATE)
    port = listen(secure(answer_created))
    name_of(monkeypatch, ("127.0.0.1", port))
    problem = create(f"https://another.test:{port}")
    assert (str(problem), problem.is_sent) == (UNTRUSTED, False)


@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_the_environment_says_which_certificates_to_trust(
    listen: Listen, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, CERTIFICATE)
    client = Client(f"https://127.0.0.1:{listen(secure(answer_created))}", TOKEN)
    assert client.create_incident(BODY, from_email="a@b.example").id == "Q1"


@pytest.mark.parametrize("content", [None, "", "no certificate"])
def test_a_file_without_certificates_is_the_operators_problem(
    listen: Listen, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: str | None
) -> None:
    bundle = tmp_path / "bundle.pem"
    if content is not None:
        bundle.write_text(content)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(bundle))
    problem = create(f"https://127.0.0.1:{listen(secure(answer_created))}")
    assert (str(problem), problem.is_sent) == (UNTRUSTED, False)


@pytest.mark.parametrize("begin", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x15\x03\x01\x00\x02\x02\x28", b""])
def test_a_server_that_breaks_off_the_handshake_was_told_nothing(odd_server: Serve, begin: bytes) -> None:
    assert create(odd_server(begin).replace("http:", "https:")).is_sent is False


@pytest.mark.parametrize("drip", [b"", b"\x16\x03\x03\x3f\xff\x02"])
def test_a_handshake_that_does_not_end_was_told_nothing(odd_server: Serve, drip: bytes) -> None:
    problem = create(odd_server(b"", drip=drip).replace("http:", "https:"), within=0.5)
    assert problem.is_sent is False


@pytest.mark.parametrize("drip", DRIPS)
def test_over_tls_too_whatever_drips_ends(listen: Listen, monkeypatch: pytest.MonkeyPatch, drip: str) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", CERTIFICATE)
    port = listen(secure(lambda connection: drip_on(connection, *DRIPS[drip])))
    problem = create(f"https://127.0.0.1:{port}", within=0.5)
    assert (problem.is_sent, "did not answer within" in str(problem)) == (True, True)


def proxy_to(port: int, asked: list[bytes]) -> Callable[[socket.socket], None]:
    """A proxy that connects everybody to this port, whatever they ask for."""

    def serve(connection: socket.socket) -> None:
        asked.append(connection.recv(65_536).splitlines()[0])
        connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        with socket.create_connection(("127.0.0.1", port)) as behind:
            back = threading.Thread(target=pump, args=(behind, connection))
            back.start()
            pump(connection, behind)
            back.join()

    return serve


def pump(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while content := source.recv(65_536):
            target.sendall(content)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)


def test_a_company_proxy_is_used(listen: Listen, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bytes] = []
    proxy = listen(proxy_to(listen(secure(answer_created)), asked))
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{proxy}")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", CERTIFICATE)
    client = Client("https://pagerduty.test", TOKEN, within=60.0)
    assert client.create_incident(BODY, from_email="a@b.example").id == "Q1"
    assert asked == [b"CONNECT pagerduty.test:443 HTTP/1.1"]


def test_a_proxy_is_told_who_asks(listen: Listen, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    port = listen(lambda connection: heard.put(connection.recv(65_536)))
    monkeypatch.setenv("https_proxy", f"http://ada:secret@127.0.0.1:{port}")
    assert create("https://pagerduty.test", within=60.0).is_sent is False
    assert b"Proxy-Authorization: Basic YWRhOnNlY3JldA==" in heard.get().splitlines()


@pytest.mark.parametrize("drip", [None, *DRIPS])
def test_a_proxy_may_be_spoken_to_over_tls(listen: Listen, monkeypatch: pytest.MonkeyPatch, drip: str | None) -> None:
    serve = answer_created if drip is None else lambda connection: drip_on(connection, *DRIPS[drip])
    proxy = listen(secure(proxy_to(listen(secure(serve)), [])))
    monkeypatch.setenv("HTTPS_PROXY", f"https://localhost:{proxy}")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", CERTIFICATE)
    if drip is None:
        client = Client("https://pagerduty.test", TOKEN, within=60.0)
        assert client.create_incident(BODY, from_email="a@b.example").id == "Q1"
    else:
        assert create("https://pagerduty.test", read_timeout=0.5).is_sent is True


def test_a_proxy_is_passed_by_where_the_environment_says_so(listen: Listen, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bytes] = []
    port = listen(secure(answer_created))
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{listen(proxy_to(port, asked))}")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", CERTIFICATE)
    client = Client(f"https://127.0.0.1:{port}", TOKEN)
    assert client.create_incident(BODY, from_email="a@b.example").id == "Q1"
    assert asked == []


REFUSALS = {
    "refused": (b"HTTP/1.1 403 Forbidden\r\n\r\n", None),
    "log in first": (b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n", None),
    "hung up": (b"", None),
    "no proxy": (b"220 mail.example ESMTP\r\n", None),
    "silent": (b"", b""),
    "dripping": (b"HTTP/1.1 200 OK\r\nX-Long: ", b"x"),
}


@pytest.mark.parametrize("kind", REFUSALS)
def test_a_proxy_that_does_not_lead_on_was_told_no_request(
    odd_server: Serve, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    begin, drip = REFUSALS[kind]
    monkeypatch.setenv("HTTPS_PROXY", odd_server(begin, drip=drip))
    problem = create("https://pagerduty.test", within=60.0 if drip is None else 0.5)
    assert (str(problem), problem.is_sent) == (NO_PROXY, False)


@pytest.mark.parametrize(
    "proxy",
    [
        *("http://ada:cret@127.0.0.1:99999", "http://ada:s/cret@127.0.0.1:9", "http://ada:cret€@127.0.0.1:9"),
        *("http://ada:cret@127.0.0.1:9", "http://ada:cret@:80", "ada:cret@127.0.0.1:9", "socks5://ada:cret@[::1"),
    ],
)
def test_the_password_of_a_proxy_is_written_nowhere(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, proxy: str
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    with pytest.raises(Unavailable) as caught:
        Client("https://localhost:9", TOKEN).create_incident({}, from_email="ada@example.com")
    assert "cret" not in f"{caught.value}{caplog.text}"
    assert NO_PROXY in caplog.text


@pytest.mark.parametrize(
    "proxy", ["http://127.0.0.1:9", "socks5://127.0.0.1:9", "http://[", "http://", "no-such.invalid"]
)
def test_a_proxy_that_cannot_be_used_is_the_operators_problem(monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    problem = create("https://pagerduty.test", within=5.0)
    assert (str(problem), problem.is_sent) == (NO_PROXY, False)
