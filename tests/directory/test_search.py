"""Search as people do it: examples that a person would agree with, for the company of the sandbox."""

from typing import Any

import pytest
from django.contrib.auth.models import User

from incidentportal.directory.lookup import search
from incidentportal.directory.models import Alias, EscalationPolicy, Favorite, Person, Service, Sync
from incidentportal.directory.sync.mirror import write_one
from sandbox import Sandbox
from tests.directory.conftest import synced


def names(kind: str, query: str, **options: Any) -> list[str]:
    return [row.name for row in search(kind, query, **options).rows]


FIRST = [
    ("vpn", "VPN"),
    ("VPN", "VPN"),
    ("search", "Search"),
    ("log search", "Log Search"),
    ("check api", "Checkout API"),
    ("api check", "Checkout API"),
    ("login", "Identity Provider (login)"),
    ("single sign-on", "Identity Provider (login)"),
    ("wifi", "Office Wi-Fi"),
    ("wi-fi", "Office Wi-Fi"),
    ("office-wi-fi", "Office Wi-Fi"),
    ("k8s prod", "Kubernetes Production"),
    ("postgres", "PostgreSQL"),
    ("name servers", "DNS"),
    ("shop.example.com", "Web Shop"),
    ("the thing behind the card payments", "Payments Gateway"),
    ("card payments", "Payments Gateway"),
    ("vpn is down", "VPN"),
    ("I can't send any newsletter!", "Newsletter"),
    ("problem with the status page", "Status Page"),
    ("refuns", "Refunds"),
    ("chekcout api", "Checkout API"),
    ("invocing", "Invoicing"),
    ("certifcates", "Certificates"),
    ("warehose manag", "Warehouse Management"),
    ("ubernetes staging", "Kubernetes Staging"),
    ("fraud qqqqq", "Fraud Detection"),
    ("hotline telephone zzz", "Telephone System"),
]


@pytest.mark.parametrize(("query", "name"), FIRST)
def test_what_comes_first(directory: Sandbox, query: str, name: str) -> None:
    if query in {"wifi", "k8s prod"}:
        Alias.objects.create(kind="services", target_id=Service.objects.get(name=name).pk, words="wifi k8s")
    assert names("services", query)[0] == name


PEOPLE = [
    ("muller", ["Zoë Müller"]),
    ("MÜLLER", ["Zoë Müller"]),
    ("zoe mul", ["Zoë Müller"]),
    ("lukasz", ["Łukasz Wójcik"]),
    ("soren angstrom", ["Søren Ångström"]),
    ("nguyen", ["Nguyễn Thị Mai"]),
    ("李伟", ["李伟 Li Wei"]),
    ("иванова", ["Ольга Иванова"]),
    ("o'brien", ["Thomas O'Brien"]),
    ("obrien", ["Thomas O'Brien"]),
    ("ada@example.com", ["Ada Byron"]),
    ("ada@exmaple.com", ["Ada Byron"]),
    ("payments lead", ["Grace Okafor"]),
    ("weiss", ["Hannah Weiß"]),
    ("byorn", ["Ada Byron"]),
]


@pytest.mark.parametrize(("query", "found"), PEOPLE)
def test_people_are_found_as_their_names_are_typed(directory: Sandbox, query: str, found: list[str]) -> None:
    assert names("people", query) == found


def test_policies_are_found_by_the_same_rules(directory: Sandbox) -> None:
    assert names("escalation-policies", "paym") == ["Payments"]
    assert search("escalation-policies", "").total == EscalationPolicy.objects.current().count()


def test_every_word_must_be_there_and_the_total_is_told(directory: Sandbox) -> None:
    found = search("services", "payments", limit=3)
    assert len(found.rows) == 3
    assert found.total == sum(
        "payments" in f"{row.name} {row.description} {row.team_names}".lower() for row in Service.objects.all()
    )
    assert search("services", "payments gateway").total == 1


def test_the_beginnings_of_words_of_a_name_come_before_the_rest_and_then_the_alphabet(directory: Sandbox) -> None:
    found = names("services", "pay")
    begun = [name for name in found if any(word.lower().startswith("pay") for word in name.split())]
    assert found == sorted(begun, key=str.lower) + sorted(set(found) - set(begun), key=str.lower)
    assert begun == ["Payments Gateway", "PayPal and Wallets"]


