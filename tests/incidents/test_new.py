"""The form: each field, each way to get it wrong, and nothing lost."""

from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils.html import escape

from incidentportal.incidents.models import Submission
from sandbox import Fault, Sandbox
from tests.incidents.base import an_id, least


def sent(sandbox: Sandbox) -> Any:
    """The one incident that was sent."""
    (request,) = [r for r in sandbox.requests if r.method == "POST" and r.path == "/incidents"]
    return request.json["incident"]


def test_the_least_is_a_title_and_a_service(page_of_ada: Client, directory: Sandbox) -> None:
    answers = least(directory)
    page_of_ada.post("/incidents/new/", answers)
    assert sent(directory) == {
        "type": "incident",
        "title": "Card payments fail",
        "service": {"id": answers["service"], "type": "service_reference"},
        "incident_key": f"portal-{Submission.objects.get().pk}",
    }


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("urgency", "low", {"urgency": "low"}),
        ("details", "It <b>burns</b>", {"body": {"type": "incident_body", "details": "It <b>burns</b>"}}),
        ("conference_number", "+49 30 1234", {"conference_bridge": {"conference_number": "+49 30 1234"}}),
        ("conference_url", "https://m.example/1", {"conference_bridge": {"conference_url": "https://m.example/1"}}),
        ("conference_url", "https://intranet/room", {"conference_bridge": {"conference_url": "https://intranet/room"}}),
        ("incident_key", "k-1", {"incident_key": "k-1"}),
        ("title", "two\r\nlines 🔥 שלום", {"title": "two lines 🔥 שלום"}),
    ],
)
def test_each_field_alone(
    page_of_ada: Client, directory: Sandbox, name: str, value: str, expected: dict[str, Any]
) -> None:
    answers = least(directory, **{name: value})
    page_of_ada.post("/incidents/new/", answers)
    base = {
        "type": "incident",
        "title": "Card payments fail",
        "service": {"id": answers["service"], "type": "service_reference"},
        "incident_key": f"portal-{Submission.objects.get().pk}",
    }
    assert sent(directory) == base | expected


def test_one_assignee(page_of_ada: Client, directory: Sandbox) -> None:
    shown = page_of_ada.post("/incidents/new/outlook/", least(directory)).context["outlook"]
    person = shown.path.first.people[0].person_id
    page_of_ada.post("/incidents/new/", least(directory, assignees=[person]))
    assert sent(directory)["assignments"] == [{"assignee": {"id": person, "type": "user_reference"}}]


BAD = [
    ("title", "", "Write a title"),
    ("title", "  \r\n ", "Write a title"),
    ("title", "x" * 1025, "This is 1025 characters long; at most 1024 fit."),
    ("title", "a\x00b", "This contains a character that can't be sent"),
    ("service", "", "Choose the service that is broken"),
    ("service", "PNOTHERE", "No service is called “PNOTHERE”"),
    ("service", "<b>x</b>", "No service is called “<b>x</b>”"),
    ("service", "a\x00b", "contains a character that can't be read"),
    ("urgency", "medium", "“medium” is not available here"),
    ("priority", "PFORGED", "“PFORGED” is not available here"),
    ("incident_type", "forged", "“forged” is not available here"),
    ("title", "\u200b\u2060", "Write a title"),
    ("conference_url", "https://1.2.3.4:99999/", "Write a web address that begins with https://"),
    ("conference_url", "https://m.example/a b", "Write a web address that begins with https://"),
    ("incident_key", "a\nb", "Write one line"),
    ("incident_key", "\u200b", "Write one line"),
    ("details", "x" * 100_000, "This is 100000 characters long; at most 25000 fit."),
    ("conference_number", "call me", "This is not a phone number"),
    ("conference_url", "javascript:alert(1)", "Write a web address that begins with https://"),
    ("incident_key", "k" * 256, "This is 256 characters long; at most 255 fit."),
    ("escalation_policy", "PNOTHERE", "No escalation policy is called “PNOTHERE”"),
    ("assignees", "PNOTHERE", "No person is called “PNOTHERE”"),
]


@pytest.mark.parametrize(("name", "value", "sentence"), BAD, ids=[f"{n}-{i}" for i, (n, _, _) in enumerate(BAD)])
def test_bad_input_is_said_at_the_field(
    page_of_ada: Client, directory: Sandbox, name: str, value: str, sentence: str
) -> None:
    answers = least(directory, details="kept text") | {name: value}
    answer = page_of_ada.post("/incidents/new/", answers)
    assert answer.status_code == 422
    assert sentence in " ".join(answer.context["form"].errors[name])
    assert escape(sentence) in answer.content.decode()
    for kept in ("title", "details"):
        if kept != name:
            assert answers[kept] in answer.content.decode()
    assert (Submission.objects.count(), directory.incidents) == (0, [])


