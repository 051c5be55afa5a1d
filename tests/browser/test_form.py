"""The form in a real browser: keyboard, live feedback, what blocks what, the request, and errors."""

import json
import re

from playwright.sync_api import Page, expect

from sandbox import Sandbox
from tests.browser.conftest import Go, options, pick, send, url_of

UNPROCESSABLE = "Failed to load resource: the server responded with a status of 422 (Unprocessable Content)"


def test_a_person_pages_by_keyboard_alone(portal: Page, directory: Sandbox) -> None:
    expect(portal.locator("#control_title")).to_be_focused()
    portal.keyboard.type("Card payments fail")
    portal.keyboard.press("Tab")
    portal.keyboard.type("check api")
    expect(options(portal)).to_have_count(1)
    portal.keyboard.press("Enter")
    expect(portal.locator("#feedback_service")).to_have_text("Its escalation policy: Payments.")
    expect(portal.locator("#verdict")).to_contain_text("Pages José Álvarez now.")
    expect(portal.locator("#submit")).to_have_text("Page José Álvarez")
    portal.keyboard.press("Control+Enter")
    expect(portal.locator("#submit")).to_be_focused()
    assert directory.incidents == []
    portal.keyboard.press("Enter")
    portal.wait_for_url("**/incidents/*-*-*-*-*/")
    assert [(incident["title"], incident["service"]["summary"]) for incident in directory.incidents] == [
        ("Card payments fail", "Checkout API")
    ]
    expect(portal.get_by_role("heading", level=1)).to_have_text(
        f"Incident #{directory.incidents[0]['incident_number']} created"
    )


def test_enter_in_a_field_leads_to_the_button_and_sends_nothing(go: Go, directory: Sandbox) -> None:
    page = go(url_of(directory, "&title=Card+payments+fail"))
    page.locator("#control_title").press("Enter")
    expect(page.locator("#submit")).to_be_focused()
    page.get_by_role("radio", name="High").press("Enter")
    expect(page.locator("#submit")).to_be_focused()
    assert "/incidents/new/" in page.url
    assert directory.incidents == []


def test_keys_find_the_search_and_the_help(portal: Page) -> None:
    portal.get_by_role("heading", level=1).click()
    portal.keyboard.press("/")
    expect(portal.locator("#control_service")).to_be_focused()
    portal.keyboard.type("a/b?")
    expect(portal.locator("#control_service")).to_have_value("a/b?")
    portal.keyboard.press("Escape")
    portal.get_by_role("heading", level=1).click()
    portal.keyboard.press("?")
    expect(portal.get_by_role("dialog", name="Keyboard")).to_be_visible()
    portal.keyboard.press("Escape")
    expect(portal.get_by_role("dialog", name="Keyboard")).to_be_hidden()


def test_a_policy_blocks_the_assignee_and_the_way_back(portal: Page) -> None:
    portal.locator("#more > summary").click()
    pick(portal, "Escalation policy", "network")
    expect(portal.locator("#control_assignees")).to_be_disabled()
    expect(portal.locator("#blocked_assignees span")).to_have_text("Blocked: you chose an escalation policy.")
    portal.get_by_role("button", name="Clear the policy").click()
    expect(portal.locator("#control_assignees")).to_be_enabled()
    expect(portal.locator("#control_assignees")).to_be_focused()
    expect(portal.locator("#control_escalation_policy")).to_have_value("")
    expect(portal.locator("#blocked_assignees")).to_have_text("")


def test_an_assignee_blocks_the_policy_and_the_way_back(portal: Page) -> None:
    portal.locator("#more > summary").click()
    pick(portal, "Assignee", "ada byron")
    expect(portal.locator("#control_escalation_policy")).to_be_disabled()
    expect(portal.locator("#blocked_escalation_policy span")).to_have_text("Blocked: you chose an assignee.")
    portal.get_by_role("button", name="Clear the assignee").click()
    expect(portal.locator("#control_escalation_policy")).to_be_enabled()
    expect(portal.locator("#control_escalation_policy")).to_be_focused()
    expect(portal.locator("#control_assignees")).to_have_value("")


def test_the_request_follows_the_form(portal: Page, directory: Sandbox) -> None:
    portal.context.grant_permissions(["clipboard-read", "clipboard-write"])
    portal.locator("#request > summary").click()
    portal.locator("#control_title").fill("Card payments fail")
    pick(portal, "Service", "checkout api")
    portal.get_by_role("radio", name="High").check()
    service = directory.account.named("services", "Checkout API")["id"]
    expect(portal.locator("#request-json")).to_contain_text('"urgency": "high"')
    portal.get_by_role("button", name="Copy JSON").click()
    expect(portal.get_by_role("button", name="Copied")).to_be_visible()
    incident = json.loads(portal.evaluate("navigator.clipboard.readText()"))["incident"]
    assert incident.pop("incident_key").startswith("portal-")
    assert incident == {
        "type": "incident",
        "title": "Card payments fail",
        "service": {"id": service, "type": "service_reference"},
        "urgency": "high",
    }
    expect(portal.locator("#side .headers")).to_contain_text("ada@example.com")
    link = portal.locator("#request-link").text_content() or ""
    assert link.endswith(f"/incidents/new/?title=Card+payments+fail&service={service}&urgency=high")


def test_a_link_fills_in_and_is_explained_at_once(go: Go, directory: Sandbox) -> None:
    page = go(url_of(directory, "&title=Card+payments+fail&urgency=low"))
    expect(page.locator("#control_service")).to_have_value("Checkout API")
    expect(page.locator("#feedback_service")).to_have_text("Its escalation policy: Payments.")
    expect(page.get_by_role("radio", name="Low")).to_be_checked()
    expect(page.locator("#verdict")).to_contain_text("Low urgency: José Álvarez is notified quietly")
    assert directory.incidents == []


