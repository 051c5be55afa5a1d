"""Whatever becomes of Redis, people page: what it knew is not known, and nothing else is missing."""

import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client
from redis import Redis

from incidentportal.cache import OURS, OUTAGES
from incidentportal.incidents.models import Submission
from incidentportal.pagerduty import Unavailable
from incidentportal.pagerduty.shared_state import LOOK_UPS, learn, refuse_early
from sandbox import Sandbox
from tests.conftest import PASSWORD
from tests.directory import test_webhook
from tests.incidents.base import least

AWAY = "Redis can't be used ({}). Paging works without it. Is it down, full or read-only?"
needs_redis = pytest.mark.skipif(shutil.which("redis-server") is None, reason="redis-server is not installed")


@pytest.fixture
def use(settings: Any) -> Iterator[Callable[[str], None]]:
    """Make the Redis at an address the cache. What was known of that address is forgotten."""

    def choose(address: str) -> None:
        OUTAGES.pop(address, None)
        backend = {"BACKEND": "incidentportal.cache.SharedCache", "LOCATION": address, "KEY_PREFIX": "portal"}
        settings.CACHES = {"default": backend}
        cache.clear()

    yield choose
    OUTAGES.clear()


def end_the_pause() -> None:
    """As if the seconds in which nobody asks Redis had passed."""
    for outage in OUTAGES.values():
        outage.next_try = 0.0


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


class OwnRedis:
    """A Redis of the test's own, to be stopped, filled up and started again."""

    def __init__(self, folder: Path, **options: str) -> None:
        self.folder, self.port = folder, free_port()
        self.address = f"redis://127.0.0.1:{self.port}/0"
        self.start(**options)

    def start(self, **options: str) -> None:
        given = {"port": str(self.port), "bind": "127.0.0.1", "save": "", "appendonly": "no", **options}
        words = [word for name, value in given.items() for word in (f"--{name}", value)]
        self.process = subprocess.Popen(["redis-server", *words], cwd=self.folder, stdout=subprocess.DEVNULL)
        while self.process.poll() is None:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port)):
                return
            time.sleep(0.02)
        raise RuntimeError("redis-server ended at its start")

    def tell(self, *command: Any) -> Any:
        with Redis(port=self.port) as redis:
            return redis.execute_command(*command)

    def end(self) -> None:
        self.process.send_signal(signal.SIGCONT)
        self.process.kill()
        self.process.wait()


@pytest.fixture
def redis(tmp_path: Path, use: Callable[[str], None]) -> Iterator[OwnRedis]:
    running = OwnRedis(tmp_path)
    use(running.address)
    yield running
    running.end()


@pytest.fixture
def odd(use: Callable[[str], None]) -> Iterator[Callable[[bytes | None], None]]:
    """Make the cache a server that says the same to whatever it is asked, or nothing at all."""
    with ExitStack() as open_ones:

        def serve(says: bytes | None) -> None:
            server = open_ones.enter_context(socket.create_server(("127.0.0.1", 0)))
            thread = threading.Thread(target=answer_all, args=(server, says))
            open_ones.callback(thread.join)
            thread.start()
            open_ones.callback(server.shutdown, socket.SHUT_RDWR)
            use(f"redis://127.0.0.1:{server.getsockname()[1]}/0")

        yield serve


def answer_all(server: socket.socket, says: bytes | None) -> None:
    with ExitStack() as kept, suppress(OSError):
        while True:
            connection = kept.enter_context(server.accept()[0])
            if says is not None:
                with suppress(OSError):
                    connection.recv(65_536)
                    connection.sendall(says)
                    connection.shutdown(socket.SHUT_WR)


def everything_works(client: Client, directory: Sandbox, settings: Any) -> None:
    """What people and PagerDuty do on an ordinary day."""
    settings.PAGERDUTY_WEBHOOK_SECRET = test_webhook.SECRET
    User.objects.filter(username="ada").update(is_staff=True, is_superuser=True)
    assert client.post("/login/", {"login": "ada", "password": "wrong"}).status_code == 200
    assert client.post("/login/", {"login": "ada", "password": PASSWORD}).status_code == 302
    answers = least(directory)
    outlook = {"service": answers["service"], "form_key": answers["form_key"], "title": "Card"}
    for path, data in {"outlook/": outlook, "check/title/": outlook, "draft/": outlook}.items():
        assert (path, client.post(f"/incidents/new/{path}", data).status_code) == (path, 200)
    for path in ("/incidents/new/", "/directory/services/?q=checkout", "/directory/people/", "/admin/", "/incidents/"):
        assert (path, client.get(path).status_code) == (path, 200)
    receipt = client.post("/incidents/new/", answers)["Location"]
    assert client.get(receipt).status_code == client.get(f"{receipt}status/").status_code == 200
    assert (Submission.objects.get().state, len(directory.incidents)) == ("created", 1)
    vpn = test_webhook.vpn(directory)["id"]
    assert test_webhook.send(client, "service.updated", vpn).status_code == 202
    assert client.get("/healthz").status_code == 200
    assert client.post("/logout/").status_code == 302


