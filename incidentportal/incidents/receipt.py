"""The receipt: what PagerDuty says now of an incident that was created, and whether somebody picked it up."""

from dataclasses import dataclass, field
from datetime import datetime

from django.utils.timezone import now

from incidentportal.incidents.models import State, Submission
from incidentportal.incidents.news import WATCHED, news_of
from incidentportal.pagerduty import Incident


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
    news = news_of(submission) if submission.incident_id else None
    incident = Incident.read(news.answer if news and news.answer else submission.incident)
    is_recent = submission.decided_at is not None and now() - submission.decided_at < WATCHED
    pick_up = next(iter(incident.acknowledgements), None)
    return Receipt(
        status=incident.status,
        urgency=incident.urgency,
        assignees=[assignee.name for assignee in incident.assignees],
        picked_up_by=pick_up.by.name if pick_up else "",
        picked_up_at=pick_up.at if pick_up else None,
        priority=incident.priority.name,
        as_of=news.fetched_at if news else submission.decided_at,
        problem=news.problem if news else "",
        is_watched=is_recent and incident.status != "resolved",
    )
