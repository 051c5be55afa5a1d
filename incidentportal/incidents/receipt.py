"""The receipt: what PagerDuty says now of an incident that was created, and whether somebody picked it up."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.utils.timezone import now

from incidentportal.directory.live.answers import ask
from incidentportal.incidents.models import State, Submission
from incidentportal.pagerduty import JSON, Client, reading

FRESH = timedelta(seconds=5)
WATCHED = timedelta(hours=2)  # the page asks for news this long after the creation


@dataclass(frozen=True)
class Receipt:
    """What a person wants to know after the click."""

    status: str = ""
    urgency: str = ""
    assignees: list[str] = field(default_factory=list)
    picked_up_by: str = ""
    picked_up_at: datetime | None = None
    priority: str = ""
    as_of: datetime | None = None
    problem: str = ""
    is_watched: bool = False


def receipt_of(submission: Submission) -> Receipt:
    """The news of a created submission; what we heard at its creation where PagerDuty does not answer. Never raises."""
    if submission.state != State.CREATED:
        return Receipt()

    def fetch(client: Client) -> JSON:
        return client.get_incident(submission.incident_id)

    news = ask(f"incident:{submission.incident_id}", fetch, fresh=FRESH) if submission.incident_id else None
    incident = news.answer if news and isinstance(news.answer, dict) else submission.incident
    is_recent = submission.decided_at is not None and now() - submission.decided_at < WATCHED
    by, at = pick_up(incident)
    status = reading.text(incident.get("status"))
    return Receipt(
        status=status,
        urgency=reading.text(incident.get("urgency")),
        assignees=[name_of(item, "assignee") for item in reading.objects_in(incident.get("assignments"))],
        picked_up_by=by,
        picked_up_at=at,
        priority=name_of(incident, "priority"),
        as_of=news.fetched_at if news else submission.decided_at,
        problem=news.problem if news else "",
        is_watched=is_recent and status != "resolved",
    )


def pick_up(incident: JSON) -> tuple[str, datetime | None]:
    """Who acknowledged an incident first, and when."""
    first = next(iter(reading.objects_in(incident.get("acknowledgements"))), {})
    return name_of(first, "acknowledger"), reading.moment(first.get("at"))


def name_of(item: JSON, name: str) -> str:
    """What PagerDuty calls a reference."""
    found = reading.object_in(item.get(name))
    return reading.text(found.get("summary")) or reading.text(found.get("id"))
