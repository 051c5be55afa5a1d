"""The look-ups: keyboard, mouse, touch, a slow and a broken directory, and what is sent in the end."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from sandbox import Sandbox
from tests.browser.conftest import Go, answers, options, pick, send

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def service(page: Page) -> str:
    """What the form would send as the service, by name and value of its inputs."""
    found: str = page.evaluate("new FormData(document.getElementById('incident-form')).getAll('service').join('|')")
    return found


def test_arrows_go_round_and_escape_closes(portal: Page) -> None:
    box = portal.locator("#control_service")
    box.press("ArrowDown")
    found = options(portal)
    expect(found).to_have_count(20)
    expect(portal.locator("#field_service .combobox-said")).to_have_text("64 match, showing 20.")
    assert box.get_attribute("aria-expanded") == "true"
    assert box.get_attribute("aria-activedescendant") is None
    first, last = found.first.get_attribute("id"), found.last.get_attribute("id")
    for key, active in (("ArrowDown", first), ("ArrowUp", last), ("ArrowDown", first), ("End", last), ("Home", first)):
        box.press(key)
        assert box.get_attribute("aria-activedescendant") == active
        expect(portal.locator("[role=option][aria-selected=true]")).to_have_attribute("id", str(active))
    box.press("Escape")
    expect(found).to_have_count(0)
    assert (box.get_attribute("aria-expanded"), service(portal)) == ("false", "")


def test_enter_takes_the_only_one_and_of_several_only_the_highlighted(portal: Page, directory: Sandbox) -> None:
    box = portal.locator("#control_service")
    box.press_sequentially("api")
    expect(options(portal).first).to_contain_text("API")  # what answers the whole word, not its first letter
    expect(options(portal).nth(1)).to_be_visible()
    box.press("Enter")
    assert service(portal) == "api"
    expect(options(portal).first).to_have_attribute("aria-selected", "true")
    first = options(portal).first.get_attribute("data-value")
    box.press("Enter")
    assert service(portal) == first
    expect(options(portal)).to_have_count(0)
    assert portal.url.endswith("/incidents/new/")
    assert directory.incidents == []


def test_backspace_takes_a_choice_away(portal: Page) -> None:
    pick(portal, "Service", "checkout api")
    expect(portal.locator("#control_service")).to_have_value("Checkout API")
    portal.locator("#control_service").press("Backspace")
    assert (portal.locator("#control_service").input_value(), service(portal)) == ("", "")


def test_typing_over_a_choice_searches_again(portal: Page, directory: Sandbox) -> None:
    pick(portal, "Service", "checkout api")
    portal.locator("#control_title").focus()
    portal.locator("#control_service").focus()
    portal.keyboard.type("newslet")
    expect(options(portal)).to_have_text([re.compile("Newsletter")])
    assert service(portal) == "newslet"
    portal.keyboard.press("Enter")
    assert service(portal) == directory.account.named("services", "Newsletter")["id"]


def test_a_mouse_chooses_and_clears(portal: Page, directory: Sandbox) -> None:
    portal.locator("#control_service").click()
    portal.keyboard.type("checkout")
    portal.get_by_role("option", name="Checkout API").click()
    assert service(portal) == directory.account.named("services", "Checkout API")["id"]
    expect(portal.locator("#control_service")).to_be_focused()
    expect(portal.locator("#verdict")).to_contain_text("Pages José Álvarez now.")
    portal.get_by_role("button", name="Clear: Service").click()
    assert service(portal) == ""
    expect(portal.locator("#feedback_service")).to_contain_text("Choose the service that is broken")
    expect(portal.locator("#submit")).to_have_text("Page now")


@pytest.mark.browser_context_args(**PHONE)
def test_a_finger_chooses(portal: Page, directory: Sandbox) -> None:
    portal.locator("#control_service").tap()
    portal.keyboard.type("checkout")
    portal.get_by_role("option", name="Checkout API").tap()
    expect(portal.locator("#control_service")).to_have_value("Checkout API")
    assert service(portal) == directory.account.named("services", "Checkout API")["id"]
    small = portal.evaluate(
        """[...document.querySelectorAll('button, a.btn, input[type=text], textarea, select, summary, .segments label,'
        + '.pill label, nav a')].filter((e) => e.checkVisibility() && e.getBoundingClientRect().height < 44)
        .map((e) => e.outerHTML.slice(0, 80))"""
    )
    assert small == []


def test_a_disabled_service_cannot_be_chosen_and_says_why(portal: Page) -> None:
    box = portal.locator("#control_service")
    box.press_sequentially("legacy soap")
    option = portal.get_by_role("option", name="Legacy SOAP Bridge")
    expect(option).to_have_attribute("aria-disabled", "true")
    expect(option).to_contain_text("disabled in PagerDuty")
    option.click(force=True)
    box.press("Enter")
    assert service(portal) == "legacy soap"
    expect(portal.locator("#field_service [data-status]")).to_contain_text("disabled in PagerDuty")


def test_what_was_not_picked_is_sent_as_typed(portal: Page, directory: Sandbox) -> None:
    portal.locator("#control_title").fill("Card payments fail")
    portal.locator("#control_service").fill("checkout api")
    portal.locator("#control_title").focus()
    expect(portal.locator("#feedback_service")).to_have_text("Its escalation policy: Payments.")
    send(portal)
    assert [incident["service"]["summary"] for incident in directory.incidents] == ["Checkout API"]


def test_a_misspelling_is_answered_with_the_nearest_and_says_so(portal: Page) -> None:
    portal.locator("#control_service").press_sequentially("chekout")
    expect(options(portal).first).to_contain_text("Checkout API")
    expect(portal.locator("#field_service .combobox-said")).not_to_contain_text("1 matches")
    portal.locator("#control_service").fill("qqqqqqqqqqqq")
    expect(portal.locator("#field_service .combobox-said")).to_have_text("Nothing matches “qqqqqqqqqqqq”.")
    expect(portal.locator("#field_service [data-status]")).to_have_text("Nothing matches “qqqqqqqqqqqq”.")


def test_a_late_answer_does_not_replace_a_newer_one(portal: Page) -> None:
    held: list[Route] = []
    portal.route(re.compile(r"services/\?q=n$"), lambda route: held.append(route))
    box = portal.locator("#control_service")
    box.press_sequentially("n")
    expect(portal.locator("#field_service .combobox-said")).to_have_text("Searching…")
    box.press_sequentially("ewsletter")
    expect(options(portal)).to_have_text([re.compile("Newsletter")])
    assert len(held) == 1
    held[0].fulfill(body='<li role="option" data-value="X" data-label="Late">Late</li>', content_type="text/html")
    portal.evaluate("fetch(location.href).then(() => null)")  # answered after the late answer has arrived
    expect(options(portal)).to_have_text([re.compile("Newsletter")])


def test_a_directory_that_does_not_answer_is_said(portal: Page, console: list[str]) -> None:
    portal.route("**/directory/services/**", lambda route: route.abort())
    portal.locator("#control_service").press_sequentially("check")
    said = "The directory isn’t responding. Type the exact name or id, or try again."
    expect(portal.locator("#field_service .combobox-said")).to_have_text(said)
    portal.unroute("**/directory/services/**")
    portal.locator("#control_service").press_sequentially("out")
    expect(options(portal)).to_have_text([re.compile("Checkout API")])
    assert console == ["Failed to load resource: net::ERR_FAILED"]
    console.clear()


def test_several_assignees_are_chips(go: Go, settings: Any, directory: Sandbox) -> None:
    settings.PAGERDUTY_MAX_ASSIGNEES = 2
    ada, chloe = (directory.account.named("users", name)["id"] for name in ("Ada Byron", "Chloé Bergeron"))
    page = go(f"/incidents/new/?assignees={ada}")
    pick(page, "Assignee", "chloé")
    sent = "new FormData(document.getElementById('incident-form')).getAll('assignees').filter(Boolean)"
    assert page.evaluate(sent) == [ada, chloe]
    page.locator("#control_assignees").press_sequentially("grace")
    options(page).first.click()
    expect(page.locator("#field_assignees [data-status]")).to_contain_text("At most 2 can be chosen.")
    page.get_by_role("button", name="Remove Ada Byron").click()
    page.locator("#control_assignees").fill("")
    assert page.evaluate(sent) == [chloe]
    page.locator("#control_assignees").press("Backspace")
    assert page.evaluate(sent) == []


@pytest.mark.parametrize("is_heard", [True, False], ids=["typed", "typed since the answer came"])
def test_keys_never_choose_from_a_list_that_answers_an_earlier_text(portal: Page, is_heard: bool) -> None:
    box = portal.locator("#control_service")
    box.press_sequentially("c")
    expect(options(portal).nth(1)).to_be_visible()
    expect(options(portal).first).not_to_contain_text("Checkout API")
    held: list[Route] = []
    portal.route("**/directory/services/?q=check*", lambda route: held.append(route))
    if is_heard:
        box.press_sequentially("heckout api")
    else:
        portal.evaluate("document.getElementById('control_service').value = 'checkout api'")
    for key in ("ArrowDown", "Enter", "ArrowUp", "ArrowDown", "Enter"):
        box.press(key)
    assert service(portal) == "checkout api"
    for route in held:
        route.continue_()
    portal.unroute_all()
    expect(answers(portal)).to_have_text([re.compile("Checkout API")])
    box.press("ArrowDown")
    box.press("Enter")
    expect(portal.locator("#verdict")).to_contain_text("Pages José Álvarez now.")
