"""Every shape that PagerDuty's errors are known to have, and any other, becomes one of two problems."""

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from incidentportal.pagerduty.errors import Problem, Rejected, Unavailable, problem_from

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=20,
)


def error(message: str, code: int | None = None, errors: Any = None) -> str:
    parts = {"message": message, "code": code, "errors": errors}
    return json.dumps({"error": {name: value for name, value in parts.items() if value is not None}})


# status, body, field, what the person reads
REFUSALS = [
    (400, error("Invalid Input Provided", 2001, ["Title cannot be empty."]), "title", "PagerDuty says: Title cannot be empty."),
    (400, error("Invalid Input Provided", 2001, ["Body is invalid."]), "details", "PagerDuty says: Body is invalid."),
    (400, error("Arguments Caused Error", 2002, ["Service not found"]), "service", "PagerDuty does not know this service any more. Choose another one."),
    (400, error("Assigned To User Not Found", 1007, []), "assignees", "PagerDuty does not know this person any more. Choose another assignee."),
    (400, error("Escalation Policy Not Found", 1014), "escalation_policy", "PagerDuty does not know this escalation policy any more. Choose another one."),
    (400, error("Escalation Policy Has No User On Call", 1015), "escalation_policy", "Nobody is on call in this escalation policy. Choose another one, or an assignee."),
    (400, error("Invalid Priority", 1020), "priority", "PagerDuty does not know this priority any more. Choose another one."),
    (400, error("Invalid Input Provided", 2001, ["Incident type not found"]), "incident_type", "PagerDuty says: Incident type not found"),
    (400, error("Invalid Input Provided", 2001, ["Urgency is not included in the list"]), "urgency", "PagerDuty says: Urgency is not included in the list"),
    (400, error("Invalid Input Provided", 2001, ["Service is disabled."]), "service", "PagerDuty says: Service is disabled."),
    (400, error("Requester User Not Found", 1008, []), "", "PagerDuty does not know your e-mail address. Ask an operator to correct it in your account here."),
    (400, error('Malformed "From" header', 1028), "", "PagerDuty cannot read your e-mail address. Ask an operator to correct it in your account here."),
    (400, error("Bad Request", 2016, ["Service not found"]), "", "PagerDuty does not know this service any more. Choose another one."),
    (400, error("You must specify a user's email address", 2016), "", "PagerDuty says: You must specify a user's email address"),
    (400, '{"error": "a plain sentence"}', "", "PagerDuty says: a plain sentence"),
    (400, '{"error": ["one", "two"]}', "", "PagerDuty says: one two"),
    (400, error("m", 2001, "a string"), "", "PagerDuty says: a string"),
    (400, error("m", 2001, {"title": ["is odd"]}), "title", "PagerDuty says: title is odd"),
    (404, error("Not Found", 2100), "", "PagerDuty says: Not Found"),
    (400, '{"error": {"code": 1020}}', "priority", "PagerDuty does not know this priority any more. Choose another one."),
    (400, "", "", "PagerDuty refused this with status 400 and no reason."),
    (400, "<html><body><h1>Bad</h1></body></html>", "", "PagerDuty says: Bad"),
    (402, error("Missing Account Ability", 2014), "", "The PagerDuty account lacks the ability that this needs. Ask your PagerDuty administrator."),
    (401, "", "", "PagerDuty refused the portal's access token: nothing can be sent until an operator fixes it."),
    (403, '{"error":{"message":"Token missing required scopes","required_scopes":"incidents.write"}}', "",
     "PagerDuty denied the portal access: an operator must check the token's rights. (It said: Token missing required scopes (needs incidents.write))"),
    (402, error("Missing Account Ability", 2014, ["Account lacks the coordinated_responding ability"]), "",
     "The PagerDuty account lacks the ability that this needs. Ask your PagerDuty administrator. (It said: Account lacks the coordinated_responding ability)"),
    (402, error("Your plan has no priorities"), "",
     "The PagerDuty account lacks the ability that this needs. Ask your PagerDuty administrator. (It said: Your plan has no priorities)"),
    (403, error("Access Denied", 2010), "", "PagerDuty denies access. Ask an operator to check the portal's token and your role in PagerDuty."),
    (403, error("Access Denied", 2010, ["Your role is observer."]), "",
     "PagerDuty denies access. Ask an operator to check the portal's token and your role in PagerDuty. (It said: Your role is observer.)"),
    (403, error("Limited stakeholders cannot create incidents", 2010), "",
     "PagerDuty denies access. Ask an operator to check the portal's token and your role in PagerDuty. (It said: Limited stakeholders cannot create incidents)"),
    (403, error("Requester not authorized to perform action", 1018), "service",
     "PagerDuty does not let you create incidents on this service. Choose another one, or ask your administrator."),
    (403, error("Your account is expired and cannot use the API", 2012), "",
     "PagerDuty denied the portal access: an operator must check the token's rights. (It said: Your account is expired and cannot use the API)"),
    (401, error("Authentication failed", 2006), "",
     "PagerDuty refused the portal's access token: nothing can be sent until an operator fixes it. (It said: Authentication failed)"),
    (400, error("Assigned To User Not Found", 1007, ["P1 is a stakeholder and cannot be assigned"]), "assignees",
     "PagerDuty does not know this person any more. Choose another assignee. (It said: P1 is a stakeholder and cannot be assigned)"),
    (400, '{"error": {"conference_url": ["is not https"]}}', "conference_url", "PagerDuty says: conference_url is not https"),
]  # fmt: skip


