"""The torture run, shortened; the long one is `make torture`."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHORT = "--submissions 30 --clients 6 --kill-every 1.5 --hurry --limit 120 --seed 20260302"


@pytest.mark.xdist_group("processes")
def test_a_short_torture_run_keeps_the_promise() -> None:
    environment = {name: value for name, value in os.environ.items() if name != "CACHE_URL"}
    run = [sys.executable, "-m", "e2e.torture", *SHORT.split()]
    with subprocess.Popen(run, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        try:
            said = process.communicate(timeout=240)[0].decode()
        except subprocess.TimeoutExpired:
            process.terminate()  # it ends what it started
            said = process.communicate()[0].decode()
    assert process.returncode == 0, said
    assert "30 forms" in said
