"""The environment of the tests: tests/test.env, under what the caller has set. Loaded before Django's settings."""

import os
from pathlib import Path

for line in Path(__file__).with_name("test.env").read_text(encoding="utf-8").splitlines():
    name, _, value = line.partition("=")
    os.environ.setdefault(name, value)
