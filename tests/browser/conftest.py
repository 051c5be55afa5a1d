"""A real browser on a real server: the portal served by Django's live server, Chromium in front of it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import BrowserContext, Locator, Page, expect

from sandbox import Sandbox

Go = Callable[[str], Page]
PATIENCE = 60_000  # ms before a test that waits in vain fails; nothing that works comes near it


def options(page: Page) -> Locator:
    """What an open look-up offers."""
    return page.locator("[role=option]")


def pick(page: Page, label: str, words: str) -> None:
    """Choose from a look-up by keyboard alone."""
    page.get_by_role("combobox", name=label).focus()
    page.keyboard.type(words)
    expect(options(page).first).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")


def url_of(sandbox: Sandbox, query: str = "") -> str:
    """The form's address with Checkout API filled in."""
    return f"/incidents/new/?service={sandbox.account.named('services', 'Checkout API')['id']}{query}"


def send(page: Page) -> str:
    """Press the button, and return the address of the receipt."""
    page.locator("#submit").click()
    page.wait_for_url("**/incidents/*-*-*-*-*/")
    return page.url


@pytest.fixture
def _logged_in(
    transactional_db: None, directory: Sandbox, ada: User, live_server: Any, context: BrowserContext
) -> Sandbox:
    """Ada's session in the browser."""
    client = Client()
    client.force_login(ada)
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
    return directory


@pytest.fixture
def console(page: Page) -> Iterator[list[str]]:
    """What the browser complains of, broken content security policy included. At the end of a test: nothing."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type in {"error", "warning"} else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    yield said
    assert said == []


@pytest.fixture
def go(_logged_in: Sandbox, page: Page, console: list[str], live_server: Any) -> Go:
    """Open a page of the portal as Ada."""
    page.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)

    def open_page(path: str) -> Page:
        page.goto(f"{live_server.url}{path}")
        return page

    return open_page


@pytest.fixture
def portal(go: Go) -> Page:
    """The empty form."""
    return go("/incidents/new/")
