"""The torture run, shortened; the long one is `make torture`."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHORT = [
    "--submissions",
    "40",
    "--clients",
    "6",
    "--kill-every",
    "1.5",
    "--hurry",
    "--limit",
    "120",
    "--seed",
    "20260302",
]


@pytest.mark.xdist_group("processes")
def test_a_short_torture_run_keeps_the_promise() -> None:
    environment = {name: value for name, value in os.environ.items() if name != "CACHE_URL"}
    run = [sys.executable, "-m", "bin.torture", *SHORT]
    done = subprocess.run(run, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "40 forms" in done.stdout
