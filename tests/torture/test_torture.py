"""The torture run, shortened. `make torture` is the long one."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHORT = "--submissions 30 --clients 10 --kill-every 2 --hurry --seed 20260302"
LITTLE_TROUBLE = "--trouble-every 2 --longest-trouble 2 --lag 1"


@pytest.mark.xdist_group("processes")
def test_a_short_torture_run_keeps_the_promise() -> None:
    environment = {name: value for name, value in os.environ.items() if name != "CACHE_URL"}
    run = [sys.executable, "-m", "e2e.torture", *SHORT.split(), *LITTLE_TROUBLE.split()]
    done = subprocess.run(run, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "30 stored, of 30 forms that 10 people sent" in done.stdout
