"""The cache: Redis, or this process's own memory while Redis cannot be used. Paging never depends on it.

Every write goes to the memory as well. So an outage loses only what other processes wrote: a rate limit that this
process has met is still respected, and pages need not ask PagerDuty again.
"""

import logging
import pickle
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any
from uuid import uuid4

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.backoff import NoBackoff
from redis.exceptions import RedisError, ResponseError
from redis.retry import Retry

log = logging.getLogger(__name__)

PATIENCE_SECONDS = 0.3  # for one answer; a working Redis takes a millisecond
PAUSE_SECONDS = 5.0  # after a failure Redis is left alone for this long; then one caller tries it
Data = dict[Any, Any]
UNREADABLE = object()
OURS = b"incident portal 1:"  # begins each value that we wrote


class Serializer:
    """Reads only what it wrote. Anything else, such as another program's value under our key, counts as missing."""

    def dumps(self, value: Any) -> bytes:
        return OURS + pickle.dumps(value)

    def loads(self, stored: bytes) -> Any:
        try:
            return pickle.loads(stored.removeprefix(OURS)) if stored.startswith(OURS) else UNREADABLE  # noqa: S301
        except Exception:  # pickle raises whatever it stumbles over
            return UNREADABLE


class Outage:
    """Whether Redis can be used, as far as this process knows."""

    is_on = False
    next_try = 0.0

    def begin(self, error: Exception) -> None:
        if not self.is_on:
            name = type(error).__name__
            log.error("Redis can't be used; until it is back, this process uses its own memory. (%s: %s)", name, error)
        self.is_on, self.next_try = True, time.monotonic() + PAUSE_SECONDS

    def end(self) -> None:
        if self.is_on:
            log.warning("Redis is back.")
        self.is_on = False

    def may_try(self) -> bool:
        """True for one caller after each pause."""
        if time.monotonic() < self.next_try:
            return False
        self.next_try = time.monotonic() + PAUSE_SECONDS
        return True


OUTAGES: dict[str, Outage] = defaultdict(Outage)  # by address: each thread has a cache object of its own


class SharedCache(BaseCache):
    """Redis, or this process's memory while Redis does not answer, refuses, or does not store what is written."""

    def __init__(self, address: str, params: dict[str, Any]) -> None:
        super().__init__(params)
        times = {"socket_timeout": PATIENCE_SECONDS, "socket_connect_timeout": PATIENCE_SECONDS}
        options = {"serializer": Serializer, "retry": Retry(NoBackoff(), 0), **times}
        self.redis = RedisCache(address, params | {"OPTIONS": options})
        self.memory = LocMemCache(address, params)
        self.outage = OUTAGES[address]

    def ask(self, work: Callable[[RedisCache], Any], otherwise: Callable[[], Any] = lambda: None) -> Any:
        """The result of `work`, or of `otherwise` while Redis can't be used. Never raises because of Redis."""
        if self.outage.is_on and not (self.outage.may_try() and self.is_back()):
            return otherwise()
        try:
            return work(self.redis)
        except (RedisError, OSError) as error:
            self.outage.begin(error)
            return otherwise()

    def is_back(self) -> bool:
        """Whether Redis stores what is written again. One that can only be read does not count."""
        try:
            self.prove()
        except (RedisError, OSError) as error:
            self.outage.begin(error)
            return False
        self.outage.end()
        return True

    def prove(self) -> None:
        """Raise unless Redis itself stores what is written."""
        mark = uuid4().hex
        self.redis.set("proof", mark, 10)
        if self.redis.get("proof") != mark:
            raise RedisError("it does not keep what is stored in it")

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        def read(redis: RedisCache) -> Any:
            try:
                return redis.get(key, default, version)
            except ResponseError as error:
                if not str(error).startswith("WRONGTYPE"):  # a list, say, which is not ours
                    raise
                return UNREADABLE

        found = self.ask(read, lambda: self.memory.get(key, default, version))
        if found is UNREADABLE:
            self.delete(key, version)
            return default
        return found

    def get_many(self, keys: Iterable[Any], version: int | None = None) -> dict[Any, Any]:
        keys = list(keys)
        if not keys:
            return {}
        found = self.ask(lambda redis: redis.get_many(keys, version), lambda: self.memory.get_many(keys, version))
        return {key: value for key, value in found.items() if value is not UNREADABLE}

    def set(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> None:
        self.memory.set(key, value, timeout, version)
        self.ask(lambda redis: redis.set(key, value, timeout, version))

    def set_many(self, data: Data, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> list[Any]:
        self.memory.set_many(data, timeout, version)
        self.ask(lambda redis: redis.set_many(data, timeout, version))
        return []

    def add(self, key: Any, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        def in_memory() -> bool:
            return self.memory.add(key, value, timeout, version)

        is_added = bool(self.ask(lambda redis: redis.add(key, value, timeout, version), in_memory))
        if is_added:
            self.memory.set(key, value, timeout, version)
        return is_added

    def touch(self, key: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        is_there = self.memory.touch(key, timeout, version)
        return bool(self.ask(lambda redis: redis.touch(key, timeout, version), lambda: is_there))

    def delete(self, key: Any, version: int | None = None) -> bool:
        was_there = self.memory.delete(key, version)
        return bool(self.ask(lambda redis: redis.delete(key, version), lambda: was_there))

    def delete_many(self, keys: Iterable[Any], version: int | None = None) -> None:
        keys = list(keys)
        self.memory.delete_many(keys, version)
        self.ask(lambda redis: redis.delete_many(keys, version))

    def clear(self) -> None:
        self.memory.clear()
        self.ask(lambda redis: redis.clear())
