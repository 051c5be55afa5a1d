"""`manage.py sandbox`, as a process of its own."""

import signal
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import pytest

from sandbox import TOKEN, Sandbox

ROOT = Path(__file__).resolve().parents[2]


def start(*words: str) -> subprocess.Popen[str]:
    command = [sys.executable, str(ROOT / "manage.py"), "sandbox", *words]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize("name", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_it_is_told_to_end(name: signal.Signals) -> None:
    process = start("--port", "0")
    try:
        assert process.stdout is not None
        greeting = process.stdout.readline() + process.stdout.readline() + process.stdout.readline()
        address = next(word for word in greeting.split() if word.startswith("http"))
        assert "SANDBOX, nobody real is paged" in greeting
        assert "64 services, 15 escalation policies, 40 people, 4 incidents" in greeting
        assert f"PAGERDUTY_API_TOKEN={TOKEN}" in greeting
        assert b"Open incidents (4)" in urlopen(address, timeout=5).read()
        process.send_signal(name)
        _, problems = process.communicate(timeout=5)
        assert (process.returncode, problems) == (0, "")
    finally:
        process.kill()


def test_a_port_in_use(sandbox: Sandbox) -> None:
    port = sandbox.url.rpartition(":")[2]
    _, problems = (process := start("--port", port)).communicate(timeout=20)
    assert process.returncode == 1
    assert problems == f"CommandError: Port {port} of 127.0.0.1 is in use or not allowed; choose another with --port.\n"


def test_a_number_out_of_range() -> None:
    _, problems = (process := start("--services", "3")).communicate(timeout=20)
    assert process.returncode == 1
    assert problems == "CommandError: The number of services is 3; it can be from 64 to 25000.\n"