ODD = {
    "silent": None,
    "hangs up": b"",
    "full": b"-OOM command not allowed when used memory > 'maxmemory'.\r\n",
    "a copy": b"-READONLY You can't write against a read only replica.\r\n",
    "password": b"-NOAUTH Authentication required.\r\n",
    "starting": b"-LOADING Redis is loading the dataset in memory\r\n",
    "disk full": b"-MISCONF Redis is configured to save RDB snapshots, but it's unable to persist to disk.\r\n",
    "not Redis": b"HTTP/1.1 400 Bad Request\r\n\r\n",
}


@pytest.mark.parametrize("way", ODD)
def test_people_page_whatever_the_cache_says(
    odd: Callable[[bytes | None], None], way: str, ada: User, directory: Sandbox, client: Client, settings: Any
) -> None:
    odd(ODD[way])
    everything_works(client, directory, settings)
    assert client.get("/readyz").json()["checks"]["cache"]["ok"] is False


@pytest.mark.parametrize("address", ["redis://127.0.0.1:{}/0", "redis://nowhere.invalid:{}/0", "rediss://127.0.0.1:{}"])
def test_people_page_where_nobody_listens(
    use: Callable[[str], None], ada: User, directory: Sandbox, client: Client, settings: Any, address: str
) -> None:
    use(address.format(free_port()))
    everything_works(client, directory, settings)
    assert client.get("/readyz").json()["checks"]["cache"] == {"ok": False, "detail": AWAY.format("ConnectionError")}


@needs_redis
def test_people_page_while_redis_stands_still(
    redis: OwnRedis, ada: User, directory: Sandbox, client: Client, settings: Any
) -> None:
    redis.process.send_signal(signal.SIGSTOP)
    everything_works(client, directory, settings)
    assert client.get("/readyz").json()["checks"]["cache"] == {"ok": False, "detail": AWAY.format("TimeoutError")}


@needs_redis
def test_people_page_while_redis_is_full(
    redis: OwnRedis, ada: User, directory: Sandbox, client: Client, settings: Any
) -> None:
    redis.tell("CONFIG", "SET", "maxmemory", "1")
    everything_works(client, directory, settings)
    assert client.get("/readyz").json()["checks"]["cache"]["detail"] == AWAY.format("OutOfMemoryError")


@needs_redis
def test_one_that_can_only_be_read_is_not_used(redis: OwnRedis) -> None:
    cache.set("left", "behind")
    redis.tell("CONFIG", "SET", "maxmemory", "1")
    cache.set("mine", 1)
    end_the_pause()
    assert cache.get("mine") == 1


@needs_redis
def test_an_outage_and_its_end_are_each_said_once(redis: OwnRedis, caplog: pytest.LogCaptureFixture) -> None:
    redis.end()
    for _ in range(3):
        end_the_pause()
        cache.set("a", 1)
        assert cache.get("a") == 1
    redis.start()
    cache.set("a", 2)
    assert redis.tell("DBSIZE") == 0  # not asked yet
    end_the_pause()
    assert cache.get("a") is None
    cache.set("a", 3)
    assert (cache.get("a"), redis.tell("KEYS", "*:a")) == (3, [b"portal:1:a"])
    began, ended = [record.getMessage() for record in caplog.records if record.name == "incidentportal.cache"]
    assert began.startswith(
        "Redis can't be used; until it is back, this process uses its own memory. (ConnectionError: "
    )
    assert ended == "Redis is back."


@needs_redis
def test_a_restart_between_two_calls_is_not_even_noticed(redis: OwnRedis, caplog: pytest.LogCaptureFixture) -> None:
    cache.set("a", 1)
    redis.end()
    redis.start()
    assert (cache.get("a"), caplog.records) == (None, [])


