"""What the log says: each failure once, with its traceback; each failed log-in; and never a secret."""

import logging
import os
import subprocess
import sys
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.conftest import PASSWORD
from tests.test_environment import GOOD, ROOT

NOBODY = "postgres://portal:database-word@127.0.0.1:9/portal"
REQUESTS = """
import django, logging
django.setup()
from django.test import Client
headers = {"host": "portal.example.com", "cookie": "sessionid=" + "s" * 32}
client = Client(raise_request_exception=False, headers=headers)
print(client.post("/incidents/new/?title=in-the-query", {"title": "what was typed"}).status_code)
print(client.get("/healthz").status_code)
logging.getLogger("some.library").warning("a library complains")
logging.getLogger("some.library").info("a library chats")
logging.getLogger("incidentportal.x").info("the portal says")
"""


@pytest.mark.parametrize("debug", ["off", "on"])
def test_a_failure_is_logged_once_with_its_traceback_and_without_secrets(debug: str) -> None:
    environment = {
        "PATH": os.environ["PATH"],
        **GOOD,
        "DEBUG": debug,
        "DATABASE_URL": NOBODY,
        "DJANGO_SETTINGS_MODULE": "incidentportal.settings",
    }
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", REQUESTS],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    lines = done.stderr.splitlines()
    heads = [line.split(maxsplit=2)[2] for line in lines if line[:4].isdigit()]
    failure = "Service Unavailable" if debug == "off" else "Internal Server Error"  # with it on, Django's own page
    assert heads == [
        f"ERROR django.request: {failure}: /incidents/new/",
        "WARNING some.library: a library complains",
        "INFO incidentportal.x: the portal says",
    ]
    assert sum("OperationalError" in line and line.startswith("django.db") for line in lines) == 1
    for secret in ("what was typed", "in-the-query", "database-word", GOOD["PAGERDUTY_API_TOKEN"], GOOD["SECRET_KEY"]):
        assert secret not in done.stderr


@pytest.mark.parametrize("path", ["/login/", "/admin/login/"])
@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("ada", "'ada'"),
        ("ada@example.com", "'ada@example.com'"),
        ("nobody", "'nobody'"),
        ("a\n2026-01-01 ERROR forged\r\x1b[31m", "'a 2026-01-01 ERROR forged [31m'"),
        ("x" * 150, f"'{'x' * 80}'"),
    ],
)
def test_a_failed_log_in_leaves_a_line(
    ada: User, client: Client, caplog: pytest.LogCaptureFixture, path: str, typed: str, said: str
) -> None:
    name = "login" if path == "/login/" else "username"
    client.post(path, {name: typed, "password": "not-her-password"}, REMOTE_ADDR="192.0.2.7")
    lines = [record.getMessage() for record in caplog.records if record.name == "incidentportal.log_ins"]
    assert lines == [f"Log-in failed: {said} from 192.0.2.7."]
    assert "not-her-password" not in caplog.text


def test_one_that_works_leaves_none(ada: User, client: Client, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    assert client.post("/login/", {"login": "ada", "password": PASSWORD})["Location"] == "/incidents/new/"
    assert "Log-in failed" not in caplog.text
    assert PASSWORD not in caplog.text


def test_behind_a_proxy_it_names_the_person_s_address(
    ada: User, client: Client, caplog: pytest.LogCaptureFixture, settings: Any
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    client.post("/login/", {"login": "ada", "password": "x"}, headers={"x-forwarded-for": "198.51.100.1, 203.0.113.9"})
    assert "Log-in failed: 'ada' from 203.0.113.9." in caplog.text
