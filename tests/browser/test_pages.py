"""Every page: accessible in light and dark and at both widths, within the screen, light, and proof against names."""

import gzip
import uuid
from datetime import timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import User
from django.test import Client
from django.utils.timezone import now
from playwright.sync_api import BrowserContext, Page, Response, expect
from pytest_django.live_server_helper import LiveServer

from incidentportal import pagerduty
from incidentportal.directory.sync.directory import sync
from incidentportal.incidents.models import State, Submission
from sandbox import Sandbox
from tests.browser.conftest import Go, send, url_of

ODD = "<img src=x onerror=alert(1)> & \u202eمرحبا\u202c 🚨 " + "x" * 280


def copies(receipt: Submission) -> list[str]:
    """The page of a submission in each state, by its address."""
    soon, before = now() + timedelta(hours=1), now() - timedelta(minutes=1)
    pending = {"state": State.PENDING, "next_attempt_at": soon, "decided_at": None, "problem": "No answer within 10 s."}
    none = {"incident": {}, "incident_id": "", "incident_number": ""}
    states: list[dict[str, Any]] = [
        {**pending, **none, "expires_at": soon},
        {**pending, **none, "expires_at": soon, "heard_at": before},
        {**pending, **none, "expires_at": soon, "key_in_use_at": before},
        {**pending, **none, "expires_at": before},
        {**pending, **none, "expires_at": soon, "cancel_asked_at": before},
        {**none, "state": State.REJECTED, "problem": "Invalid", "errors": {"title": ["Title is too long"]}},
        {"state": State.REJECTED, "problem": "An incident with this key is open."},
        {**none, "state": State.EXPIRED, "problem": "No incident was created."},
        {**none, "state": State.CANCELLED},
        *({**none, "state": state, "heard_at": before} for state in (State.REJECTED, State.EXPIRED, State.CANCELLED)),
        {"state": State.CREATED, "incident_id": "Q7", "corrected_at": before},
    ]
    pages = []
    for fields in states:
        copy = Submission.objects.get(pk=receipt.pk)
        copy.pk, copy.form_key, copy._state.adding = uuid.uuid4(), uuid.uuid4(), True
        for name, value in fields.items():
            setattr(copy, name, value)
        copy.save()
        pages.append(copy.get_absolute_url())
    return pages


def check(page: Page, what: str) -> None:
    """Nothing that axe finds, in light and (where only colors differ) in dark, and nothing beside the screen."""
    for scheme, only in (("light", {}), ("dark", {"runOnly": ["color-contrast"]})):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        found = Axe().run(page, options={"resultTypes": ["violations"], **only})
        violations = found.response["violations"]
        nodes = [(item["id"], node["html"], node["failureSummary"]) for item in violations for node in item["nodes"]]
        assert nodes == [], f"{what}, {scheme}"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), what


