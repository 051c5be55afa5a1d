"""What every test stands on: a sandbox account on a real port, the directory filled from it, and Ada logged in."""

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.db import connections
from django.test import Client
from hypothesis import settings as hypothesis_settings

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright runs an event loop in the test's thread

from incidentportal import pagerduty
from incidentportal.directory.sync.directory import sync
from sandbox import TOKEN, Sandbox

PASSWORD = "a-long-test-password"
hypothesis_settings.register_profile("any pace", deadline=None)  # a busy machine fails nothing
hypothesis_settings.load_profile("any pace")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    tmp_path_factory: pytest.TempPathFactory, django_db_modify_db_settings_parallel_suffix: None
) -> None:
    """SQLite in a file: in memory, the threads of the live server would share one connection and break it."""
    connection = connections["default"]
    if connection.vendor == "sqlite":
        name = tmp_path_factory.mktemp("database") / "test.sqlite3"
        connection.settings_dict["TEST"]["NAME"] = str(name)


@pytest.fixture(autouse=True)
def _ready(settings: Any) -> None:
    """An empty cache, and passwords that cost no time."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    cache.clear()


@pytest.fixture
def sandbox(settings: Any) -> Iterator[Sandbox]:
    """A fresh PagerDuty account over real HTTP; the portal's settings point at it."""
    with Sandbox() as running:
        settings.PAGERDUTY_API_URL = running.url
        settings.PAGERDUTY_API_TOKEN = TOKEN
        yield running


@pytest.fixture
def directory(sandbox: Sandbox, db: None) -> Sandbox:
    """The sandbox, with the directory filled from it."""
    sync(pagerduty.connect(), report=lambda line: None)
    sandbox.requests.clear()
    return sandbox


@pytest.fixture
def ada(db: None) -> User:
    return User.objects.create_user("ada", "ada@example.com", PASSWORD)


@pytest.fixture
def page_of_ada(directory: Sandbox, ada: User, client: Client) -> Client:
    """A browser without JavaScript, with Ada logged in."""
    client.force_login(ada)
    return client


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Debian's Chromium; the flags keep it from calling anybody but the page under test."""
    quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
    return {
        "executable_path": shutil.which("chromium"),
        "args": ["--no-sandbox", "--disable-gpu", "--disable-quic", *quiet],
    }
