"""What a person reports: every way in and out, and every place that must know a field.

To add a field to the form:

1.  `report.py`: the dataclass, in the order of the form, and what it looks like in PagerDuty's request, both ways.
2.  `forms.py`: the form field.
3.  `layout.py`: the group that it is drawn in.
4.  `pagerduty/errors.py`: what PagerDuty says when it refuses it.
5.  Here: whether the receipt shows it.

Each test below fails with the place that is missing.
"""

from dataclasses import fields, replace
from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from incidentportal.incidents import layout
from incidentportal.incidents.forms import IncidentForm
from incidentportal.incidents.layout import BLOCKS
from incidentportal.incidents.models import Submission
from incidentportal.incidents.names import NAMED
from incidentportal.incidents.report import FIELDS, SEVERAL, Report, repeated_in
from incidentportal.pagerduty.errors import FIELD_OF_TEXT
from sandbox import Sandbox
from tests.incidents.base import least, send

# What the receipt shows of a report. The others are seen in PagerDuty, where the receipt leads.
ON_RECEIPT = {"title", "service", "urgency", "priority", "details", "incident_key"}
NOT_ON_RECEIPT = {"escalation_policy", "assignees", "incident_type", "conference_number", "conference_url"}

ANY_PACE = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a busy machine fails nothing

# Text as a browser sends it and a database holds it.
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1).filter(str.strip)
answers = {
    field.name: st.lists(texts, max_size=3).map(tuple) if field.name in SEVERAL else st.just("") | texts
    for field in fields(Report)
}
reports = st.builds(Report, **answers | {"urgency": st.sampled_from(["", "high", "low"])})


@ANY_PACE
@given(reports)
def test_every_way_out_leads_back(report: Report) -> None:
    assert Report.from_form(report.to_form("key")) == report
    assert Report.from_draft(report.to_draft()) == report
    assert Report.from_request(report.to_request(incident_key=report.incident_key)) == report
    assert Report.from_link(QueryDict(report.to_link())) == (replace(report, details=""), [])


@ANY_PACE
@given(reports)
def test_one_way_after_another_changes_nothing(report: Report) -> None:
    request = report.to_request(incident_key=report.incident_key)
    draft = Report.from_request(request).to_draft()
    form = Report.from_draft(draft).to_form("key")
    assert Report.from_form(form).to_request(incident_key=report.incident_key) == request
    assert repeated_in(form) == set()


@ANY_PACE
@given(reports, reports)
def test_other_reports_make_other_requests(one: Report, other: Report) -> None:
    """Sameness is decided by the request: no answer may be missing from it."""
    requests = [report.to_request(incident_key=report.incident_key) for report in (one, other)]
    assert (requests[0] == requests[1]) == (one == other)


@pytest.mark.parametrize("name", FIELDS)
def test_each_field_reaches_pagerduty(name: str) -> None:
    answer: Any = ("X",) if name in SEVERAL else "X"
    report = replace(Report(), **{name: answer})
    request = report.to_request(incident_key=report.incident_key)
    empty = Report().to_request(incident_key="")
    assert request != empty, f"Report.to_request leaves out {name}"
    assert Report.from_request(request) == report, f"Report.from_request does not read {name}"


def test_what_is_left_out_is_left_out_of_the_request() -> None:
    assert Report(title="T").to_request(incident_key="k") == {"type": "incident", "title": "T", "incident_key": "k"}


def test_a_field_that_was_sent_several_times_stays_whole() -> None:
    data = QueryDict("title=a&title=b&service=P1&service=&assignees=P2&assignees=P3")
    assert Report.from_form(data) == Report(title="a\nb", service="P1", assignees=("P2", "P3"))
    assert repeated_in(data) == {"title"}


def test_a_draft_holds_no_null_character() -> None:
    assert Report(title="a\x00b", details="\x00").to_draft() == {"title": ["ab"]}


def test_a_link_says_what_cannot_be_used() -> None:
    query = QueryDict("title=a&title=b&urgency=loud&details=%00x&x=1")
    assert Report.from_link(query) == (
        Report(title="a", details="x"),
        [
            "The link gives title 2 times; only the first is used.",
            "The link contains a character in details that can't be shown; it was left out.",
            "The link asks for the urgency “loud”; there is only high and low.",
            "The link has names that this form does not know: x.",
        ],
    )


@pytest.mark.django_db
def test_the_form_asks_for_every_field_in_order() -> None:
    asked = tuple(name for name in IncidentForm(Report().to_form("")).fields if name != "form_key")
    assert asked == FIELDS, "the fields of IncidentForm (forms.py) and of Report (report.py) differ"


def test_every_field_is_drawn_in_order() -> None:
    drawn = (*layout.FIRST, *layout.WHO, *layout.WHAT)
    assert drawn == FIELDS, "the groups of layout.py and the fields of Report (report.py) differ"


def test_what_pagerduty_refuses_has_a_field_to_be_said_at() -> None:
    assert set(FIELD_OF_TEXT.values()) == set(FIELDS), "FIELD_OF_TEXT (pagerduty/errors.py) and Report differ"


def test_tables_of_some_fields_know_the_others_by_name() -> None:
    assert {*NAMED, *BLOCKS, *SEVERAL} <= set(FIELDS)


def test_the_receipt_shows_what_it_should(page_of_ada: Client, directory: Sandbox) -> None:
    assert set(FIELDS) == ON_RECEIPT | NOT_ON_RECEIPT, "say whether the receipt shows the new field: ON_RECEIPT"
    account: Any = directory.account
    given_answers = {"urgency": "low", "details": "Since 14:02", "incident_key": "till-42"}
    priority = account.named("priorities", "P2")["id"]
    submission = send(page_of_ada, least(directory, **given_answers, priority=priority))
    report = Report.from_request(Submission.objects.get(pk=submission.pk).request)
    assert {name for name in FIELDS if getattr(report, name)} == ON_RECEIPT
    page = page_of_ada.get(submission.get_absolute_url()).content.decode()
    shown = {**given_answers, "title": report.title, "service": "Checkout API", "priority": "P2"}
    assert [name for name, text in shown.items() if text not in page] == []
