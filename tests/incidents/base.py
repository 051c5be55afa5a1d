"""Answers to fill in, and who is on call."""

from datetime import datetime
from typing import Any
from uuid import uuid4

from django.test import Client

from incidentportal.incidents.models import Submission
from incidentportal.pagerduty import OnCall
from sandbox import Sandbox


def an_id(rows: list[dict[str, Any]], name: str) -> str:
    """The id of the object of that name."""
    return next(str(row["id"]) for row in rows if row["name"] == name)


def least(sandbox: Sandbox, **answers: Any) -> dict[str, Any]:
    """The least that a person must fill in."""
    service = an_id(sandbox.account.services, "Checkout API")
    return {"form_key": str(uuid4()), "title": "Card payments fail", "service": service, **answers}


def filled_in(sandbox: Sandbox, page: Any) -> dict[str, Any]:
    """Every field, on top of the page that was drawn."""
    account = sandbox.account
    return {
        "form_key": str(page.context["form"]["form_key"].value()),
        "title": page.context["form"]["title"].value(),
        "service": an_id(account.services, "Checkout API"),
        "urgency": "high",
        "priority": an_id(account.priorities, "P2"),
        "escalation_policy": account.escalation_policies[0]["id"],
        "incident_type": next(
            t["name"] for t in account.incident_types if t["enabled"] and t["name"] != "incident_default"
        ),
        "details": "Since 14:02.\r\nThree customers.",
        "conference_number": "+1 415-555-1212,,,,1234#",
        "conference_url": "https://meet.example.com/inc-42",
        "incident_key": "till-42",
    }


def send(client: Client, answers: dict[str, Any]) -> Submission:
    """Submit, and return the submission that came of it."""
    client.post("/incidents/new/", answers)
    return Submission.objects.get(form_key=answers["form_key"])


def on_call(
    level: int, person_id: str, person_name: str, schedule_name: str = "", until: datetime | None = None
) -> OnCall:
    """Somebody on call at one level of a policy."""
    return OnCall("POLICY", level, person_id, person_name, schedule_name, until)
