"""A real browser on a real server: the portal served by Django's live server, Chromium in front of it."""

from collections.abc import Callable, Iterator

import pytest
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import BrowserContext, Locator, Page, expect
from pytest_django.live_server_helper import LiveServer
from pytest_playwright.pytest_playwright import CreateContextCallback

from sandbox import Sandbox

Go = Callable[[str], Page]
PATIENCE = 60_000  # ms before a test that waits in vain fails; nothing that works comes near it


def options(page: Page) -> Locator:
    """What an open look-up offers."""
    return page.locator("[role=option]")


def answers(page: Page) -> Locator:
    """What an open look-up offers once it answers all that was typed."""
    return page.locator("[role=listbox][aria-busy=false]").locator(options(page))


def pick(page: Page, label: str, words: str) -> None:
    """Choose from a look-up by keyboard alone."""
    page.get_by_role("combobox", name=label).focus()
    page.keyboard.type(words)
    expect(answers(page).first).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")


def url_of(sandbox: Sandbox, query: str = "") -> str:
    """The form's address with Checkout API filled in."""
    return f"/incidents/new/?service={sandbox.account.named('services', 'Checkout API')['id']}{query}"


def send(page: Page) -> str:
    """Press the button, and return the address of the receipt. Its text is not being exchanged while it is pressed."""
    expect(page.locator(".htmx-request")).to_have_count(0)
    page.locator("#submit").click()
    page.wait_for_url("**/incidents/*-*-*-*-*/")
    return page.url


@pytest.fixture
def live_server(transactional_db: None) -> Iterator[LiveServer]:
    """A server of the test's own, which ends when it has answered all that it was asked.

    A request still at work would hold rows that emptying the database waits for, or write into the next test.
    """
    server = LiveServer("localhost")
    server.thread.httpd.daemon_threads = False
    yield server
    server.stop()


@pytest.fixture
def context(live_server: LiveServer, new_context: CreateContextCallback) -> BrowserContext:
    """The browser goes first: its connections are what the server's end would wait for."""
    return new_context()


@pytest.fixture
def _logged_in(directory: Sandbox, ada: User, live_server: LiveServer, context: BrowserContext) -> Sandbox:
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
def go(_logged_in: Sandbox, page: Page, console: list[str], live_server: LiveServer) -> Go:
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
