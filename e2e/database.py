"""A scratch database, created for one run and dropped after it: a SQLite file, or a database of a PostgreSQL server."""

import sqlite3
import uuid
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg

Rows = list[tuple[Any, ...]]


class SQLite:
    """A file in a scratch folder."""

    name = "SQLite"

    def __init__(self, folder: Path) -> None:
        self.path = folder / "scratch.sqlite3"
        self.url = f"sqlite:///{self.path}"

    def run(self, sql: str, *values: Any) -> Rows:
        """Run one statement, with %s for each value, and return its rows."""
        with closing(sqlite3.connect(self.path, timeout=60)) as connection, connection:
            return connection.execute(sql.replace("%s", "?"), values).fetchall()

    def drop(self) -> None:
        """Nothing to do: the folder is removed with everything in it."""


class PostgreSQL:
    """A new database in the server at `url`. The database that `url` names is only used to connect."""

    name = "PostgreSQL"

    def __init__(self, url: str) -> None:
        self.server_url = url
        self.database = f"portal_scratch_{uuid.uuid4().hex[:12]}"
        self.url = urlsplit(url)._replace(path=f"/{self.database}").geturl()
        self._run(self.server_url, f'CREATE DATABASE "{self.database}"')

    def run(self, sql: str, *values: Any) -> Rows:
        """Run one statement, with %s for each value, and return its rows."""
        return self._run(self.url, sql, *values)

    def drop(self) -> None:
        self._run(self.server_url, f'DROP DATABASE "{self.database}" WITH (FORCE)')

    def _run(self, url: str, sql: str, *values: Any) -> Rows:
        with psycopg.connect(url, autocommit=True) as connection:
            done = connection.execute(sql.encode(), values or None)
            return done.fetchall() if done.description else []


def make_database(url: str, folder: Path) -> SQLite | PostgreSQL:
    """A new database in the PostgreSQL server at `url`, or a SQLite file in the folder if `url` is not PostgreSQL's."""
    if url.startswith(("postgres://", "postgresql://")):
        return PostgreSQL(url)
    return SQLite(folder)
