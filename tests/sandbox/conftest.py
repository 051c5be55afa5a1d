"""A fresh account for each test, without Django. Its time stands still, and moves only by `clock.advance`."""

from collections.abc import Iterator

import pytest

from sandbox import Sandbox


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(speed=0) as running:
        yield running
