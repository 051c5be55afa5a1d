"""The look-up of the form, the page of its own, and stars."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client

from incidentportal.directory.live.oncalls import oncalls_of
from incidentportal.directory.lookup import look_up
from incidentportal.directory.models import EscalationPolicy, Favorite, LastKnown, Person, Service
from sandbox import Sandbox

HTMX = {"HX-Request": "true"}


def row_of(kind: str, name: str, user: Any = None) -> Any:
    return next(row for row in look_up(kind, name, user=user, limit=5).rows if row.label == name)


def test_options_for_the_form_and_a_page_for_a_browser(page_of_ada: Client) -> None:
    options = page_of_ada.get("/directory/services/", {"q": "checkout"}, headers=HTMX)
    assert [row.label for row in options.context["rows"]][0] == "Checkout API"
    assert (options.context["is_page"], options.templates[0].name) == (False, "directory/options.html")
    assert "HX-Request" in options["Vary"]
    page = page_of_ada.get("/directory/services/", {"q": "checkout"})
    assert (page.context["is_page"], page.templates[0].name) == (True, "directory/lookup.html")
    assert page.context["found"].total == options.context["found"].total


@pytest.mark.parametrize("kind", ["services", "escalation-policies", "people"])
def test_no_look_up_asks_pagerduty(page_of_ada: Client, directory: Sandbox, kind: str) -> None:
    for query in ("", "p", "pay me", "zzz", "\x00", "x" * 3000):
        assert page_of_ada.get(f"/directory/{kind}/", {"q": query}, headers=HTMX).status_code == 200
    assert directory.requests == []


@pytest.mark.parametrize("path", ["/directory/priorities/", "/directory/x/", "/directory/services/x/y/"])
def test_other_kinds_do_not_exist(page_of_ada: Client, path: str) -> None:
    assert page_of_ada.get(path).status_code == 404


def test_a_look_up_is_behind_the_log_in_and_only_read(page_of_ada: Client, client: Client) -> None:
    assert page_of_ada.post("/directory/services/").status_code == 405
    client.logout()
    assert client.get("/directory/services/").status_code == 302


def test_names_are_escaped(page_of_ada: Client, directory: Sandbox) -> None:
    Service.objects.filter(name="VPN").update(name="<script>alert(1)</script>")
    for headers in (HTMX, {}):
        answer = page_of_ada.get("/directory/services/", {"q": "vpn"}, headers=headers)
        assert "<script>alert" not in answer.content.decode()


def test_a_service_says_team_policy_and_state(directory: Sandbox) -> None:
    assert row_of("services", "Checkout API").facts == ["Payments", "policy: Payments"]
    disabled = row_of("services", Service.objects.get(status="disabled").name)
    assert (disabled.is_disabled, disabled.disabled_reason) == (
        True,
        "This service is disabled in PagerDuty: it creates no incidents.",
    )
    assert row_of("services", Service.objects.get(status="maintenance").name).facts[-1] == "in maintenance"


@time_machine.travel("2026-11-24T02:12:00Z", tick=False)
def test_a_person_says_clock_job_team_and_address(directory: Sandbox) -> None:
    facts = row_of("people", "Zoë Müller").facts
    assert facts == ["03:12 in Berlin", "Payments Engineer", "Payments", "zoe.muller@example.com"]
    assert row_of("people", "Charlotte Beaumont").facts[-1] == "observer"


def test_a_policy_says_team_and_levels(directory: Sandbox) -> None:
    levels = len(EscalationPolicy.objects.get(name="Payments").rules)
    assert row_of("escalation-policies", "Payments").facts == ["Payments", f"{levels} levels"]


def test_namesakes_are_told_apart_by_their_ids(directory: Sandbox) -> None:
    Service.objects.filter(name="Refunds").update(name="VPN")
    labels = [
        (row.label, row.facts[-1]) for row in look_up("services", "", user=None, limit=100).rows if row.label == "VPN"
    ]
    assert sorted(labels) == sorted(
        ("VPN", pk) for pk in Service.objects.filter(name="VPN").values_list("pk", flat=True)
    )


def test_who_is_on_call_is_shown_where_it_is_known_already(directory: Sandbox) -> None:
    policy = EscalationPolicy.objects.get(name="Payments")
    assert (row_of("services", "Checkout API").oncall, row_of("escalation-policies", "Payments").oncall) == ("", "")
    oncalls = oncalls_of([policy.pk])[policy.pk]
    first = next(row.person_name for row in oncalls.rows if row.level == 1)
    for _ in range(2):
        assert row_of("services", "Checkout API").oncall == f"on call: {first}"
        assert row_of("escalation-policies", "Payments").oncall == f"on call: {first}"
        assert row_of("people", first).oncall == "on call now"
        cache.clear()  # a restart
    LastKnown.objects.update(fetched_at=LastKnown.objects.get().fetched_at - timedelta(hours=13))
    cache.clear()
    assert row_of("services", "Checkout API").oncall == row_of("people", first).oncall == ""


def test_people_who_are_on_call_come_first_where_nothing_is_typed(directory: Sandbox) -> None:
    policies = [policy.pk for policy in EscalationPolicy.objects.filter(name__in=["Payments", "Network"])]
    levels = [row for oncalls in oncalls_of(policies).values() for row in oncalls.rows]
    on_call = {row.person_id for row in levels}
    shown = [row.row.pk for row in look_up("people", "", user=None, limit=40).rows]
    assert set(shown[: len(on_call)]) == on_call
    assert len(shown) == Person.objects.current().count()


def test_a_star_is_one_s_own_and_is_taken_away_again(page_of_ada: Client, ada: User, directory: Sandbox) -> None:
    service = Service.objects.get(name="VPN")
    path = f"/directory/services/{service.pk}/star/"
    answer = page_of_ada.post(path, headers=HTMX)
    assert (answer.context["is_starred"], 'aria-pressed="true"' in answer.content.decode()) == (True, True)
    assert row_of("services", "VPN", ada).is_starred
    assert not row_of("services", "VPN", User.objects.create_user("bob")).is_starred
    answer = page_of_ada.post(path, {"next": "/directory/services/?q=vpn"})
    assert (answer.status_code, answer["Location"]) == (302, "/directory/services/?q=vpn")
    assert not row_of("services", "VPN", ada).is_starred


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""])
def test_a_star_leads_nowhere_else(page_of_ada: Client, directory: Sandbox, back: str) -> None:
    service = Service.objects.get(name="VPN")
    answer = page_of_ada.post(f"/directory/services/{service.pk}/star/", {"next": back})
    assert answer["Location"] == "/directory/services/"


@pytest.mark.parametrize("path", ["/directory/services/PNOTHERE/star/", "/directory/teams/P1/star/"])
def test_what_is_not_there_has_no_star(page_of_ada: Client, path: str) -> None:
    assert page_of_ada.post(path).status_code == 404
    assert not Favorite.objects.exists()


def test_a_star_needs_the_form_s_token(directory: Sandbox, ada: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ada)
    service = Service.objects.get(name="VPN")
    assert strict.post(f"/directory/services/{service.pk}/star/").status_code == 403
    assert strict.get(f"/directory/services/{service.pk}/star/").status_code == 405
