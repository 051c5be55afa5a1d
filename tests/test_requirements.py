"""The lock files hold what requirements*.txt ask for, and every package with its hashes. `make lock` writes them."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PIN = re.compile(r"([a-z0-9-]+)(?:\[[a-z,]+\])?==(\S+)")
LOCKS = {
    "requirements.lock": ["requirements.txt"],
    "requirements-dev.lock": ["requirements.txt", "requirements-dev.txt"],
}


def lines_of(name: str) -> list[str]:
    return (ROOT / name).read_text(encoding="utf-8").splitlines()


def asked_for(name: str) -> dict[str, str]:
    """The pins of a requirements file; a line that is no exact pin fails here."""
    lines = [line for line in lines_of(name) if line and not line.startswith(("#", "-r "))]
    pins = [PIN.fullmatch(line) for line in lines]
    assert None not in pins
    return {pin[1]: pin[2] for pin in pins if pin}


def entries(lock: str) -> dict[tuple[str, str], list[str]]:
    """The pins of a lock file, each with the lines below it: its hashes, and who asks for it."""
    found: dict[tuple[str, str], list[str]] = {}
    below: list[str] = []
    for line in lines_of(lock):
        pin = PIN.match(line)
        if pin:
            below = found.setdefault((pin[1], pin[2]), [])
        else:
            below.append(line)
    return found


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_has_what_is_asked_for_and_nothing_that_was_asked_for_once(lock: str) -> None:
    wanted = {pin for name in LOCKS[lock] for pin in asked_for(name).items()}
    assert {pin for pin, below in entries(lock).items() if "-r requirements" in below[-1]} == wanted


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_package_has_a_hash(lock: str) -> None:
    assert [pin for pin, below in entries(lock).items() if "--hash=sha256:" not in below[0]] == []


def test_the_tests_run_on_what_the_portal_runs_on() -> None:
    assert entries("requirements.lock").keys() <= entries("requirements-dev.lock").keys()
