"""The changelog, the pages and the logs name the same version."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.test import Client

from incidentportal import __version__

ROOT = Path(__file__).resolve().parent.parent


def test_the_changelog_begins_with_this_version() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    newest = re.search(r"^## (\S+)", changelog, re.MULTILINE)
    assert newest is not None
    assert newest[1] == __version__


def test_every_page_shows_it(client: Client) -> None:
    assert f"Incident Portal {__version__} " in client.get("/login/").content.decode()


@pytest.mark.parametrize(
    ("command", "ready"),
    [
        (["-c", "import incidentportal.wsgi"], "incidentportal.wsgi: Incident Portal {}: the web process is ready."),
        (["manage.py", "worker"], "commands.worker: Incident Portal {}: the worker is ready."),
    ],
)
def test_each_process_logs_it_first(command: list[str], ready: str, tmp_path: Path) -> None:
    environment = {**os.environ, "DATABASE_URL": f"sqlite:///{tmp_path / 'empty.sqlite3'}"}
    with subprocess.Popen(
        [sys.executable, *command], cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        line = process.stderr.readline().strip()
        process.kill()
    assert line.endswith(ready.format(__version__))
