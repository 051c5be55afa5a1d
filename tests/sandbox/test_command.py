"""`python -m sandbox` and `manage.py sandbox`, each as a process of its own."""

import signal
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import pytest

from sandbox import TOKEN, Sandbox

ROOT = Path(__file__).resolve().parents[2]


ALONE = ["-S", "-m", "sandbox"]  # without site-packages: the standard library is all there is
MANAGED = ["manage.py", "sandbox"]


def start(command: list[str], *options: str) -> subprocess.Popen[str]:
    words = [sys.executable, *command, *options]
    return subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize("name", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("command", [ALONE, MANAGED], ids=["alone", "managed"])
def test_it_serves_until_told_to_end(command: list[str], name: signal.Signals) -> None:
    process = start(command, "--port", "0")
    try:
        assert process.stdout is not None
        greeting = process.stdout.readline() + process.stdout.readline() + process.stdout.readline()
        address = next(word for word in greeting.split() if word.startswith("http"))
        assert "SANDBOX, nobody real is paged" in greeting
        assert "64 services, 15 escalation policies, 40 people, 4 incidents" in greeting
        assert f"PAGERDUTY_API_TOKEN={TOKEN}" in greeting
        assert b"Open incidents (4)" in urlopen(address).read()
        process.send_signal(name)
        _, problems = process.communicate()
        assert (process.returncode, problems) == (0, "")
    finally:
        process.kill()


@pytest.mark.parametrize(("command", "prefix"), [(ALONE, ""), (MANAGED, "CommandError: ")], ids=["alone", "managed"])
def test_an_option_that_cannot_be_is_refused_in_a_sentence(sandbox: Sandbox, command: list[str], prefix: str) -> None:
    port = sandbox.url.rpartition(":")[2]
    refused = {
        ("--port", port): f"Port {port} of 127.0.0.1 is in use or not allowed; choose another with --port.",
        ("--port", "65536"): "The port is 65536; it can be from 0 to 65535.",
        ("--speed", "0"): "The speed is 0; it can be up to 10000.",
        ("--services", "3"): "The number of services is 3; it can be from 64 to 25000.",
    }
    for options, sentence in refused.items():
        process = start(command, *options)
        assert process.communicate() == ("", f"{prefix}{sentence}\n")
        assert process.returncode == 1
