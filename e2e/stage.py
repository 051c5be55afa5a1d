"""A portal of one's own to try things on: a sandbox account, web processes and workers, all real ones, on loopback.

    with Stage(people=2) as stage:
        web = stage.add_web()
        ...                       # web.url answers; stage.database.run(sql) looks behind it

Of the caller's environment only DATABASE_URL and CACHE_URL count: a PostgreSQL server gets a database that is dropped
at the end, a Redis must be empty and is emptied again. Every process is ended by its own number.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Self

import redis

from e2e.part import ROOT, Part, free_port, http
from e2e.scratch import PostgreSQL, SQLite, make_database
from sandbox import TOKEN

PASSWORD = "a-long-scratch-password"  # noqa: S105  (of accounts that live for one run)
ONLY_LOOKING = {"observer", "read_only_user", "read_only_limited_user"}
PASSED_ON = ("PATH", "HOME", "LANG", "TMPDIR")
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
user, service = User.objects.get(username="person0"), Service.objects.get(name={service!r})
for title in {titles!r}:
    answers = dict(form_key=uuid4(), title=title, service=service)
    submit(created_by=user, sender=Person.objects.for_login(user), answers=answers)
"""


class Stage:
    """The sandbox, a filled database and people with a log-in. Web processes and workers are added."""

    def __init__(self, *, people: int = 1, settings: dict[str, str] | None = None) -> None:
        self.count, self.extra = people, settings or {}
        self.webs: list[Part] = []
        self.workers: list[Part] = []
        self.names = [f"person{number}" for number in range(people)]
        self.keeps_folder = False

    def __enter__(self) -> Self:
        self.cache = empty_cache(os.environ.get("CACHE_URL", ""))
        self.folder = Path(tempfile.mkdtemp(prefix="portal-"))
        self.database: SQLite | PostgreSQL = make_database(os.environ.get("DATABASE_URL", ""), self.folder)
        try:
            self._set()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _set(self) -> None:
        port = free_port()
        self.environment = {
            **{name: os.environ[name] for name in (*PASSED_ON, "CACHE_URL") if name in os.environ},
            "ENV_FILE": os.devnull,
            "DEBUG": "on",
            "DATABASE_URL": self.database.url,
            "PAGERDUTY_API_URL": f"http://127.0.0.1:{port}",
            "PAGERDUTY_API_TOKEN": TOKEN,
            **self.extra,
        }
        words = ["manage.py", "sandbox", "--empty", "--port", str(port)]
        self.sandbox = self._part("sandbox", words, {}, port=port).wait()
        self.manage("migrate", "-v0")
        self.manage("sync_directory")
        people = [person for person in self.api("users") if person["role"] not in ONLY_LOOKING]
        emails = [people[number % len(people)]["email"] for number in range(self.count)]
        self.manage("shell", "-v0", "-c", MAKE_PEOPLE.format(password=PASSWORD, emails=emails))

    def __exit__(self, *_: object) -> None:
        for part in [*self.webs, *self.workers]:
            part.stop(patience=1.0)
        if hasattr(self, "sandbox"):
            self.sandbox.stop()
        if self.cache:
            self.cache.flushdb()
        self.database.drop()
        if not self.keeps_folder:
            shutil.rmtree(self.folder, ignore_errors=True)

    def _part(self, name: str, words: list[str], settings: dict[str, str], *, port: int = 0) -> Part:
        url = f"http://127.0.0.1:{port}" if port else ""
        return Part(name, words, self.environment | settings, self.folder, url)

    def add_web(self, *, threads: int = 8, **settings: str) -> Part:
        """One more web process. `settings` are for it alone."""
        port = free_port()
        words = ["-m", "gunicorn", "incidentportal.wsgi", "--bind", f"127.0.0.1:{port}", "--threads", str(threads)]
        self.webs.append(self._part(f"web-{len(self.webs) + 1}", words, settings, port=port))
        return self.webs[-1]

    def add_worker(self, **settings: str) -> Part:
        """One more worker. `settings` are for it alone."""
        self.workers.append(self._part(f"worker-{len(self.workers) + 1}", ["manage.py", "worker"], settings))
        return self.workers[-1]

    def manage(self, *words: str) -> None:
        """Run a management command to its end."""
        command = [sys.executable, "manage.py", *words]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False)  # noqa: S603
        if done.returncode:
            raise RuntimeError(f"manage.py {words[0]} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")

    def store(self, titles: list[str], service: str = "Checkout API") -> None:
        """Store submissions of the first person, as the form does, and send nothing."""
        self.manage("shell", "-v0", "-c", STORE.format(titles=titles, service=service))

    def api(self, name: str) -> list[dict[str, Any]]:
        """The first hundred rows of one of the sandbox's lists."""
        headers = {"Authorization": f"Token token={TOKEN}"}
        answer = http.get(f"{self.sandbox.url}/{name}", params={"limit": 100}, headers=headers, timeout=10)
        answer.raise_for_status()
        rows: list[dict[str, Any]] = answer.json()[name]
        return rows

    def ask(self, name: str) -> Any:
        """Look into the sandbox: incidents, requests, faults."""
        return http.get(f"{self.sandbox.url}/sandbox/{name}", timeout=30).json()

    def tell(self, name: str, what: Any) -> Any:
        """Change the sandbox: faults, chaos, reset, clock."""
        answer = http.post(f"{self.sandbox.url}/sandbox/{name}", json=what, timeout=30)
        answer.raise_for_status()
        return answer.json()


def empty_cache(url: str) -> redis.Redis | None:
    """The Redis that the run shares, where there is one. One that holds something is somebody's: it is refused."""
    if not url.startswith(("redis://", "rediss://")):
        return None
    cache = redis.Redis.from_url(url)
    if cache.dbsize():
        raise SystemExit(f"CACHE_URL names a Redis that is not empty: {url}. Give it a number that nothing else uses.")
    return cache
