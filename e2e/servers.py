"""A PostgreSQL and a Redis that belong to one run, so that they can be stopped, killed and started again."""

import os
import pwd
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import psycopg
import redis

from e2e.process import Process, free_port

NOBODY_ELSE = "127.0.0.1"


class Redis:
    """It keeps nothing: whoever kills it has emptied it."""

    def __init__(self, folder: Path) -> None:
        port = free_port()
        self.url = f"redis://{NOBODY_ELSE}:{port}/0"
        words = ["--bind", NOBODY_ELSE, "--port", str(port), "--save", "", "--appendonly", "no", "--dir", str(folder)]
        self.process = Process("redis", words, dict(os.environ), folder, program=program("redis-server"))
        self.wait()

    def wait(self) -> None:
        """Until it answers."""
        client = redis.Redis.from_url(self.url)
        while not self.process.has_ended:
            with suppress(redis.RedisError):
                client.ping()
                return
            time.sleep(0.05)
        raise RuntimeError(f"redis-server ended while it started:\n{self.process.log()[-2000:]}")

    def stop(self) -> None:
        self.process.stop()


class Postgres:
    """A cluster in a folder of its own. PostgreSQL refuses to run as root: there, it runs as the user "postgres"."""

    def __init__(self, folder: Path) -> None:
        port, data, self.user = free_port(), folder / "postgres", other_user()
        self.url = f"postgres://postgres@{NOBODY_ELSE}:{port}/postgres"
        data.mkdir(mode=0o700)
        folder.chmod(0o711)  # the way to it
        if self.user:
            shutil.chown(data, self.user, self.user)
        initdb = [program("initdb"), "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"]
        subprocess.run(  # noqa: S603  (our own words)
            initdb, check=True, capture_output=True, cwd=folder, user=self.user, group=self.user
        )
        # No durability: only processes end here, never the machine.
        options = {"listen_addresses": NOBODY_ELSE, "unix_socket_directories": "", "fsync": "off"}
        words = ["-D", str(data), "-p", str(port), *(f"--{name}={value}" for name, value in options.items())]
        self.process = Process("postgres", words, dict(os.environ), folder, program=program("postgres"), user=self.user)
        self.wait()

    def wait(self) -> None:
        """Until it takes connections."""
        while not self.process.has_ended:
            with suppress(psycopg.OperationalError), psycopg.connect(self.url, connect_timeout=5):
                return
            time.sleep(0.05)
        raise RuntimeError(f"postgres ended while it started:\n{self.process.log()[-2000:]}")

    def stop(self) -> None:
        """At once, and every connection with it. What was committed is there when it starts again."""
        self.process.end(signal.SIGQUIT)


def other_user() -> str | None:
    """Whom PostgreSQL runs as: the user of this run, unless that is root."""
    return "postgres" if os.geteuid() == 0 and "postgres" in {user.pw_name for user in pwd.getpwall()} else None


def program(name: str) -> str:
    """Where a program is. Debian keeps those of PostgreSQL outside the path."""
    beside = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[4]))
    found = str(beside[-1]) if beside else shutil.which(name)
    if found is None:
        raise SystemExit(f"There is no {name} on this machine.")
    return found
