"""`make run`, as a stranger uses it: it starts, says how to log in, and leaves nothing behind."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests

from sandbox import Sandbox

ROOT = Path(__file__).resolve().parent.parent


def environment(tmp_path: Path, **changes: str) -> dict[str, str]:
    """That of a stranger: nothing of the portal is set."""
    return {"PATH": os.environ["PATH"], "ENV_FILE": os.devnull, "RUN_DIR": str(tmp_path), **changes}


def start(tmp_path: Path, **changes: str) -> "subprocess.Popen[str]":
    words = [sys.executable, "bin/run.py"]
    return subprocess.Popen(
        words, cwd=ROOT, env=environment(tmp_path, **changes), stdout=-1, stderr=-1, text=True, start_new_session=True
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def processes_of(tmp_path: Path) -> list[str]:
    """What still runs with this run's folder in its environment."""
    found = []
    for place in Path("/proc").glob("[0-9]*"):
        try:
            if f"RUN_DIR={tmp_path}\0".encode() in (place / "environ").read_bytes() + b"\0":
                found.append((place / "cmdline").read_text().replace("\0", " "))
        except OSError:
            continue
    return found


def test_it_starts_says_how_to_log_in_and_leaves_nothing_behind(tmp_path: Path) -> None:
    port = free_port()
    run = start(tmp_path, PORT=str(port))
    lines: list[str] = []
    assert run.stdout
    for line in run.stdout:
        lines.append(line)
        if line.startswith("Logs:"):
            break
    greeting = "".join(lines)
    assert f"Incident Portal is ready: http://127.0.0.1:{port}/" in greeting
    password = re.search(r"password +(\S+)", greeting)
    assert password
    browser = requests.Session()
    page = browser.get(f"http://127.0.0.1:{port}/login/?next=/incidents/new/")
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)
    assert token
    answers = {"login": "ada", "password": password[1], "csrfmiddlewaretoken": token[1], "next": "/incidents/new/"}
    form = browser.post(page.url, answers)
    assert (form.status_code, form.url.endswith("/incidents/new/")) == (200, True)
    assert len(processes_of(tmp_path)) > 4
    os.kill(run.pid, signal.SIGINT)
    assert run.wait() == 0
    while processes_of(tmp_path):  # the kernel may take a moment to remove what has ended
        time.sleep(0.1)


def test_a_port_in_use_is_reported_in_one_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        run = start(tmp_path, PORT=str(port))
        _, errors = run.communicate()
    assert run.returncode == 1
    assert errors == f"Port {port} is in use. Choose another one: PORT={port % 65535 + 1} make run\n"


@pytest.mark.parametrize("port", ["0", "65536", "x", "-1", "8000 "])
def test_an_invalid_port_is_reported_in_one_sentence(tmp_path: Path, port: str) -> None:
    run = start(tmp_path, PORT=port)
    _, errors = run.communicate()
    assert (run.returncode, errors) == (1, f"PORT is {port!r}. Write a number from 1 to 65535.\n")


def test_with_your_own_account_there_is_no_sandbox_and_no_demo(tmp_path: Path, sandbox: Sandbox) -> None:
    """The sandbox of the test stands for that account."""
    port = free_port()
    changes = {
        "PORT": str(port),
        "DEBUG": "on",
        "PAGERDUTY_API_URL": sandbox.url,
        "PAGERDUTY_API_TOKEN": "wrong-token-01234567",
        "DATABASE_URL": f"sqlite:///{tmp_path / 'own.sqlite3'}",
    }
    run = start(tmp_path, **changes)
    assert run.stdout
    greeting = ""
    for line in run.stdout:
        greeting += line
        if line.startswith("Logs:"):
            break
    assert "password" not in greeting
    assert not any("-m sandbox" in process for process in processes_of(tmp_path))
    os.kill(run.pid, signal.SIGTERM)
    _, errors = run.communicate()
    assert "The directory could not be refreshed: PagerDuty refused the portal's access token" in errors
    assert "Traceback" not in errors


def test_a_missing_setting_stops_the_start_with_a_sentence(tmp_path: Path) -> None:
    run = start(tmp_path, PORT=str(free_port()), PAGERDUTY_API_URL="https://api.pagerduty.com")
    _, errors = run.communicate()
    assert run.returncode == 1
    assert errors.startswith("Incident Portal cannot start: SECRET_KEY is not set.")
