"""What PagerDuty says now of created incidents, for the receipts that are open: one list answers all of them.

The list holds the newest incidents of their services. However many receipts are open, this costs at most 30 calls a
minute. An incident that the list does not show is asked for alone.
"""

from dataclasses import replace
from datetime import timedelta
from itertools import islice

from django.utils.timezone import now

from incidentportal.directory.live import answers as live
from incidentportal.directory.live.oncalls import SERVICES_AT_ONCE
from incidentportal.incidents.models import State, Submission
from incidentportal.pagerduty import Client, Incident, Rejected

WATCHED = timedelta(hours=2)  # a page asks for news this long after the creation
FRESH = timedelta(seconds=5)
ROUND = timedelta(seconds=6)  # at most ten rounds a minute, each of at most three calls
KEPT = timedelta(seconds=6.5)  # longer than a round: when an answer expires, the next list may be asked for
MOST = 300  # incidents in one round
LISTED = WATCHED + timedelta(minutes=15)  # how far the list goes back, where PagerDuty's clock differs from ours


def news_of(submission: Submission) -> live.Answer:
    """What PagerDuty says now of a created submission's incident, or said last. Never raises."""
    incident_id, key = submission.incident_id, key_of(submission.incident_id)
    if not live.cached([key]):
        recent = recent_incidents()
        if len(recent) > 1 and incident_id in recent:
            asked = live.ask("incidents", lambda client: ask_for_list(client, recent), fresh=ROUND)
            known = live.known([key]).get(key, live.Answer(None, None))
            if asked.problem:
                return replace(known, problem=asked.problem)
            if known.fetched_at and now() - known.fetched_at < KEPT:
                return known
    return live.ask(key, lambda client: client.get_incident(incident_id).raw, fresh=FRESH)


def recent_incidents() -> dict[str, str]:
    """The latest incidents that a page may ask for: the service of each, by its id."""
    recent = Submission.objects.filter(state=State.CREATED, created_at__gt=now() - WATCHED).exclude(incident_id="")
    return dict(recent.values_list("incident_id", "service_id")[:MOST])


def ask_for_list(client: Client, recent: dict[str, str]) -> int:
    """Ask for the list and store what it says of these incidents. Returns how many it shows; 0 if it is refused."""
    services = list(dict.fromkeys(recent.values()))[:SERVICES_AT_ONCE]
    query = [
        *(("service_ids[]", service_id) for service_id in services),
        ("since", f"{now() - LISTED:%Y-%m-%dT%H:%M:%SZ}"),
        ("sort_by", "created_at:desc"),
    ]
    try:
        incidents = [Incident.read(row) for row in islice(client.rows("incidents", query), MOST)]
    except Rejected:
        return 0
    found = {incident.id: incident.raw for incident in incidents if incident.id in recent}
    live.keep({key_of(incident_id): raw for incident_id, raw in found.items()}, KEPT)
    return len(found)


def key_of(incident_id: str) -> str:
    return f"incident:{incident_id}"