@needs_redis
def test_a_rate_limit_is_respected_without_the_cache(redis: OwnRedis) -> None:
    learn(429, {"ratelimit-reset": "30"}, LOOK_UPS)
    redis.end()
    with pytest.raises(Unavailable, match="limit") as refused:
        refuse_early(LOOK_UPS)
    assert refused.value.is_sent is False


def test_a_rate_limit_met_without_the_cache_is_respected(use: Callable[[str], None]) -> None:
    use(f"redis://127.0.0.1:{free_port()}/0")
    learn(429, {"ratelimit-reset": "30"}, LOOK_UPS)
    with pytest.raises(Unavailable, match="limit"):
        refuse_early(LOOK_UPS)


def test_log_ins_are_limited_without_the_cache(use: Callable[[str], None], ada: User, client: Client) -> None:
    use(f"redis://127.0.0.1:{free_port()}/0")
    wrong = {"login": "ada", "password": "wrong"}
    said = [client.post("/login/", wrong).content.decode() for _ in range(6)]
    assert ["Too many failed log" in page for page in said] == [False] * 5 + [True]


STRANGE = [
    b"garbage",
    b"",
    OURS,
    OURS + b"cnowhere\nmissing\n.",
    OURS + b"\x80\x05",
    b"\x80\x05",
    b"cnowhere\nmissing\n.",
    b"\x80\x04N.extra",
    b"7",
    b"\x80\x04].",
]


@needs_redis
@pytest.mark.parametrize("value", STRANGE)
def test_values_that_nobody_can_use_are_as_good_as_none(
    redis: OwnRedis, ada: User, directory: Sandbox, client: Client, settings: Any, value: bytes
) -> None:
    everything_works(client, directory, settings)
    Submission.objects.all().delete()
    directory.incidents.clear()
    keys = {*redis.tell("KEYS", "*")}
    names = ["silent", "failing-since", "refused-since", "held-until:look-ups", "held-until:submissions"]
    for key in keys | {f"portal:1:pagerduty:{name}".encode() for name in names}:
        redis.tell("SET", key, value)
    everything_works(client, directory, settings)


@needs_redis
def test_what_is_not_a_value_at_all_is_as_good_as_none(redis: OwnRedis) -> None:
    redis.tell("RPUSH", "portal:1:a", "a list")
    assert (cache.get("a"), cache.get("a", 5), cache.get_many(["a"]), cache.add("a", 1)) == (None, 5, {}, True)


@needs_redis
def test_it_is_a_cache(redis: OwnRedis) -> None:
    assert cache.add("a", 1) is True
    assert cache.add("a", 2) is False
    cache.set_many({"b": [1], "c": None}, 30)
    assert cache.get_many(["a", "b", "c", "d"]) == {"a": 1, "b": [1], "c": None}
    assert (cache.incr("a", 4), cache.touch("a", 60), cache.delete("a"), cache.delete("a")) == (5, True, True, False)
    cache.delete_many(["b"])
    assert (cache.has_key("b"), cache.has_key("c"), cache.get_or_set("e", lambda: 7, 30)) == (False, True, 7)
    assert cache.get_many([]) == {}
    cache.delete_many([])
    cache.clear()
    assert redis.tell("DBSIZE") == 0


def test_the_same_in_memory(use: Callable[[str], None]) -> None:
    use(f"redis://127.0.0.1:{free_port()}/0")
    assert [cache.add("a", 1), cache.add("a", 2)] == [True, False]
    cache.set_many({"b": [1], "c": None}, 30)
    assert cache.get_many(["a", "b", "c", "d"]) == {"a": 1, "b": [1], "c": None}
    assert (cache.incr("a", 4), cache.touch("a", 60), cache.delete("a"), cache.delete("a")) == (5, True, True, False)
    with pytest.raises(ValueError, match="not found"):
        cache.incr("a")
    assert cache.get_or_set("e", lambda: 7, 30) == 7


def test_the_memory_holds_more_than_one_large_page(settings: Any) -> None:
    learn(429, {"ratelimit-reset": "30"}, LOOK_UPS)
    cache.set_many({f"directory:live:oncalls:P{number}": [] for number in range(3000)}, 60)
    with pytest.raises(Unavailable, match="limit"):
        refuse_early(LOOK_UPS)
