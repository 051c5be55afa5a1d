"""The main job, as a person does it: log in, fill in everything, submit, read the receipt."""

from django.contrib.auth.models import User
from django.test import Client

from incidentportal.incidents.models import Submission
from sandbox import Sandbox
from tests.conftest import PASSWORD
from tests.incidents.base import an_id, filled_in


def test_it_works(directory: Sandbox, ada: User, client: Client) -> None:
    wanted = "/incidents/new/?title=Card+payments+fail"
    answer = client.get(wanted)
    log_in = "/login/?next=/incidents/new/%3Ftitle%3DCard%2Bpayments%2Bfail"
    assert (answer.status_code, answer["Location"]) == (302, log_in)
    answer = client.post(answer["Location"], {"login": "ada@example.com", "password": PASSWORD})
    assert (answer.status_code, answer["Location"]) == (302, wanted)

    page = client.get(wanted)
    assert page.status_code == 200
    answers = filled_in(directory, page)
    answer = client.post("/incidents/new/", answers)

    submission = Submission.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/incidents/{submission.pk}/")
    sent = [request for request in directory.requests if request.method == "POST" and request.path == "/incidents"]
    assert [(request.headers["From"], request.json) for request in sent] == [
        (
            "ada@example.com",
            {
                "incident": {
                    "type": "incident",
                    "title": "Card payments fail",
                    "service": {"id": an_id(directory.account.services, "Checkout API"), "type": "service_reference"},
                    "priority": {"id": an_id(directory.account.priorities, "P2"), "type": "priority_reference"},
                    "urgency": "high",
                    "incident_key": "till-42",
                    "incident_type": {"name": answers["incident_type"]},
                    "body": {"type": "incident_body", "details": "Since 14:02.\nThree customers."},
                    "escalation_policy": {"id": answers["escalation_policy"], "type": "escalation_policy_reference"},
                    "conference_bridge": {
                        "conference_number": "+1 415-555-1212,,,,1234#",
                        "conference_url": "https://meet.example.com/inc-42",
                    },
                }
            },
        )
    ]
    assert len(directory.incidents) == 1

    receipt = client.get(answer["Location"]).content.decode()
    assert f"#{directory.incidents[0]['incident_number']}" in receipt
    assert directory.incidents[0]["html_url"] in receipt
    assert "till-42" in receipt
    assert "Card payments fail" in client.get("/incidents/").content.decode()
