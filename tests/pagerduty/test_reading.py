"""Whatever PagerDuty sends, what is read from it can be stored, sent on and shown."""

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from incidentportal.pagerduty import reading

ANY_TEXT = st.text(st.characters(exclude_categories=()) | st.sampled_from("\0\ud800\udfff"), max_size=20)
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY_TEXT, inner, max_size=3),
    max_leaves=10,
)


@given(ANY_JSON)
@example({"a\0\ud800": "b\0\udfff"})
def test_all_that_is_kept_can_be_stored(value: Any) -> None:
    kept = reading.storable(value)
    written = json.dumps(kept, ensure_ascii=False, allow_nan=False)
    assert json.loads(written.encode()) == kept
    assert "\\u0000" not in written


def test_what_is_storable_is_not_taken_apart() -> None:
    whole = {"id": "P1", "title": "Straße 🔥 \\u0000"[:9], "assignments": [{"at": None, "number": 1.5}] * 20}
    assert reading.storable(whole) is whole
    for value, kept in (
        ({**whole, "a\0": 1}, {**whole, "a": 1}),
        ({**whole, "a": ["\ud83d"]}, {**whole, "a": [""]}),
        ({**whole, "a": float("nan")}, {**whole, "a": None}),
        ({**whole, "a": "\\u0000"}, {**whole, "a": "\\u0000"}),
        ({**whole, "a": [[1]] * 60}, {**whole, "a": [[1]] * 60}),
    ):
        assert reading.storable(value) == kept


def test_what_is_nested_absurdly_deep_is_cut() -> None:
    kept = reading.storable(json.loads("[" * 2_000 + "]" * 2_000))
    assert json.dumps(kept) == "[" * 100 + "null" + "]" * 100


@given(ANY_JSON | ANY_TEXT | ANY_TEXT.map("https://{}".format))
@example("a\0b\ud800c")
def test_every_text_can_be_stored(value: Any) -> None:
    for found in (reading.text(value), reading.one_line(value), reading.web_address(value)):
        assert found.encode().decode() == found
        assert "\0" not in found


@given(ANY_JSON | st.datetimes().map(str) | st.datetimes(timezones=st.timezones()).map(str))
@example("0001-01-01T00:00:00+14:00")
@example("9999-12-31T23:59:59-12:00")
@example("9999-12-31T23:59:59")
def test_every_time_can_be_shown_in_every_zone(value: Any) -> None:
    found = reading.moment(value)
    for hours in (-23, 23):
        assert found is None or found.astimezone(timezone(timedelta(hours=hours))) == found


@given(ANY_JSON)
def test_only_objects_are_read_as_objects(value: Any) -> None:
    assert isinstance(reading.object_in(value), dict)
    assert all(isinstance(item, dict) for item in reading.objects_in(value))


@pytest.mark.parametrize(
    ("value", "address"),
    [
        ("https://acme.pagerduty.com/incidents/P1", "https://acme.pagerduty.com/incidents/P1"),
        ("http://localhost:8001/incidents/P1", "http://localhost:8001/incidents/P1"),
        ("javascript:alert(1)", ""),
        ("//acme.pagerduty.com", ""),
        ("https://", ""),
        ("https://[", ""),
        (17, ""),
        (None, ""),
    ],
)
def test_a_web_address(value: Any, address: str) -> None:
    assert reading.web_address(value) == address


@pytest.mark.parametrize("value", ["2026-02-31T03:00:00Z", "yesterday", "", 1764000000, None, {}])
def test_what_is_not_a_time(value: Any) -> None:
    assert reading.moment(value) is None


@pytest.mark.parametrize("value", ["2026-11-24T03:00:00Z", "2026-11-24T04:00:00+01:00", "2026-11-24T03:00:00"])
def test_a_time_without_an_offset_is_utc(value: str) -> None:
    assert reading.moment(value) == datetime(2026, 11, 24, 3, tzinfo=UTC)