def test_policy_and_assignee_are_refused_on_both(page_of_ada: Client, directory: Sandbox) -> None:
    policy, person = directory.account.escalation_policies[0]["id"], directory.account.users[5]["id"]
    answer = page_of_ada.post("/incidents/new/", least(directory, escalation_policy=policy, assignees=[person]))
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"escalation_policy", "assignees"}


def test_two_assignees_are_refused(page_of_ada: Client, directory: Sandbox) -> None:
    people = [person["id"] for person in directory.account.users[:2]]
    answer = page_of_ada.post("/incidents/new/", least(directory, assignees=people))
    assert (answer.status_code, list(answer.context["form"].errors["assignees"])) == (
        422,
        ["Choose one person: 2 were sent."],
    )


@pytest.mark.parametrize("name", ["title", "urgency", "details", "service"])
def test_a_repeated_field_is_refused(page_of_ada: Client, directory: Sandbox, name: str) -> None:
    once = least(directory, urgency="low", details="x")
    answer = page_of_ada.post("/incidents/new/", once | {name: [once[name], once[name] + "2"]})
    assert (answer.status_code, set(answer.context["form"].errors)) == (422, {name})
    assert once[name] + "2" in answer.content.decode()
    if name in {"title", "details"}:
        assert once[name] in str(answer.context["form"][name].value()).splitlines()


def test_a_disabled_service_cannot_be_chosen(page_of_ada: Client, directory: Sandbox) -> None:
    disabled = next(row["id"] for row in directory.account.services if row["status"] == "disabled")
    answer = page_of_ada.post("/incidents/new/", least(directory, service=disabled))
    assert answer.status_code == 422
    assert "disabled" in " ".join(answer.context["form"].errors["service"])


def test_no_user_of_pagerduty_learns_it_before_typing(directory: Sandbox, client: Client, ada: Any) -> None:
    ada.email = "nobody@example.com"
    ada.save()
    client.force_login(ada)
    answer = client.get("/incidents/new/")
    assert answer.status_code == 403
    assert "nobody@example.com" in answer.content.decode()


def test_a_double_click_is_one_submission(page_of_ada: Client, directory: Sandbox) -> None:
    answers = least(directory)
    first, second = (page_of_ada.post("/incidents/new/", answers) for _ in range(2))
    assert first["Location"] == second["Location"]
    assert (Submission.objects.count(), len(directory.incidents)) == (1, 1)


def test_the_same_form_with_other_content_is_neither_dropped_nor_sent(page_of_ada: Client, directory: Sandbox) -> None:
    answers = least(directory)
    page_of_ada.post("/incidents/new/", answers)
    answer = page_of_ada.post("/incidents/new/", answers | {"title": "Edited"})
    assert (answer.status_code, len(directory.incidents)) == (409, 1)
    assert "has not been sent" in answer.content.decode()
    again = answers | {"title": "Edited", "form_key": str(answer.context["form"]["form_key"].value())}
    page_of_ada.post("/incidents/new/", again)
    assert [incident["title"] for incident in directory.incidents] == ["Card payments fail", "Edited"]


def test_what_pagerduty_refuses_comes_back_on_its_field(page_of_ada: Client, directory: Sandbox) -> None:
    answers = least(directory, details="kept text", priority=an_id(directory.account.priorities, "P2"))
    directory.account.priorities[:] = [row for row in directory.account.priorities if row["name"] != "P2"]
    answer = page_of_ada.post("/incidents/new/", answers, follow=True)
    assert (Submission.objects.get().state, directory.incidents) == ("rejected", [])
    assert answer.context["form"].errors == {
        "priority": ["PagerDuty does not know this priority any more. Choose another one."]
    }
    assert "kept text" in answer.content.decode()


def test_a_link_fills_in_and_says_what_does_not_match(page_of_ada: Client, directory: Sandbox) -> None:
    answer = page_of_ada.get(
        "/incidents/new/",
        {
            "title": "T",
            "service": "Checkout API",
            "priority": "P1",
            "assignees": "ada@example.com",
            "urgency": "loud",
            "x": "1",
        },
    )
    form = answer.context["form"]
    assert form["service"].value() == [an_id(directory.account.services, "Checkout API")]
    assert form["priority"].value() == an_id(directory.account.priorities, "P1")
    assert form["assignees"].value() == [an_id(directory.account.users, "Ada Byron")]
    assert len(answer.context["link_problems"]) == 2
    assert Submission.objects.count() == 0


