"""The look-up of the form, and the page of its own."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client

from incidentportal.directory.live.oncalls import oncalls_of
from incidentportal.directory.lookup import look_up
from incidentportal.directory.models import KINDS, MIRROR, Alias, EscalationPolicy, LastKnown, Person, Service
from sandbox import Sandbox

HTMX = {"HX-Request": "true"}


def row_of(kind: str, name: str, user: Any = None) -> Any:
    return next(row for row in look_up(kind, name, user=user, limit=5).rows if row.label == name)


def test_options_for_the_form_and_a_page_for_a_browser(page_of_ada: Client) -> None:
    options = page_of_ada.get("/directory/services/", {"q": "checkout"}, headers=HTMX)
    assert options.context["rows"][0].label == "Checkout API"
    assert (options.context["is_page"], options.templates[0].name) == (False, "directory/options.html")
    assert "HX-Request" in options["Vary"]
    page = page_of_ada.get("/directory/services/", {"q": "checkout"})
    assert (page.context["is_page"], page.templates[0].name) == (True, "directory/lookup.html")
    assert page.context["found"].total == options.context["found"].total


@pytest.mark.parametrize("kind", KINDS)
def test_no_look_up_asks_pagerduty(page_of_ada: Client, directory: Sandbox, kind: str) -> None:
    for query in ("", "p", "pay me", "zzz", "\x00", "x" * 3000):
        assert page_of_ada.get(f"/directory/{kind}/", {"q": query}, headers=HTMX).status_code == 200
    assert directory.requests == []


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_has_a_page_with_a_tab_and_finds_its_rows(page_of_ada: Client, kind: str) -> None:
    model = KINDS[kind]
    row = model._default_manager.filter(is_gone=False).first()
    assert row is not None
    page = page_of_ada.get(f"/directory/{kind}/", {"q": row.name}).content.decode()
    assert f"<h1>{model.label_plural()}</h1>" in page
    assert f'<a href="/directory/{kind}/" aria-current="page">{model.label_plural()}</a>' in page
    assert [f'href="/directory/{other}/"' in page for other in KINDS] == [True] * len(KINDS)
    assert f"<code>{row.pk}</code>" in page
    assert (f"/incidents/new/?{model.form_field}={row.pk}" in page) == bool(model.form_field)


@pytest.mark.parametrize("kind", KINDS)
def test_a_row_is_read_with_all_that_is_said_of_it(
    directory: Sandbox, kind: str, django_assert_max_num_queries: Any
) -> None:
    look_up(kind, "", user=None, limit=5)
    with django_assert_max_num_queries(3):  # is the index still current, the rows, who is on call
        assert look_up(kind, "", user=None, limit=5).rows


def test_the_kinds_derive_from_their_models() -> None:
    assert list(KINDS)[:3] == ["services", "escalation-policies", "people"]
    assert {kind for kind, model in MIRROR.items() if model.SHOWN} == set(KINDS)
    assert list(Alias._meta.get_field("kind").choices or []) == [(kind, KINDS[kind].label()) for kind in KINDS]


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