def test_what_this_person_starred_then_used_comes_first_among_equals(directory: Sandbox, ada: User) -> None:
    by_name = {row.name: row for row in Service.objects.all()}
    usual = names("services", "pay", user=ada)
    Favorite.objects.remember_use(ada, [by_name["Refunds"]])
    Favorite.objects.remember_use(ada, [by_name["Tax Calculator"]])
    Favorite.objects.toggle_star(ada, by_name["Gift Cards"])
    remaining = [name for name in usual[2:] if name not in {"Gift Cards", "Tax Calculator", "Refunds"}]
    assert names("services", "pay", user=ada) == [*usual[:2], "Gift Cards", "Tax Calculator", "Refunds", *remaining]
    assert names("services", "", user=ada)[:3] == ["Gift Cards", "Tax Calculator", "Refunds"]
    assert names("services", "pay") == usual
    Favorite.objects.toggle_star(ada, by_name["Gift Cards"])
    assert names("services", "", user=ada)[0] == "Tax Calculator"


def test_how_a_query_was_read_is_said(directory: Sandbox) -> None:
    assert search("services", "card paym").note == ""
    filler = search("services", "vpn is down")
    assert filler.note == "Nothing matches all of these words. Left out: “is”, “down”."
    nearest = search("services", "card paymnts")
    assert nearest.note == "Nothing matches “paymnts”; showing the nearest spelling: “payments”."
    apart = search("services", "newsletter kafka certificates")
    assert apart.total == 3
    assert apart.note == "Nothing matches all of these words; showing matches for 1 of 3."


@pytest.mark.parametrize(
    "query", ["zzzzzz", "qx", "%", "_", "' OR 1=1 --", "\x00", "(", "\\", "🔥", "a" * 5000, "- - -"]
)
def test_what_is_nowhere_finds_nothing_and_breaks_nothing(directory: Sandbox, query: str) -> None:
    found = search("services", query)
    assert len(found.rows) == min(found.total, 20)
    if query in {"zzzzzz", "%", "🔥"}:
        assert (found.rows, found.total) == ([], 0)


def test_names_as_they_may_come(db: None) -> None:
    odd = ["<b>Bold</b>", "خدمة الدفع", "🔥 Fire", "x" * 400, "Same", "Same", "C++ build"]
    for number, name in enumerate(odd):
        write_one("services", {"id": f"P{number}", "name": name})
    assert names("services", "bold") == ["<b>Bold</b>"]
    assert names("services", "<b>") == ["<b>Bold</b>"]
    assert names("services", "الدفع") == ["خدمة الدفع"]
    assert names("services", "🔥") == ["🔥 Fire"]
    assert names("services", "x" * 190) == ["x" * 400]
    assert names("services", "same") == ["Same", "Same"]
    assert names("services", "c++") == ["C++ build"]


def test_an_id_is_found_by_its_whole(directory: Sandbox) -> None:
    service = Service.objects.get(name="VPN")
    assert names("services", service.pk.lower())[0] == "VPN"
    assert "VPN" not in names("services", service.pk[:4])


def test_what_changes_is_found_at_once(directory: Sandbox) -> None:
    service = Service.objects.get(name="VPN")
    assert names("services", "tunnel") == []
    alias = Alias.objects.create(kind="services", target_id=service.pk, words="tunnel, Fernzugriff")
    assert names("services", "tunn") == names("services", "FERNZUGRIFF") == ["VPN"]
    alias.words = "remote"
    alias.save()
    assert (names("services", "tunnel"), names("services", "remote work")) == ([], ["VPN"])
    alias.delete()
    assert names("services", "remote") == []
    directory.account.named("services", "VPN")["name"] = "Home Office Access"
    synced()
    assert names("services", "home office") == ["Home Office Access"]
    del directory.account.services[1:]
    synced()
    assert search("services", "").total == 1


def test_what_is_gone_is_not_offered_even_before_the_search_knows(directory: Sandbox) -> None:
    assert names("services", "vpn") == ["VPN"]
    Service.objects.filter(name="VPN").update(is_gone=True)
    assert names("services", "vpn") == []


def test_a_look_up_reads_only_what_it_shows(directory: Sandbox, ada: User, django_assert_num_queries: Any) -> None:
    search("services", "pay", user=ada)
    with django_assert_num_queries(3):  # is it still current, what does she like, the rows
        search("services", "pa", user=ada)


def test_without_a_sync_nothing_is_held_back(db: None) -> None:
    assert not Sync.objects.exists()
    write_one("people", {"id": "P1", "name": "Ada"})
    assert names("people", "") == ["Ada"]
    Person.objects.all().delete()
    assert names("people", "") == []
