"""The submission's page: what became of it, in each state, and what can still be done."""

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client
from django.utils.timezone import now

from incidentportal.incidents.delivery import deliver
from incidentportal.incidents.models import State, Submission
from incidentportal.incidents.templatetags.portal import contact, local_time, since
from sandbox import Fault, Sandbox
from tests.conftest import PASSWORD
from tests.incidents.base import least, send
from tests.incidents.test_delivery import QUICK, go_on, settled, stored


def text_of(client: Client, submission: Submission) -> str:
    return " ".join(client.get(submission.get_absolute_url()).content.decode().split())


def test_created(page_of_ada: Client, directory: Sandbox) -> None:
    submission = send(page_of_ada, least(directory, incident_key="till-42", urgency="high"))
    (incident,) = directory.incidents
    page = text_of(page_of_ada, submission)
    for wanted in (
        f"#{incident['incident_number']}",
        incident["html_url"],
        incident["assignments"][0]["assignee"]["summary"],
        "till-42",
    ):
        assert wanted in page
    receipt = page_of_ada.get(submission.get_absolute_url()).context["receipt"]
    assert (receipt.status, receipt.urgency, receipt.picked_up_by, receipt.is_watched) == (
        "triggered",
        "high",
        "",
        True,
    )


def test_the_receipt_shows_that_somebody_picked_it_up(page_of_ada: Client, directory: Sandbox) -> None:
    submission = send(page_of_ada, least(directory))
    (incident,) = directory.incidents
    who = incident["assignments"][0]["assignee"]
    incident["status"] = "acknowledged"
    incident["acknowledgements"] = [{"at": "2026-11-24T03:12:00Z", "acknowledger": who}]
    cache.clear()
    receipt = page_of_ada.get(submission.get_absolute_url()).context["receipt"]
    assert (receipt.status, receipt.picked_up_by) == ("acknowledged", who["summary"])
    assert receipt.picked_up_at.isoformat() == "2026-11-24T03:12:00+00:00"
    at = '<time datetime="2026-11-24T03:12:00+00:00" data-local="">03:12 UTC</time>'
    assert f"Picked up by <bdi>{who['summary']}</bdi> at {at}." in text_of(page_of_ada, submission)


def test_the_receipt_stands_while_pagerduty_is_away(page_of_ada: Client, directory: Sandbox) -> None:
    submission = send(page_of_ada, least(directory))
    cache.clear()
    directory.faults = [Fault("502", call="*")]
    answer = page_of_ada.get(submission.get_absolute_url())
    assert answer.status_code == 200
    assert answer.context["receipt"].status == "triggered"
    assert "502" in answer.context["receipt"].problem


def test_pending_counts_the_attempts_and_goes_on_by_itself(page_of_ada: Client, directory: Sandbox) -> None:
    directory.faults = [Fault("500", call="POST /incidents")]
    submission = send(page_of_ada, least(directory))
    assert submission.state == State.PENDING
    page = text_of(page_of_ada, submission)
    assert f"/incidents/{submission.pk}/status/" in page
    assert "status 500" in page
    settled()
    go_on(submission)
    part = page_of_ada.get(f"/incidents/{submission.pk}/status/").content.decode()
    assert f"#{directory.incidents[0]['incident_number']}" in part
    assert "<html" not in part


def test_expired_says_that_no_incident_was_created_and_what_to_do(
    page_of_ada: Client, directory: Sandbox, ada: User, settings: Any
) -> None:
    settings.EMERGENCY_CONTACT = "Duty manager: +1 415-555-1212"
    submission = stored(ada, details="Since 14:02 <b>")
    Submission.objects.update(expires_at=now() - timedelta(seconds=1))
    deliver(submission, limits=QUICK)
    page = text_of(page_of_ada, submission)
    assert "Expired. No incident was created." in page
    assert 'Duty manager: <a href="tel:+14155551212">+1 415-555-1212</a>' in page
    assert "Since 14:02 &lt;b&gt;" in page
    assert f"/incidents/new/?again={submission.pk}" in page


def test_try_again_opens_the_form_as_it_was(page_of_ada: Client, directory: Sandbox, ada: User) -> None:
    submission = stored(ada, details="kept text", urgency="low")
    Submission.objects.update(state=State.EXPIRED)
    form = page_of_ada.get("/incidents/new/", {"again": str(submission.pk)}).context["form"]
    assert (form["title"].value(), form["details"].value(), form["urgency"].value()) == (
        "Card payments fail",
        "kept text",
        "low",
    )
    assert str(form["form_key"].value()) != str(submission.form_key)
    assert form.errors == {}


@pytest.mark.parametrize("again", ["nonsense", "00000000-0000-0000-0000-000000000000", "\x00"])
def test_again_with_anything_else_is_not_found(page_of_ada: Client, directory: Sandbox, again: str) -> None:
    assert page_of_ada.get("/incidents/new/", {"again": again}).status_code == 404


