"""The environment of the tests: tests/test.env, under what the caller has set. Loaded before Django's settings."""

import os
import re
from pathlib import Path

for line in Path(__file__).with_name("test.env").read_text(encoding="utf-8").splitlines():
    name, _, value = line.partition("=")
    os.environ.setdefault(name, value)

# Tests that run side by side empty the cache before each test: each process takes a Redis database of its own.
worker = re.fullmatch(r"gw(\d+)", os.environ.get("PYTEST_XDIST_WORKER", ""))
redis = re.fullmatch(r"(rediss?://[^/]+)/(\d+)", os.environ.get("CACHE_URL", ""))
if worker and redis:
    os.environ["CACHE_URL"] = f"{redis[1]}/{int(redis[2]) + int(worker[1])}"
