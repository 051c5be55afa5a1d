"""What people and networks do at the worst moment: nothing is sent twice, and nothing typed is lost."""

import re
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import OperationalError
from playwright.sync_api import Page, expect

from incidentportal.incidents.models import Draft, Submission
from incidentportal.pagerduty.shared_state import LOOK_UPS, learn
from sandbox import Fault, Sandbox
from tests.browser.conftest import Go, pick, send, url_of
from tests.conftest import PASSWORD
from tests.incidents.test_delivery import settled


def log_in(page: Page) -> None:
    page.get_by_label("User name or e-mail").fill("ada@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()


def test_a_double_click_is_one_incident(go: Go, directory: Sandbox) -> None:
    page = go(url_of(directory, "&title=Card+payments+fail"))
    page.locator("#submit").dblclick()
    page.wait_for_url("**/incidents/*-*-*-*-*/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("created")
    assert (len(directory.incidents), Submission.objects.count()) == (1, 1)


def test_the_button_says_that_it_is_sending(go: Go, directory: Sandbox) -> None:
    page = go(url_of(directory, "&title=Card+payments+fail"))
    page.evaluate(
        """new MutationObserver(() => sessionStorage.setItem('seen', document.getElementById('submit').innerText
        + document.getElementById('submit').getAttribute('aria-disabled')))
        .observe(document.getElementById('submit'), {subtree: true, childList: true, attributes: true})"""
    )
    send(page)
    assert page.evaluate("sessionStorage.getItem('seen')") == "Sending…true"


def test_feedback_that_arrives_while_sending_leaves_the_button_alone(go: Go, directory: Sandbox) -> None:
    page = go(url_of(directory, "&title=Card+payments+fail"))
    page.evaluate("addEventListener('submit', (event) => event.preventDefault())")  # as if the answer took for ever
    page.locator("#submit").click()
    with page.expect_response("**/incidents/new/outlook/") as answer:
        page.locator("#control_title").fill("Card payments fail, cash as well")
    answer.value.finished()
    expect(page.locator("#side")).to_contain_text("cash as well")
    expect(page.locator("#submit")).to_have_text("Sending…")
    assert directory.incidents == []


def test_back_and_again_leads_to_the_same_receipt(go: Go, directory: Sandbox) -> None:
    page = go("/incidents/new/")
    page.locator("#control_title").fill("Card payments fail")
    pick(page, "Service", "checkout api")
    expect(page.locator("#verdict")).to_contain_text("Pages José Álvarez now.")
    receipt = send(page)
    page.go_back()
    expect(page.locator("#control_title")).to_have_value("Card payments fail")
    expect(page.locator("#control_service")).to_have_value("Checkout API")
    expect(page.locator("#submit")).to_have_text("Page José Álvarez")
    assert send(page) == receipt
    assert (len(directory.incidents), Submission.objects.count()) == (1, 1)


def test_a_reload_is_the_same_form(go: Go, directory: Sandbox) -> None:
    page = go("/incidents/new/")
    page.locator("#control_title").fill("Card payments fail")
    pick(page, "Service", "checkout api")
    page.get_by_role("radio", name="Low").check()
    page.locator("#control_details").fill("Since 14:02")
    key = page.locator("[name=form_key]").input_value()
    expect(page.locator("#draft")).to_contain_text("Draft saved")
    page.reload()
    expect(page.locator("#control_title")).to_have_value("Card payments fail")
    expect(page.locator("#control_service")).to_have_value("Checkout API")
    expect(page.locator("#control_details")).to_have_value("Since 14:02")
    expect(page.get_by_role("radio", name="Low")).to_be_checked()
    expect(page.locator("#verdict")).to_contain_text("Low urgency: José Álvarez is notified quietly")
    assert page.locator("[name=form_key]").input_value() == key
    go("/incidents/new/")
    expect(page.locator("#control_title")).to_have_value("")
    assert page.locator("[name=form_key]").input_value() != key


def test_back_and_other_words_are_not_sent_silently(go: Go, directory: Sandbox, console: list[str]) -> None:
    page = go(url_of(directory, "&title=Card+payments+fail"))
    send(page)
    page.go_back()
    page.locator("#control_title").fill("Card payments fail, cash as well")
    page.locator("#submit").click()
    expect(page.locator("#summary")).to_contain_text("This form was already submitted as “Card payments fail”")
    expect(page.locator("#control_title")).to_have_value("Card payments fail, cash as well")
    assert len(directory.incidents) == 1
    send(page)
    assert [incident["title"] for incident in directory.incidents] == [
        "Card payments fail",
        "Card payments fail, cash as well",
    ]
    assert console == ["Failed to load resource: the server responded with a status of 409 (Conflict)"]
    console.clear()


def test_an_expired_log_in_keeps_the_text(go: Go, directory: Sandbox) -> None:
    page = go("/incidents/new/")
    Session.objects.all().delete()
    page.locator("#control_title").fill("Card payments fail")
    expect(page.locator("#problem")).to_contain_text("You were logged out. Nothing was sent.")
    page.wait_for_load_state("networkidle")  # the draft's answer and the check's each draw the sentence
    with page.expect_popup() as popup:
        page.get_by_role("link", name="Log in in a new tab").click()
    log_in(popup.value)
    expect(popup.value.get_by_role("heading", name="New incident")).to_be_visible()
    popup.value.close()
    pick(page, "Service", "checkout api")
    expect(page.locator("#feedback_service")).to_have_text("Its escalation policy: Payments.")
    expect(page.locator("#problem")).to_have_text("")
    send(page)
    assert [incident["title"] for incident in directory.incidents] == ["Card payments fail"]


def test_a_look_up_after_an_expired_log_in_says_so(portal: Page) -> None:
    portal.evaluate("document.getElementById('draft').remove()")  # its own answer would say the same
    Session.objects.all().delete()
    portal.locator("#control_service").press_sequentially("check")
    expect(portal.locator("#problem")).to_contain_text("You were logged out. Nothing was sent.")
    expect(portal.locator("#control_service")).to_have_value("check")


def test_sending_after_an_expired_log_in_comes_back_to_the_text(go: Go, directory: Sandbox) -> None:
    page = go(url_of(directory, "&title=Card+payments+fail"))
    Session.objects.all().delete()
    page.locator("#submit").click()
    log_in(page)
    expect(page.locator("#unsent")).to_contain_text("nothing was sent")
    expect(page.locator("#control_title")).to_have_value("Card payments fail")
    expect(page.locator("#control_service")).to_have_value("Checkout API")
    assert directory.incidents == []


def test_a_draft_is_offered_on_return_and_can_be_thrown_away(go: Go) -> None:
    page = go("/incidents/new/")
    page.locator("#control_title").fill("Card payments fail")
    expect(page.locator("#draft")).to_have_text(re.compile("Draft saved "))
    page = go("/incidents/new/")
    expect(page.locator("#drafts")).to_contain_text("You were writing Card payments fail at ")
    page.get_by_role("link", name="Continue").click()
    expect(page.locator("#control_title")).to_have_value("Card payments fail")
    expect(page.locator("#feedback_service")).to_have_text("")
    page.get_by_role("button", name="Discard").click()
    expect(page.locator("#control_title")).to_have_value("")
    expect(page.locator("#drafts")).to_have_count(0)
    assert Draft.objects.count() == 0


def test_leaving_the_page_saves_what_was_just_typed(go: Go) -> None:
    page = go("/incidents/new/")
    page.locator("#control_title").fill("Card payments fail")
    go("/incidents/")
    while not Draft.objects.exists():  # it is sent beside the page that comes next
        time.sleep(0.02)
    go("/incidents/new/")
    expect(page.locator("#drafts")).to_contain_text("You were writing Card payments fail at ")
    assert Draft.objects.count() == 1


def test_sending_leaves_no_draft(go: Go, directory: Sandbox) -> None:
    page = go(url_of(directory))
    page.locator("#control_title").fill("Card payments fail")
    send(page)
    go("/incidents/new/")
    expect(page.locator("#drafts")).to_have_count(0)
    assert Draft.objects.count() == 0


def test_a_sent_form_that_is_changed_is_kept_and_asks_before_it_is_sent_again(
    go: Go, directory: Sandbox, console: list[str]
) -> None:
    page = go(url_of(directory, "&title=Card+payments+fail"))
    send(page)
    page.go_back()
    with page.expect_response("**/draft/"):
        page.locator("#control_details").fill("Three more customers.")
    assert Draft.objects.get().answers["details"] == ["Three more customers."]
    page.locator("#submit").click()
    expect(page.locator("#summary")).to_contain_text("This form was already submitted")
    assert len(directory.incidents) == 1
    console.clear()  # the 409 that says so
    send(page)
    assert (len(directory.incidents), Draft.objects.count()) == (2, 0)


def test_a_portal_that_does_not_answer_is_said_until_it_does(portal: Page, console: list[str]) -> None:
    portal.route("**/check/title/", lambda route: route.abort())
    portal.route("**/draft/", lambda route: route.abort())
    portal.locator("#control_title").fill("Card payments fail")
    expect(portal.locator("#problem")).to_contain_text("The portal isn’t responding.")
    portal.unroute_all()
    portal.locator("#control_title").press_sequentially(" today")
    expect(portal.locator("#problem")).to_have_text("")
    expect(portal.locator("#control_title")).to_have_value("Card payments fail today")
    assert {line for line in console if "ERR_FAILED" not in line and "htmx:" not in line} == set()
    console.clear()


def test_a_pending_submission_counts_and_then_tells(go: Go, directory: Sandbox) -> None:
    from incidentportal.incidents.delivery import deliver_due

    directory.faults.append(Fault("502"))
    page = go(url_of(directory, "&title=Card+payments+fail"))
    send(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Not confirmed yet")
    expect(page.locator(".counting")).to_contain_text("1 attempt")
    expect(page.locator(".counting")).to_contain_text(re.compile(r"UTC [1-9]\d* seconds? ago\."))
    expect(page.get_by_role("button", name="Copy the text")).to_be_visible()
    page.locator("#attempts > summary").click()
    expect(page.locator("#attempts td .tag")).to_have_text("unavailable")
    settled()
    Submission.objects.update(next_attempt_at=Submission.objects.get().created_at)
    deliver_due()
    expect(page.get_by_role("heading", level=1)).to_have_text(
        f"Incident #{directory.incidents[0]['incident_number']} created"
    )
    expect(page.locator("#attempts td .tag")).to_have_text(["unavailable", "created"])
    assert page.locator("#attempts").get_attribute("open") is not None
    expect(page.locator("#announcer")).to_contain_text("Nobody has picked it up yet.")
    number = directory.incidents[0]["incident_number"]
    expect(page).to_have_title(f"#{number} created: Card payments fail · Incident Portal")


def test_the_form_says_when_pagerduty_goes_away_and_when_it_is_back(portal: Page) -> None:
    for _ in range(2):
        learn(503, {}, LOOK_UPS)
    portal.locator("#control_title").fill("Card payments fail")
    expect(portal.locator("#access")).to_contain_text("PagerDuty has not answered since")
    learn(200, {}, LOOK_UPS)
    portal.locator("#control_title").fill("Card payments fail today")
    expect(portal.locator("#access .notice")).to_have_count(0)


def test_an_incident_that_paged_nobody_is_no_success(go: Go, directory: Sandbox, settings: Any) -> None:
    settings.EMERGENCY_CONTACT = "Night desk, +1 415 555 0100"
    page = go(url_of(directory, "&title=Card+payments+fail"))
    send(page)
    directory.incidents[0]["assignments"] = []
    cache.clear()
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("#1 created, but nobody has been paged")
    expect(page.locator("#status")).to_have_class(re.compile("receipt-warning"))
    expect(page.locator(".emergency a")).to_have_attribute("href", "tel:+14155550100")


def test_a_cancellation_that_came_too_late_is_said(go: Go, directory: Sandbox) -> None:
    page = go(url_of(directory, "&title=Card+payments+fail"))
    send(page)
    Submission.objects.update(cancel_asked_at=Submission.objects.get().created_at)
    page.reload()
    expect(page.locator("#too-late")).to_have_text(
        "Your cancellation came too late: PagerDuty had already received it, and paged José Álvarez. Resolve it there."
    )


def test_pagerduty_goes_away_while_the_form_is_in_use(go: Go, directory: Sandbox, settings: Any) -> None:
    settings.EMERGENCY_CONTACT = "Night desk, +1 415 555 0100"
    page = go("/incidents/new/")
    directory.faults = [Fault("drop before", "*") for _ in range(50)]
    page.locator("#control_title").fill("Card payments fail")
    pick(page, "Service", "checkout api")
    expect(page.locator("#verdict")).to_contain_text("Who is on call now is unknown")
    expect(page.locator("#submit")).to_have_text("Page whoever is on call")
    send(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Not confirmed yet")
    expect(page.locator(".emergency")).to_contain_text("Night desk, +1 415 555 0100")
    go("/incidents/new/")
    expect(page.locator("main")).to_contain_text("PagerDuty has not answered since")
    assert directory.incidents == []


def test_a_pending_submission_is_cancelled_by_its_author(go: Go, directory: Sandbox) -> None:
    directory.faults.append(Fault("502"))
    page = go(url_of(directory, "&title=Card+payments+fail"))
    send(page)
    page.get_by_role("button", name="Cancel it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("Cancel"))


@pytest.mark.browser_context_args(java_script_enabled=False)
class TestWithoutJavaScript:
    def test_names_are_enough(self, go: Go, directory: Sandbox) -> None:
        page = go("/incidents/new/")
        page.get_by_label("Title").fill("Card payments fail")
        page.get_by_label("Service", exact=True).fill("checkout api")
        page.get_by_role("button", name="Page now").click()
        page.wait_for_url("**/incidents/*-*-*-*-*/")
        assert [incident["service"]["summary"] for incident in directory.incidents] == ["Checkout API"]
        expect(page.get_by_role("heading", level=1)).to_contain_text("created")

    def test_back_and_again_leads_to_the_same_receipt(self, go: Go, directory: Sandbox) -> None:
        go("/incidents/")  # now the browser has its CSRF cookie, as after a log-in
        page = go("/incidents/new/")
        page.get_by_label("Title").fill("Card payments fail")
        page.get_by_label("Service", exact=True).fill("checkout api")
        receipt = send(page)
        page.go_back()
        page.get_by_label("Title").fill("Card payments fail")
        page.get_by_label("Service", exact=True).fill("checkout api")
        assert send(page) == receipt
        assert len(directory.incidents) == 1

    def test_enter_pages_nobody(self, go: Go, directory: Sandbox) -> None:
        page = go(url_of(directory, "&title=Card+payments+fail"))
        page.evaluate("submits = 0; addEventListener('submit', () => submits++)")
        page.get_by_label("Title").press("Enter")
        assert page.evaluate("submits") == 0
        expect(page.get_by_label("Title")).to_have_value("Card payments fail")
        assert (directory.incidents, page.url.split("?")[0][-15:]) == ([], "/incidents/new/")

    def test_a_choice_survives_errors_and_can_be_taken_back(
        self, go: Go, directory: Sandbox, console: list[str]
    ) -> None:
        page = go(url_of(directory))
        chosen = page.get_by_role("checkbox", name="Checkout API")
        expect(chosen).to_be_checked()
        page.locator("#submit").click()
        expect(page.locator("#summary")).to_contain_text("Write a title")
        expect(chosen).to_be_checked()
        page.get_by_label("Title").fill("No news today")
        chosen.uncheck()
        page.get_by_label("Service", exact=True).fill("newsletter")
        page.locator("#submit").click()
        page.wait_for_url("**/incidents/*-*-*-*-*/")
        assert [incident["service"]["summary"] for incident in directory.incidents] == ["Newsletter"]
        console.clear()

    def test_a_name_is_found_in_the_directory(self, go: Go, directory: Sandbox) -> None:
        page = go("/incidents/new/")
        with page.expect_popup() as popup:
            page.locator("#field_service").get_by_role("link", name="Browse").click()
        search = popup.value
        search.get_by_role("searchbox").fill("checkout")
        search.get_by_role("button", name="Search", exact=True).click()
        search.get_by_role("button", name="Star Checkout API").click()
        expect(search.get_by_role("button", name="Star Checkout API")).to_have_attribute("aria-pressed", "true")
        search.get_by_role("link", name="Use Checkout API").click()
        expect(search.get_by_role("checkbox", name="Checkout API")).to_be_checked()
        expect(search.locator("#verdict")).to_contain_text("Pages José Álvarez now.")
        expect(search.get_by_role("button", name="Keyboard")).to_be_hidden()


def fail_of_the_database(*_: Any, **__: Any) -> None:
    raise OperationalError("the connection is lost")


@pytest.fixture
def database_away(monkeypatch: pytest.MonkeyPatch, console: list[str]) -> Iterator[pytest.MonkeyPatch]:
    """Nothing can be stored: no draft and no submission. What the browser says of it is no surprise."""
    with monkeypatch.context() as broken:
        broken.setattr("incidentportal.incidents.views.new.submit", fail_of_the_database)
        broken.setattr("incidentportal.incidents.views.draft.save_draft", fail_of_the_database)
        yield broken
    assert {line for line in console if "503" not in line} == set()
    console.clear()


def test_a_failure_of_the_portal_gives_back_what_was_typed(
    go: Go, directory: Sandbox, database_away: pytest.MonkeyPatch
) -> None:
    page = go(url_of(directory, "&title=Card+payments+fail"))
    page.locator("#control_details").fill("Since 14:02\n<b>three</b> customers")
    page.locator("#submit").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The portal’s database isn’t responding.")
    go("/incidents/new/")
    expect(page.locator("[data-kept]")).to_have_count(0)  # what cannot be kept yet is not offered yet
    database_away.undo()
    go("/incidents/new/")
    expect(page.locator("[data-kept]")).to_have_text("Card payments fail")
    page.get_by_role("link", name="Continue").first.click()
    expect(page.locator("#control_title")).to_have_value("Card payments fail")
    expect(page.locator("#control_service")).to_have_value("Checkout API")
    expect(page.locator("#control_details")).to_have_value("Since 14:02\n<b>three</b> customers")
    assert (Draft.objects.count(), directory.incidents) == (1, [])
    go("/incidents/new/")
    expect(page.locator("#drafts")).to_contain_text("Card payments fail")
    expect(page.locator("[data-kept]")).to_have_count(0)


def test_a_draft_that_could_not_be_saved_outlives_its_tab(
    go: Go, directory: Sandbox, database_away: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.EMERGENCY_CONTACT = "Duty manager"
    page = go("/incidents/new/")
    page.locator("#control_title").fill("Tills freeze")
    expect(page.locator("#problem")).to_contain_text("The portal isn’t responding.")
    expect(page.locator("#problem")).to_contain_text("If it cannot wait: Duty manager")
    page.close(run_before_unload=False)
    database_away.undo()
    other = page.context.new_page()
    other.goto(page.url)
    expect(other.locator("[data-kept]")).to_have_text("Tills freeze")


def test_what_was_sent_is_not_offered_again(go: Go, directory: Sandbox) -> None:
    page = go(url_of(directory, "&title=Card+payments+fail"))
    send(page)
    with page.expect_response("**/incidents/new/draft/") as handed:
        go("/incidents/new/")
    assert handed.value.status == 200
    expect(page.locator("[data-kept]")).to_have_count(0)
    assert Draft.objects.count() == 0


def test_what_somebody_else_typed_is_not_offered(go: Go, directory: Sandbox, database_away: pytest.MonkeyPatch) -> None:
    page = go(url_of(directory, "&title=Card+payments+fail"))
    page.locator("[name=author]").evaluate("field => field.value = '999'")
    page.locator("#submit").click()
    database_away.undo()
    go("/incidents/new/")
    expect(page.get_by_role("heading", name="New incident")).to_be_visible()
    assert (Draft.objects.count(), page.locator("[data-kept]").count()) == (0, 0)


SEEN = "Object.defineProperty(document, 'hidden', { value: %s, configurable: true })"
TURNED = "document.dispatchEvent(new Event('visibilitychange'))"


def test_a_receipt_that_nobody_sees_asks_nothing_and_looks_once_when_it_is_shown(go: Go, directory: Sandbox) -> None:
    page = go(url_of(directory, "&title=Card+payments+fail"))
    address = send(page)
    page.clock.install()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if request.url == f"{address}status/" else None)
    page.reload()
    with page.expect_response("**/status/"):
        page.clock.run_for(5_000)
    page.evaluate(SEEN % "true")
    asked.clear()
    page.clock.run_for(120_000)
    assert asked == []
    with page.expect_response("**/status/") as answer:
        page.evaluate(f"{SEEN % 'false'}; {TURNED}")
    answer.value.finished()
    assert asked == [f"{address}status/"]
    page.evaluate(TURNED)  # seen all the time: nothing was missed
    with page.expect_response("**/status/"):
        page.clock.run_for(5_000)
    assert len(asked) == 2
