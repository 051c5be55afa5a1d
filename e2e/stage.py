"""A whole portal to test: a sandbox account, web processes and workers, all of them real processes on loopback.

    with Stage(people=2) as stage:
        web = stage.add_web()
        ...                       # web.url answers; stage.database.run(sql) looks behind it

Of the caller's environment only DATABASE_URL and CACHE_URL count. In a PostgreSQL server it creates a database, and
drops it at the end; a Redis must be empty, and is emptied again. `has_servers` gives the stage a PostgreSQL and a Redis
of its own instead. Every process is ended by its process id.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

import redis

from e2e.clocks import Clocks
from e2e.database import PostgreSQL, SQLite, make_database
from e2e.process import ROOT, Process, free_port, http
from e2e.servers import Postgres, Redis
from sandbox import TOKEN

PASSWORD = "a-long-scratch-password"  # noqa: S105  (of accounts that live for one run)
READ_ONLY_ROLES = {"observer", "read_only_user", "read_only_limited_user"}
PASSED_THROUGH = ("PATH", "HOME", "LANG", "TMPDIR")
MAKE_PEOPLE = """
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import User
password = make_password({password!r})
people = [User(username=f"person{{n}}", email=email, password=password) for n, email in enumerate({emails!r})]
User.objects.bulk_create(people)
"""
STORE = """
from uuid import uuid4
from django.contrib.auth.models import User
from incidentportal.directory.models import Person, Service
from incidentportal.incidents.delivery import submit
from incidentportal.incidents.report import Report
user, service = User.objects.get(username="person0"), Service.objects.get(name={service!r})
for title in {titles!r}:
    report = Report(title=title, service=service.id)
    submit(created_by=user, sender=Person.objects.for_login(user), form_key=uuid4(), report=report)
"""


class Stage:
    """The sandbox, a filled directory and people who can log in. Add web processes and workers to it."""

    def __init__(
        self,
        *,
        people: int = 1,
        settings: dict[str, str] | None = None,
        has_servers: bool = False,
        sets_clocks: bool = False,
    ) -> None:
        self.count, self.extra, self.has_servers, self.sets_clocks = people, settings or {}, has_servers, sets_clocks
        self.at_the_end = ExitStack()
        self.cache: redis.Redis | None = None
        self.clocks: Clocks | None = None
        self.redis: Redis | None = None
        self.postgres: Postgres | None = None
        self.webs: list[Process] = []
        self.workers: list[Process] = []
        self.names = [f"person{number}" for number in range(people)]
        self.keeps_folder = False

    def __enter__(self) -> Self:
        self.folder = Path(tempfile.mkdtemp(prefix="portal-"))
        try:
            self._start_servers()
            self._start_all()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _start_servers(self) -> None:
        if self.sets_clocks and Clocks.can_be_set():
            self.clocks = Clocks(self.folder)
        if self.has_servers:
            self.redis = Redis(self.folder)
            self.at_the_end.callback(self.redis.stop)
            self.postgres = Postgres(self.folder)
            self.at_the_end.callback(self.postgres.stop)
        self.cache_url = self.redis.url if self.redis else os.environ.get("CACHE_URL", "")
        self.cache = empty_cache(self.cache_url)
        if self.cache and not self.redis:
            self.at_the_end.callback(self.cache.flushdb)
        database_url = self.postgres.url if self.postgres else os.environ.get("DATABASE_URL", "")
        self.database: SQLite | PostgreSQL = make_database(database_url, self.folder)
        if not self.postgres:
            self.at_the_end.callback(self.database.drop)

    def _start_all(self) -> None:
        port = free_port()
        self.environment = {
            **{name: os.environ[name] for name in PASSED_THROUGH if name in os.environ},
            **({"CACHE_URL": self.cache_url} if self.cache_url else {}),
            "ENV_FILE": os.devnull,
            "DEBUG": "on",
            "DATABASE_URL": self.database.url,
            "PAGERDUTY_API_URL": f"http://127.0.0.1:{port}",
            "PAGERDUTY_API_TOKEN": TOKEN,
            **self.extra,
        }
        words = ["manage.py", "sandbox", "--empty", "--port", str(port)]
        self.sandbox = self._start("sandbox", words, {}, port=port).wait()
        self.manage("migrate", "-v0")
        self.manage("sync_directory")
        people = [person for person in self.api("users") if person["role"] not in READ_ONLY_ROLES]
        emails = [people[number % len(people)]["email"] for number in range(self.count)]
        self.manage("shell", "-v0", "-c", MAKE_PEOPLE.format(password=PASSWORD, emails=emails))

    def __exit__(self, *_: object) -> None:
        for process in [*self.webs, *self.workers]:
            process.stop(patience=1.0)
        if hasattr(self, "sandbox"):
            self.sandbox.stop()
        self.at_the_end.close()
        if not self.keeps_folder:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _start(self, name: str, words: list[str], settings: dict[str, str], *, port: int = 0) -> Process:
        url = f"http://127.0.0.1:{port}" if port else ""
        if self.clocks and name != "sandbox":
            settings = settings | self.clocks.environment(name)
        return Process(name, words, self.environment | settings, self.folder, url)

    def add_web(self, *, threads: int = 8, **settings: str) -> Process:
        """Start one more web process, with `settings` of its own."""
        port = free_port()
        words = ["-m", "gunicorn", "incidentportal.wsgi", "--bind", f"127.0.0.1:{port}", "--threads", str(threads)]
        self.webs.append(self._start(f"web-{len(self.webs) + 1}", words, settings, port=port))
        return self.webs[-1]

    def add_worker(self, **settings: str) -> Process:
        """Start one more worker, with `settings` of its own."""
        self.workers.append(self._start(f"worker-{len(self.workers) + 1}", ["manage.py", "worker"], settings))
        return self.workers[-1]

    def manage(self, *words: str) -> None:
        """Run a management command, and wait for it."""
        command = [sys.executable, "manage.py", *words]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False)  # noqa: S603
        if done.returncode:
            raise RuntimeError(f"manage.py {words[0]} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")

    def store(self, titles: list[str], service: str = "Checkout API") -> None:
        """Store submissions by the first person, as the form does, without sending them."""
        self.manage("shell", "-v0", "-c", STORE.format(titles=titles, service=service))

    def api(self, name: str) -> list[dict[str, Any]]:
        """The first hundred rows of one of the sandbox's lists."""
        headers = {"Authorization": f"Token token={TOKEN}"}
        answer = http.get(f"{self.sandbox.url}/{name}", params={"limit": 100}, headers=headers, timeout=60)
        answer.raise_for_status()
        rows: list[dict[str, Any]] = answer.json()[name]
        return rows

    def ask(self, name: str) -> Any:
        """Look into the sandbox: incidents, requests, faults."""
        return http.get(f"{self.sandbox.url}/sandbox/{name}", timeout=60).json()

    def tell(self, name: str, what: Any) -> Any:
        """Change the sandbox: faults, chaos, reset, clock."""
        answer = http.post(f"{self.sandbox.url}/sandbox/{name}", json=what, timeout=60)
        answer.raise_for_status()
        return answer.json()


def empty_cache(url: str) -> redis.Redis | None:
    """The Redis that the processes share, if any. One that is not empty belongs to somebody, and is refused."""
    if not url.startswith(("redis://", "rediss://")):
        return None
    cache = redis.Redis.from_url(url)
    if cache.dbsize():
        raise SystemExit(
            f"CACHE_URL names a Redis that is not empty: {url}. Name a database number that nothing else uses."
        )
    return cache
