"""Read the environment: values are checked once, before anything starts.

Each function raises ImproperlyConfigured with a sentence that names the variable and says what to do.
django-environ reads .env and DATABASE_URL; all else is here, because its own errors do not name the variable.
"""

import os
from collections.abc import Container
from pathlib import Path
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

LOOPBACK = {"localhost", "127.0.0.1", "::1"}
# Django's own 300 are fewer than one page's answers on a large account: they would push out the rate limit and the
# limits of log-ins. What was not used for the longest time goes first.
CACHED_IN_MEMORY = 10_000
# How long a request waits for a database that is away or locked. Only the first filling of a large directory takes
# longer in one transaction. It is short because a request that waits holds a thread that others need.
DATABASE_SECONDS = 3
# The last four end the wait for a server that has vanished from the network: the first in milliseconds.
POSTGRESQL: dict[str, object] = {
    "connect_timeout": DATABASE_SECONDS,
    "options": f"-c lock_timeout={DATABASE_SECONDS}s",
    "tcp_user_timeout": DATABASE_SECONDS * 1000,
    "keepalives_idle": DATABASE_SECONDS,
    "keepalives_interval": 1,
    "keepalives_count": 3,
}


def text(name: str, default: str | None = None) -> str:
    """The value of NAME, or the content of the file that NAME_FILE names. Required if there is no default."""
    path = os.environ.get(f"{name}_FILE")
    if path:
        try:
            value = Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ImproperlyConfigured(f"{name}_FILE names {path!r}, which can't be read ({error}).") from None
        if not value:
            raise ImproperlyConfigured(f"{name}_FILE names {path!r}, which is empty.")
        return value
    found = os.environ.get(name, "").strip() or default
    if found is None:
        raise ImproperlyConfigured(f"{name} is not set. Set it in the environment or in .env (see .env.example).")
    return found


def secret(name: str) -> str:
    """A token: a single ASCII word, because it is sent in a header."""
    value = text(name)
    if not value.isascii() or len(value.split()) != 1:
        raise ImproperlyConfigured(f"{name} contains a space, a line break or a character that no token has.")
    return value


def flag(name: str) -> bool:
    """True for 1, true, yes or on; False for 0, false, no or off, and when not set."""
    value = text(name, "off").lower()
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    raise ImproperlyConfigured(f"{name} is {value!r}. Write on or off.")


def number(name: str, default: int, *, low: int, high: int) -> int:
    """A whole number within the limits."""
    value = text(name, str(default))
    if not (value.isascii() and value.isdigit() and low <= int(value[:9]) <= high and len(value) < 10):
        raise ImproperlyConfigured(f"{name} is {value!r}. Write a whole number from {low} to {high}.")
    return int(value)


def words(name: str, default: str | None = "") -> list[str]:
    """A comma-separated list."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def hosts(name: str, default: str | None) -> list[str]:
    """Host names, such as portal.example.com or .example.com; not URLs, and not "every host"."""
    found, advice = words(name, default), "Write host names, such as portal.example.com; not *."
    for host in found:
        if host in {"*", "."} or "/" in host or " " in host:
            raise ImproperlyConfigured(f"{name} contains {host!r}. {advice}")
    return found


def address(name: str, default: str | None = None, *, plain_http: Container[str | None] | None = None) -> str:
    """An http or https address of a host, without a path or a trailing slash.

    plain_http  the hosts that may be called without https; None for every host
    """
    value = text(name, default).rstrip("/")
    if not value:
        return ""
    try:
        parts = urlsplit(value)
        host, _port = parts.hostname, parts.port  # reading a port checks it
    except ValueError:
        raise ImproperlyConfigured(f"{name} is {value!r}, which is not an address.") from None
    more = (parts.username, parts.path, parts.query, parts.fragment)
    if parts.scheme not in {"http", "https"} or not host or any(more):
        raise ImproperlyConfigured(f"{name} is {value!r}. Write an address such as https://api.pagerduty.com.")
    if parts.scheme == "http" and plain_http is not None and host not in plain_http:
        advice = "It must begin with https://. Plain http is only for this machine, with DEBUG on."
        raise ImproperlyConfigured(f"{name} is {value!r}. {advice}")
    return value


def database(default: str) -> dict[str, object]:
    """Django's settings for DATABASE_URL: SQLite or PostgreSQL."""
    url = text("DATABASE_URL", default)
    try:
        config = dict(environ.Env.db_url_config(url))
    except Exception as error:  # whatever the parser stumbles over, it is the value that is wrong
        raise ImproperlyConfigured(f"DATABASE_URL can't be parsed ({error}).") from None
    engine = str(config.get("ENGINE", ""))
    if engine.endswith("sqlite3"):
        wait = f"PRAGMA busy_timeout={DATABASE_SECONDS * 1000};"
        init = f"PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; {wait}"
        config["OPTIONS"] = {"transaction_mode": "IMMEDIATE", "timeout": DATABASE_SECONDS, "init_command": init}
    elif engine.endswith("postgresql"):
        config["OPTIONS"] = POSTGRESQL | dict(config.get("OPTIONS") or {})
        # No pool: a request that waits for PagerDuty would hold one of its few connections. A thread keeps its own, and
        # makes a new one at once where the old one has died.
        config |= {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}
    else:
        raise ImproperlyConfigured("DATABASE_URL must begin with sqlite:/// or postgres://.")
    return config


def cache() -> dict[str, object]:
    """Django's settings for CACHE_URL: this process's memory, or Redis."""
    url = text("CACHE_URL", "locmem://")
    options = {"MAX_ENTRIES": CACHED_IN_MEMORY}
    if url.startswith("locmem://"):
        return {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "portal", "OPTIONS": options}
    try:
        parts = urlsplit(url)
        is_redis = parts.scheme in {"redis", "rediss"} and bool(parts.hostname) and parts.port != 0
    except ValueError:  # reading a port checks it
        is_redis = False
    if not is_redis:
        raise ImproperlyConfigured("CACHE_URL must be locmem:// or begin with redis://.")
    return {
        "BACKEND": "incidentportal.cache.SharedCache",
        "LOCATION": url,
        "KEY_PREFIX": "portal",
        "OPTIONS": options,
    }