def test_the_request_is_shown_without_the_token(page_of_ada: Client, directory: Sandbox, settings: Any) -> None:
    answer = page_of_ada.get("/incidents/new/?title=T")
    panel = answer.context["request_panel"]
    assert ("Authorization", "Token token=********") in panel["headers"]
    assert ("From", "ada@example.com") in panel["headers"]
    assert settings.PAGERDUTY_API_TOKEN not in answer.content.decode()


def test_a_link_is_commented_on_and_shown_as_a_request_at_once(page_of_ada: Client, directory: Sandbox) -> None:
    page = page_of_ada.get("/incidents/new/", {"title": "T", "service": "Checkout API", "urgency": "low"})
    service = an_id(directory.account.services, "Checkout API")
    assert f'"id": "{service}"' in page.context["request_panel"]["json"]
    assert [hint.tone for hint in page.context["form"]["urgency"].hints] == ["warning"]


def test_a_link_says_of_everything_that_is_wrong_with_it(page_of_ada: Client, directory: Sandbox) -> None:
    query = {
        "title": "x" * 1025,
        "conference_url": "javascript:alert(1)",
        "incident_type": next(t["name"] for t in directory.account.incident_types if not t["enabled"]),
        "incident_key": "\x00",
    }
    page = page_of_ada.get("/incidents/new/", query)
    assert [problem.split(":")[0] for problem in page.context["link_problems"]] == [
        "From the link",
        "The link contains a character in incident_key that can't be shown; it was left out.",
        "Title",
        "Conference link",
    ]
    assert "is disabled in PagerDuty" in page.context["link_problems"][0]


def test_a_link_with_a_policy_and_an_assignee_says_that_only_one_goes(page_of_ada: Client, directory: Sandbox) -> None:
    policy = directory.account.escalation_policies[0]["name"]
    page = page_of_ada.get("/incidents/new/", {"escalation_policy": policy, "assignees": "ada@example.com"})
    assert len([problem for problem in page.context["link_problems"] if "not both" in problem]) == 2


def test_an_address_that_cannot_be_named_as_the_sender_is_told_before_typing(
    directory: Sandbox, client: Client, ada: Any
) -> None:
    directory.account.named("users", "Ada Byron")["email"] = "ада@example.com"
    call_command("sync_directory")
    ada.email = "ада@example.com"
    ada.save()
    client.force_login(ada)
    assert client.get("/incidents/new/").status_code == 403


def test_a_value_that_the_account_has_no_more_can_be_seen_and_fixed(page_of_ada: Client, directory: Sandbox) -> None:
    priority = an_id(directory.account.priorities, "P2")
    directory.account.priorities.clear()
    call_command("sync_directory")
    answer = page_of_ada.post("/incidents/new/", least(directory, priority=priority))
    field = answer.context["form"]["priority"]
    assert (answer.status_code, field.is_hidden, len(field.errors)) == (422, False, 1)


def test_the_same_key_again_never_says_that_nothing_was_sent(page_of_ada: Client, directory: Sandbox) -> None:
    answers = least(directory)
    page_of_ada.post("/incidents/new/", answers)
    answer = page_of_ada.post("/incidents/new/", answers | {"title": ""})
    assert (answer.status_code, len(directory.incidents)) == (409, 1)
    assert "This form was already submitted as “Card payments fail” (created)." in answer.content.decode()


def test_a_changed_form_calls_an_undecided_submission_what_the_list_calls_it(
    page_of_ada: Client, directory: Sandbox
) -> None:
    answers = least(directory)
    directory.faults = [Fault("500", call="POST /incidents")]
    page_of_ada.post("/incidents/new/", answers)
    answer = page_of_ada.post("/incidents/new/", answers | {"title": "Card payments fail again"})
    assert "This form was already submitted as “Card payments fail” (not confirmed)." in answer.content.decode()


def test_a_chip_and_an_empty_box_are_one_answer(page_of_ada: Client, directory: Sandbox) -> None:
    """Without JavaScript a chosen service is a ticked box beside an empty text box of the same name."""
    answers = least(directory)
    page_of_ada.post("/incidents/new/", answers | {"service": [answers["service"], ""]})
    assert len(directory.incidents) == 1


def test_a_policy_and_a_person_in_a_link_promise_nothing(page_of_ada: Client, directory: Sandbox) -> None:
    policy = directory.account.escalation_policies[0]["name"]
    query = {"service": "Checkout API", "escalation_policy": policy, "assignees": "ada@example.com"}
    verdict = page_of_ada.get("/incidents/new/", query).context["outlook"].verdict
    assert (verdict.can_submit, "not both" in verdict.sentence) == (False, True)