@pytest.mark.parametrize("width", [390, 1280])
def test_every_page_is_accessible(
    go: Go, directory: Sandbox, live_server: LiveServer, settings: Any, width: int, console: list[str]
) -> None:
    settings.EMERGENCY_CONTACT = "Night desk, +1 415 555 0100"
    page = go(url_of(directory, "&title=Card+payments+fail&details=Since+14:02"))
    page.set_viewport_size({"width": width, "height": 844})
    receipt = send(page).removeprefix(live_server.url)
    submission = Submission.objects.get()
    chloe = directory.account.named("users", "Chloé Bergeron")["id"]
    addresses = [
        receipt,
        *copies(submission),
        "/incidents/",
        "/incidents/?q=nothing",
        "/incidents/new/?service=nothing&urgency=loud",
        url_of(directory, f"&title=Card+payments+fail&assignees={chloe}"),
        f"/incidents/new/?again={submission.pk}",
        "/directory/services/",
        "/directory/people/?q=nobody-of-that-name",
        "/incidents/00000000-0000-0000-0000-000000000000/",
    ]
    for address in addresses:
        go(address)
        page.evaluate("document.querySelectorAll('details').forEach((details) => (details.open = true))")
        check(page, address)
    page = go("/incidents/new/")
    page.locator("#control_service").press_sequentially("a")
    expect(page.locator("[role=option]").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    check(page, "an open look-up")
    page.keyboard.press("Escape")
    page.locator("#submit").click()
    expect(page.locator("#summary")).to_be_focused()
    check(page, "errors")
    if width > 400:
        page.get_by_role("button", name="Keyboard").click()
        check(page, "help")
    assert {line[:60] for line in console} == {"Failed to load resource: the server responded with a status "}
    console.clear()


def test_the_pages_of_strangers_are_accessible(
    transactional_db: None, directory: Sandbox, live_server: LiveServer, context: BrowserContext, page: Page
) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(f"{live_server.url}/incidents/new/?title=Till")
    check(page, "log in")
    page.get_by_label("User name or e-mail").fill("nobody")
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert").filter(has_text="not correct")).to_be_visible()
    check(page, "wrong password")
    client = Client()
    client.force_login(User.objects.create_user("eve", "eve@elsewhere.example"))
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
    page.goto(f"{live_server.url}/incidents/new/")
    expect(page.get_by_role("heading", level=1)).to_have_text("You cannot page yet.")
    expect(page.locator("#message")).to_contain_text("eve@elsewhere.example")
    check(page, "no sender")


@pytest.mark.parametrize("width", [390, 1280])
def test_names_of_any_kind_stay_text_and_within_the_screen(go: Go, directory: Sandbox, width: int) -> None:
    account = directory.account
    service, policy = account.named("services", "Checkout API"), account.named("escalation_policies", "Payments")
    for row in (service, policy, *account.users, *account.priorities, *account.schedules):
        row["name"] = row["summary"] = f"{row['name']} {ODD}"
    sync(pagerduty.connect(), report=lambda line: None)
    page = go("/incidents/new/")
    page.on("dialog", lambda dialog: pytest.fail(f"a name became code: {dialog.message}"))
    page.set_viewport_size({"width": width, "height": 844})
    page.locator("#control_title").fill(ODD)
    page.locator("#control_service").press_sequentially("checkout")
    expect(page.locator("[role=option] bdi").first).to_have_text(service["name"])
    page.locator("[role=option]").first.click()
    expect(page.locator("#control_service")).to_have_value(service["name"])
    expect(page.locator("#outlook")).to_contain_text("<img src=x onerror=alert(1)>")
    expect(page.locator("#submit")).to_contain_text("Page José")
    for opening in page.locator("summary").all():
        opening.click()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    send(page)
    expect(page.locator(".facts-title")).to_have_text(" ".join(ODD.split()))
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    go("/incidents/")
    expect(page.locator(".row-meta")).to_contain_text("<img src=x onerror=alert(1)>")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.locator("main img").count() == 0


def test_the_tabs_of_the_directory_share_a_line_on_a_phone(go: Go) -> None:
    page = go("/directory/people/")
    page.set_viewport_size({"width": 390, "height": 844})
    boxes = [box for tab in page.locator(".tabs a").all() if (box := tab.bounding_box())]
    assert len(boxes) == 3
    assert len({box["y"] for box in boxes}) == 1


def test_the_first_load_is_light(go: Go, page: Page) -> None:
    """All that the form loads is under 60 kB as gzip would send it; brotli sends less."""
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))
    go("/incidents/new/")
    page.wait_for_load_state("networkidle")
    sizes = {answer.url: len(gzip.compress(answer.body())) + len(str(answer.headers)) for answer in answers}
    assert len(sizes) <= 17, sizes
    assert sum(sizes.values()) < 60_000, sizes


def test_dark_is_dark_and_light_is_light(portal: Page) -> None:
    two = "[document.body, document.querySelector('#control_title')]"
    colors = f"{two}.map((element) => getComputedStyle(element).backgroundColor)"
    portal.emulate_media(color_scheme="light")
    assert portal.evaluate(colors) == ["rgb(245, 246, 248)", "rgb(255, 255, 255)"]
    portal.emulate_media(color_scheme="dark")
    assert portal.evaluate(colors) == ["rgb(16, 21, 28)", "rgb(24, 31, 41)"]
