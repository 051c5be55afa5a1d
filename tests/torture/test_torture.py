"""The torture run, shortened. `make torture` is the long one."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHORT = "--submissions 30 --clients 6 --kill-every 1.5 --hurry --seed 20260302"


@pytest.mark.xdist_group("processes")
def test_a_short_torture_run_keeps_the_promise() -> None:
    environment = {name: value for name, value in os.environ.items() if name != "CACHE_URL"}
    run = [sys.executable, "-m", "e2e.torture", *SHORT.split()]
    done = subprocess.run(run, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "30 stored, of 30 forms that 6 people sent" in done.stdout
