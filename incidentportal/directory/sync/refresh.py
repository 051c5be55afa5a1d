"""One service as PagerDuty has it now: between opening a form and sending it, it may have gone or changed."""

from datetime import timedelta

from incidentportal import pagerduty
from incidentportal.directory.live import answers as live
from incidentportal.directory.models import Service
from incidentportal.directory.sync.mirror import mark_gone, write_one
from incidentportal.pagerduty.reading import ID

GONE = 404


def refresh_service(service_id: str, *, fresh: timedelta = live.FRESH) -> Service | None:
    """The service, at most `fresh` old; where PagerDuty does not answer, as last known. None: it is gone."""
    if not ID.fullmatch(service_id):
        return None
    live.ask(live_key(service_id), lambda client: fetch(client, service_id), fresh=fresh)
    return Service.objects.current().select_related("escalation_policy").filter(pk=service_id).first()


def live_key(service_id: str) -> str:
    return f"service:{service_id}"


def fetch(client: pagerduty.Client, service_id: str) -> pagerduty.JSON:
    """Bring the row of a service up to date. Returns what is worth keeping of the answer."""
    try:
        raw = client.get_service(service_id)
    except pagerduty.Rejected as error:
        if error.status != GONE:
            raise
        mark_gone(Service.kind, service_id)
        return {"is_gone": True}
    write_one(Service.kind, raw)
    return {"is_gone": False}