def test_errors_are_at_their_fields_and_above(portal: Page, console: list[str], directory: Sandbox) -> None:
    portal.locator("#control_details").fill("Since 14:02.")
    portal.locator("#submit").click()
    expect(portal.locator("#summary")).to_be_focused()
    expect(portal.locator("#summary li")).to_have_text([re.compile("^Title: Write a title"), re.compile("^Service: ")])
    expect(portal.locator("#control_title")).to_have_attribute("aria-invalid", "true")
    expect(portal.locator("#control_details")).to_have_value("Since 14:02.")
    portal.locator("#summary").get_by_role("link", name="Service").click()
    expect(portal.locator("#control_service")).to_be_focused()
    portal.locator("#control_title").fill("Card payments fail")
    expect(portal.locator("#feedback_title")).to_have_text("")
    expect(portal.locator("#control_title")).not_to_have_attribute("aria-invalid", "true")
    pick(portal, "Service", "checkout api")
    send(portal)
    assert len(directory.incidents) == 1
    assert console == [UNPROCESSABLE]
    console.clear()


def test_feedback_moves_nothing(portal: Page) -> None:
    """The button and every field stay where they were when hints, the path and the verdict arrive."""
    portal.set_viewport_size({"width": 1280, "height": 900})
    portal.locator("#control_title").fill("Card payments fail")
    places = "[...document.querySelectorAll('.form-main .field')].map((field) => [field.id, field.offsetTop])"
    before = portal.evaluate(places)
    pick(portal, "Service", "checkout api")
    expect(portal.locator("#feedback_urgency")).to_contain_text("The service decides: high urgency.")
    expect(portal.locator("#verdict")).to_contain_text("Pages José Álvarez now.")
    assert portal.evaluate(places) == before
    portal.get_by_role("radio", name="P1").check()
    expect(portal.get_by_text("Critical: customers cannot buy")).to_be_visible()
    assert portal.evaluate(places) == before


def test_verdict_and_button_stay_while_the_column_beside_them_scrolls(go: Go, directory: Sandbox) -> None:
    page = go(url_of(directory, "&title=Card+payments+fail"))
    page.set_viewport_size({"width": 1280, "height": 700})
    page.locator("#request > summary").click()
    page.evaluate("document.querySelector('.form-side').scrollTo(0, 9999)")
    page.evaluate("scrollTo(0, 9999)")
    expect(page.locator("#verdict")).to_be_in_viewport(ratio=1)
    expect(page.locator("#submit")).to_be_in_viewport(ratio=1)
    assert page.evaluate("document.querySelector('.form-side').scrollTop > 200")


def test_what_is_unusual_is_confirmed_before_it_is_sent(go: Go, directory: Sandbox) -> None:
    chloe = directory.account.named("users", "Chloé Bergeron")["id"]
    page = go(url_of(directory, f"&title=Card+payments+fail&assignees={chloe}"))
    expect(page.locator("#submit")).to_have_text("Page Chloé Bergeron")
    page.locator("#submit").click()
    confirmation = page.get_by_role("checkbox", name="Chloé Bergeron is not on call in Payments now")
    expect(confirmation).to_be_focused()
    assert directory.incidents == []
    page.keyboard.press("Space")
    send(page)
    assert [item["assignee"]["summary"] for item in directory.incidents[0]["assignments"]] == ["Chloé Bergeron"]


def test_a_disabled_service_takes_the_button_away(go: Go, directory: Sandbox) -> None:
    legacy = directory.account.named("services", "Legacy SOAP Bridge")["id"]
    page = go(f"/incidents/new/?title=Down&service={legacy}")
    expect(page.locator("#submit")).to_be_disabled()
    expect(page.locator("#verdict")).to_contain_text("This service is disabled in PagerDuty: it creates no incidents.")
    page.locator("#control_title").press("Control+Enter")
    expect(page.locator("#review")).to_be_focused()


def test_the_report_becomes_a_note_without_leaving_the_form(go: Go, directory: Sandbox) -> None:
    page = go(url_of(directory, "&title=Card+payments+fail"))
    send(page)
    go(url_of(directory, "&title=Cards+fail+in+Berlin+too"))
    page.get_by_role("button", name=re.compile("Add my report as a note to #")).click()
    expect(page.locator(".radar")).to_contain_text("Added as a note. No new incident was created")
    expect(page.locator("#noted")).to_contain_text("The button below creates another one.")
    expect(page.locator("#control_title")).to_have_value("Cards fail in Berlin too")
    notes = [note["content"] for notes in directory.notes.values() for note in notes]
    assert notes == ["Cards fail in Berlin too"]
    assert len(directory.incidents) == 1


def test_a_rehearsal_pages_nobody(go: Go, directory: Sandbox, settings: object) -> None:
    with Sandbox(rehearsal=True) as rehearsal:
        settings.REHEARSAL_API_URL = rehearsal.url  # type: ignore[attr-defined]
        page = go(url_of(directory, "&title=Card+payments+fail"))
        page.locator("#request > summary").click()
        page.get_by_role("button", name="Rehearse").click()
        expect(page.locator("#rehearsal")).to_contain_text("This was a rehearsal. Nobody was paged.")
        expect(page.locator("#rehearsal .request-line")).to_have_text("201 Created")
    assert "/incidents/new/" in page.url
    assert directory.incidents == []
