"""Is it one of these? What is open already, and how similar it is."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incidentportal.incidents.outlook.radar import SIMILAR, rank_open, similarity
from incidentportal.pagerduty import Incident

NOW = datetime(2026, 11, 24, 2, 12, tzinfo=UTC)  # 03:12 in Berlin

SAME = [
    ("Checkout down", "URGENT: checkout is down since 14:02"),
    ("Card payments fail", "Payments by card are failing"),
    ("500 errors on checkout", "Checkout returns HTTP 500"),
    ("Login broken", "Log-in is broken"),
    ("Orders stuck in queue", "Queue of orders does not move"),
    ("Certificate expired", "Certificate of shop.example.com has expired"),
    ("[P1] card-payments", "card payments"),
    ("Kassensystem hängt", "KASSENSYSTEM HA\u0308NGT!"),
    ("Straße gesperrt", "STRASSE GESPERRT"),
    ("שגיאה בתשלום", "תשלום: שגיאה"),
    ("🔥 Website down", "Website down"),
    ("VPN not working", "VPN does not work"),
    ("Payments timeout", "Payment time-outs"),
    ("Disk full on db-1", "db-1: disk is full"),
]
OTHER = [
    ("Database backup failed", "Database is slow"),
    ("Payments are down", "Mail is down"),
    ("API down", "Website down for all customers"),
    ("Printer on floor 3 jams", "Payroll export missing"),
    ("Checkout down", ""),
    ("", ""),
    ("🔥", "🔥"),
]


@pytest.mark.parametrize(("one", "other"), SAME, ids=[one for one, _ in SAME])
def test_a_person_would_call_them_similar(one: str, other: str) -> None:
    assert SIMILAR <= similarity(one, other) == similarity(other, one) <= 100


def test_one_word_in_common_of_two_is_enough() -> None:
    """It errs on the side of showing: a row too many costs a glance, one too few a second page for the same thing."""
    assert similarity("Checkout down", "Checkout report misprinted") >= SIMILAR


@pytest.mark.parametrize(("one", "other"), OTHER, ids=[f"{one} / {other}" for one, other in OTHER])
def test_a_person_would_not(one: str, other: str) -> None:
    assert 0 <= similarity(one, other) == similarity(other, one) < SIMILAR


@pytest.mark.parametrize(
    ("one", "other"),
    [("Straße", "STRASSE"), ("hängt", "HA\u0308NGT"), ("ＶＰＮ", "vpn"), ("a-b", "A b"), ("\u202eVPN", "VPN")],
    ids=["sharp s", "two ways to write an umlaut", "wide letters", "punctuation", "directions"],
)
def test_spellings_that_are_the_same(one: str, other: str) -> None:
    assert similarity(one, other) == 100


def incident(number: int, title: str = "Checkout down", service: str = "S1", minutes: float = 12, **more: Any) -> Any:
    """An incident as PagerDuty lists it."""
    created_at = (NOW - timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")
    return Incident.read(
        {
            "id": f"Q{number}",
            "incident_number": number,
            "title": title,
            "html_url": f"https://acme.pagerduty.com/incidents/Q{number}",
            "status": "triggered",
            "urgency": "high",
            "created_at": created_at,
            "service": {"id": service, "type": "service_reference", "summary": f"Service {service}"},
            "assignments": [{"at": "2026-11-24T02:00:00Z", "assignee": {"id": "PADA", "summary": "Ada Byron"}}],
            **more,
        }
    )


def test_it_works() -> None:
    (row,) = rank_open([incident(42)], "Checkout is down", own_service_id="S1", now=NOW).rows
    assert (row.incident.id, row.incident.number, row.incident.title, row.incident.url) == (
        "Q42",
        42,
        "Checkout down",
        "https://acme.pagerduty.com/incidents/Q42",
    )
    assert (row.incident.status, row.incident.urgency, row.age) == ("triggered", "high", "12 min")
    assert (row.incident.service.name, row.likeness, row.is_own_service) == ("Service S1", 100, True)
    assert [person.name for person in row.incident.assignees] == ["Ada Byron"]


def test_all_of_the_own_service_newest_first_and_only_what_is_similar_of_the_others() -> None:
    found = [
        incident(1, "Printer jams", minutes=50),
        incident(2, "Checkout is slow", minutes=5),
        incident(3, "Checkout down", "S2", minutes=1),
        incident(4, "Printer jams", "S2", minutes=2),
    ]
    radar = rank_open(found, "Checkout down", own_service_id="S1", now=NOW)
    assert [row.incident.number for row in radar.own] == [2, 1]
    assert [row.incident.number for row in radar.elsewhere] == [3]
    assert [row.incident.number for row in radar.rows] == [2, 1, 3]
    assert (radar.own_count, radar.elsewhere_count) == ("2 open", "1 similar")


def test_without_a_title_nothing_is_similar_elsewhere() -> None:
    radar = rank_open([incident(1), incident(2, service="S2")], "  ", own_service_id="S1", now=NOW)
    assert [row.incident.number for row in radar.rows] == [1]


def test_what_is_not_shown_is_counted() -> None:
    found = [incident(number, "Printer jams", minutes=number) for number in range(1, 8)]
    radar = rank_open(found, "Checkout down", own_service_id="S1", now=NOW)
    assert [row.incident.number for row in radar.own] == [1, 2, 3, 4, 5]
    assert radar.own_count == "7 open, showing 5"


def test_an_old_one_that_is_similar_is_not_pushed_out_by_new_ones() -> None:
    found = [incident(number, "Printer jams", minutes=number) for number in range(1, 8)]
    found.append(incident(99, "Checkout is down", minutes=600))
    radar = rank_open(found, "Checkout down", own_service_id="S1", now=NOW)
    assert [row.incident.number for row in radar.own] == [1, 2, 3, 4, 99]


def test_a_little_similarity_is_no_reason_to_stay() -> None:
    found = [incident(number, "Printer jams", minutes=number) for number in range(1, 6)]
    found.append(incident(99, "Mail is down", minutes=600))
    radar = rank_open(found, "Checkout down", own_service_id="S1", now=NOW)
    assert [row.incident.number for row in radar.own] == [1, 2, 3, 4, 5]


def test_one_elsewhere_with_a_word_in_common_is_left_out() -> None:
    found = [incident(1, "Database is slow", "S2")]
    title = "Database backup failed"
    assert rank_open(found, title, own_service_id="S1", now=NOW).rows == ()


def test_an_incident_that_came_twice_is_one() -> None:
    assert rank_open([incident(1), incident(1)], "x", own_service_id="S1", now=NOW).own_count == "1 open"


def test_what_is_resolved_is_not_open() -> None:
    assert rank_open([incident(1, status="resolved")], "x", own_service_id="S1", now=NOW).rows == ()


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "data:text/html,x", "//evil.example", "https://", "http://[", "ftp://a.example/x", None, 7],
)
def test_an_address_that_is_no_web_page_is_left_out(url: object) -> None:
    (row,) = rank_open([incident(1, html_url=url)], "x", own_service_id="S1", now=NOW).rows
    assert row.incident.url == ""


def test_an_incident_with_next_to_nothing() -> None:
    bare = Incident.read({"id": "Q1", "service": {"id": "S1"}})
    (row,) = rank_open([bare], "x", own_service_id="S1", now=NOW).rows
    assert (row.incident.number, row.incident.title, row.incident.url, row.age) == (None, "", "", "")


@pytest.mark.parametrize("number", ["42", None, True, [42]], ids=["text", "null", "true", "list"])
def test_a_number_that_is_none(number: object) -> None:
    (row,) = rank_open([incident(1, incident_number=number)], "x", own_service_id="S1", now=NOW).rows
    assert row.incident.number is None


def test_one_without_a_date_stands_last() -> None:
    found = [incident(1, created_at=None), incident(2, minutes=9000)]
    radar = rank_open(found, "x", own_service_id="S1", now=NOW)
    assert [(row.incident.number, row.age) for row in radar.own] == [(2, "6 d"), (1, "")]


@pytest.mark.parametrize(
    ("created_at", "age"),
    [
        ("2026-11-24T03:00:00+01:00", "12 min"),
        ("2026-11-24T02:00:00", "12 min"),
        ("2026-11-24T03:00:00Z", "0 min"),
        ("yesterday", ""),
        (1764000000, ""),
    ],
    ids=["another offset", "no offset is UTC", "ahead of our clock", "no date", "a number"],
)
def test_how_old(created_at: object, age: str) -> None:
    (row,) = rank_open([incident(1, created_at=created_at)], "x", own_service_id="S1", now=NOW).rows
    assert row.age == age


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
keys = st.sampled_from(list(incident(1).raw))
dates = st.datetimes(timezones=st.timezones()).map(lambda time: time.isoformat())


@settings(deadline=None)
@given(st.lists(json | st.dictionaries(keys, json | dates, max_size=9), max_size=6), st.text(max_size=30))
def test_whatever_pagerduty_sends_is_read(incidents: list[Any], title: str) -> None:
    for row in rank_open(map(Incident.read, incidents), title, own_service_id="S1", now=NOW).rows:
        assert 0 <= row.likeness <= 100
        assert row.incident.url == "" or row.incident.url.startswith(("http://", "https://"))