@pytest.mark.parametrize(("status", "body", "field", "sentence"), REFUSALS)
def test_a_refusal_lands_on_its_field(status: int, body: str, field: str, sentence: str) -> None:
    problem = problem_from(status, {"x-request-id": "abc"}, body)
    assert isinstance(problem, Rejected)
    assert problem.field_errors == {field: [sentence]}
    assert str(problem) == sentence
    assert (problem.status, problem.request_id) == (status, "abc")


# How a refusal may word that our key is in use, whatever its status and shape.
KEY_IN_USE = [
    (400, error("Arguments Caused Error", 2002, ["Open incident with matching dedup key already exists on this service"])),
    (400, error("Invalid Input Provided", 2001, ["Another incident already uses this incident key"])),
    (400, error("Invalid Input Provided", 2001, ["incident_key has already been taken"])),
    (400, error("Invalid Input Provided", 2001, {"incident_key": ["is in use"]})),
    (400, error("Invalid Input Provided", 2001, ["Title is odd", "The key is taken."])),
    (400, '{"error": {"incident_key": ["must be unique"]}}'),
    (422, error("Duplicate incident")),
    (400, error("An incident titled Tills is open under this dedup_key")),
    (400, "<h1>This incident key is in use</h1>"),
    (403, error("You may not see the incident with this incident key", 2010)),
    (409, error("Conflict")),
    (409, ""),
]  # fmt: skip
OTHERS = [
    (400, error("Arguments Caused Error", 2002, ["Service not found"])),
    (404, error("Service not found", 2002)),
    (404, error("Not Found", 2100)),
    (400, error("Invalid Input Provided", 2001, ["Title cannot be empty."])),
    (400, error("Use an API key that may write")),
    (401, error("This key is not known", 2006)),
    (403, error("Your key is read-only", 2010)),
    (400, ""),
]


@pytest.mark.parametrize(("status", "body"), KEY_IN_USE)
def test_a_key_that_is_in_use_is_recognized(status: int, body: str) -> None:
    problem = problem_from(status, {}, body)
    assert isinstance(problem, Rejected)
    assert problem.is_key_in_use


@pytest.mark.parametrize(("status", "body"), OTHERS)
def test_what_is_refused_for_another_reason_is_no_key_in_use(status: int, body: str) -> None:
    problem = problem_from(status, {}, body)
    assert isinstance(problem, Rejected)
    assert not problem.is_key_in_use


def test_a_refusal_about_the_key_lands_on_its_field() -> None:
    problem = problem_from(400, {}, error("m", 2001, ["The incident of that title already uses this incident key"]))
    assert isinstance(problem, Rejected)
    assert list(problem.field_errors) == ["incident_key"]


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504, 302, 204])
def test_these_say_neither_yes_nor_no(status: int) -> None:
    problem = problem_from(status, {}, error("The request took too long to process", 2016))
    assert isinstance(problem, Unavailable)
    assert (problem.status, problem.is_sent, problem.wait) == (status, True, None)


@pytest.mark.parametrize(
    ("value", "wait"), [("20", 20.0), ("1.5", 1.5), ("", None), ("soon", None), ("-1", None), ("9" * 9, None)]
)
def test_the_rate_limit_says_how_long_to_wait(value: str, wait: float | None) -> None:
    problem = problem_from(429, {"ratelimit-reset": value}, error("Rate Limit Exceeded", 2020))
    assert isinstance(problem, Unavailable)
    assert problem.wait == wait


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_token_is_the_operators_problem(status: int) -> None:
    problem = problem_from(status, {}, "")
    assert isinstance(problem, Rejected)
    assert problem.is_access_problem


@given(st.integers(100, 599), JSON_VALUES.map(json.dumps) | st.text() | st.just('{"error":' * 5000))
@example(400, f'{{"error": {"[" * 2000}{"]" * 2000}}}')
def test_any_answer_becomes_a_short_readable_sentence(status: int, body: str) -> None:
    problem = problem_from(status, {}, body)
    assert isinstance(problem, Problem)
    assert 0 < len(str(problem)) < 10_000
    assert str(problem).isprintable()


@given(JSON_VALUES)
def test_any_error_object_leaves_something_to_read_at_some_field(errors: Any) -> None:
    problem = problem_from(400, {}, json.dumps({"error": errors}))
    assert isinstance(problem, Rejected)
    assert all(sentences and all(sentences) for sentences in problem.field_errors.values())
    assert problem.field_errors