def test_an_open_incident_under_the_key_offers_what_to_do(page_of_ada: Client, directory: Sandbox) -> None:
    first = send(page_of_ada, least(directory, incident_key="till-42"))
    second = send(page_of_ada, least(directory, incident_key="till-42"))
    assert (first.state, second.state, len(directory.incidents)) == ("created", "rejected", 1)
    page = text_of(page_of_ada, second)
    assert f"#{directory.incidents[0]['incident_number']}" in page
    assert "Ada Byron" in page
    assert f"/incidents/new/note/{directory.incidents[0]['id']}/" in page
    other = page_of_ada.get("/incidents/new/", {"again": str(second.pk), "key": "new"}).context["form"]
    assert (other["incident_key"].value(), other.errors) == (None, {})


def test_a_refused_token_says_that_the_access_is_broken_and_whom_to_call(
    page_of_ada: Client, directory: Sandbox, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.EMERGENCY_CONTACT = "Duty manager: +1 415-555-1212"
    directory.faults = [Fault("401", call="POST /incidents")]
    answer = page_of_ada.post("/incidents/new/", least(directory, details="kept text"), follow=True)
    page = answer.content.decode()
    assert "refused the portal&#x27;s access token" in page
    assert 'Duty manager: <a href="tel:+14155551212">+1 415-555-1212</a>' in page
    assert "kept text" in page
    assert [record.levelname for record in caplog.records if "rejected" in record.message] == ["ERROR"]


def test_what_only_an_operator_can_fix_says_whom_to_call(
    page_of_ada: Client, directory: Sandbox, settings: Any
) -> None:
    settings.EMERGENCY_CONTACT = "Duty manager: +1 415-555-1212"
    directory.faults = [Fault("403", call="POST /incidents")]
    page = page_of_ada.post("/incidents/new/", least(directory), follow=True).context["form"].non_field_errors()
    assert page[1] == "You cannot fix this yourself. To reach somebody now: Duty manager: +1 415-555-1212"


def test_numbers_of_a_contact_can_be_tapped() -> None:
    shown = contact("Duty <b>manager</b>: +1 415-555-1212, room 7")
    assert shown == ('Duty &lt;b&gt;manager&lt;/b&gt;: <a href="tel:+14155551212">+1 415-555-1212</a>, room 7')


def test_times_are_in_utc_until_the_browser_shows_its_own() -> None:
    at = datetime(2026, 11, 4, 3, 2, 1, tzinfo=timezone(timedelta(hours=2)))
    shown = {shape: local_time(at, shape) for shape in ("", "seconds", "full")}
    start = '<time datetime="2026-11-04T01:02:01+00:00" data-local='
    assert shown == {
        "": f'{start}"">01:02 UTC</time>',
        "seconds": f'{start}"seconds">01:02:01 UTC</time>',
        "full": f'{start}"full">4 Nov 2026, 01:02:01 UTC</time>',
    }


@pytest.mark.parametrize("age", [1, 60, 3 * 3600 + 90])
def test_an_age_is_in_seconds_at_first(age: int) -> None:
    at = now() - timedelta(seconds=age)
    shown = since(at)
    seconds = int(shown.split('data-since="')[1].split('"')[0])  # on a busy machine it is a little more
    wanted = "3\xa0hours, 1\xa0minute" if age > 120 else "1 second" if seconds == 1 else f"{seconds} seconds"
    assert seconds >= age
    assert shown == (
        f'<span class="visually-hidden">at {at:%H:%M:%S} UTC</span>'
        f' <time datetime="{at.isoformat()}" data-since="{seconds}" aria-hidden="true">{wanted} ago</time>'
    )


def test_cancel_is_for_the_author(page_of_ada: Client, directory: Sandbox, ada: User) -> None:
    submission = stored(ada)
    other = Client()
    other.force_login(User.objects.create_user("other", directory.account.users[3]["email"], PASSWORD))
    assert other.post(f"/incidents/{submission.pk}/cancel/").status_code == 404
    assert other.get(f"/incidents/{submission.pk}/").status_code == 200
    answer = page_of_ada.post(f"/incidents/{submission.pk}/cancel/")
    submission.refresh_from_db()
    assert (answer["Location"], submission.state) == (submission.get_absolute_url(), "cancelled")
    assert "Cancelled. No incident was created." in text_of(page_of_ada, submission)


def test_cancelling_what_was_decided_changes_nothing(page_of_ada: Client, directory: Sandbox) -> None:
    submission = send(page_of_ada, least(directory))
    page_of_ada.post(f"/incidents/{submission.pk}/cancel/")
    submission.refresh_from_db()
    assert (submission.state, submission.cancel_asked_at) == ("created", None)


def test_a_link_that_is_not_a_web_address_is_not_shown(page_of_ada: Client, directory: Sandbox) -> None:
    submission = send(page_of_ada, least(directory))
    Submission.objects.update(incident={**submission.incident, "html_url": "javascript:alert(1)"})
    assert "javascript:" not in text_of(page_of_ada, submission)


def test_an_unknown_submission_is_not_found(page_of_ada: Client, directory: Sandbox) -> None:
    assert page_of_ada.get("/incidents/00000000-0000-0000-0000-000000000000/").status_code == 404
