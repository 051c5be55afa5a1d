"""An account of lists, and a sync that does not take its time."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache

from incidentportal import pagerduty
from incidentportal.directory.sync.directory import sync
from incidentportal.directory.sync.list_reader import Limits
from tests.directory.lists import Lists

FAST = Limits(calls_a_minute=60_000)


@pytest.fixture
def lists(settings: Any, db: None) -> Iterator[Lists]:
    """An account that has what a test puts into it; the portal's settings point at it."""
    with Lists() as running:
        settings.PAGERDUTY_API_URL = running.url
        settings.PAGERDUTY_API_TOKEN = "x" * 20
        yield running


def synced(limits: Limits = FAST) -> list[str]:
    """Sync, and return what was reported. What an earlier failure taught the client is forgotten."""
    cache.clear()
    said: list[str] = []
    sync(pagerduty.connect(), report=said.append, limits=limits)
    return said
