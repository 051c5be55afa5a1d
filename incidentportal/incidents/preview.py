"""The request, visible: what would be sent, and a rehearsal of it."""

import json
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from incidentportal import pagerduty
from incidentportal.directory.models import Person
from incidentportal.incidents.deeplinks import link_query
from incidentportal.incidents.forms import IncidentForm
from incidentportal.incidents.request import as_incident, describe

REHEARSAL_TOKEN = "rehearsal-no-token-0"  # noqa: S105  (the account's own token never leaves for a rehearsal)


def side_of(form: IncidentForm, request: HttpRequest, sender: Person) -> dict[str, Any]:
    """What stands beside the form: the request as far as it is filled in, and a link to the form."""
    link = request.build_absolute_uri(reverse("incidents:new"))
    query = link_query(form.raw)
    shown = describe(pagerduty.connect(), incident_of(form), from_email=sender.email)
    link = f"{link}?{query}" if query else link
    return {**shown, "link": link, "can_rehearse": bool(settings.REHEARSAL_API_URL)}


def incident_of(form: IncidentForm) -> pagerduty.JSON:
    """The incident that the valid part of the form makes."""
    key = form.answers.get("incident_key") or f"portal-{form.raw('form_key')}"[:255]
    return as_incident(form.answers, incident_key=key)


def rehearse(incident: pagerduty.JSON, *, from_email: str) -> dict[str, Any]:
    """Send the request to the rehearsal address and tell what it answered. Nobody is paged by it."""
    if not settings.REHEARSAL_API_URL:
        return {"problem": "There is nowhere to rehearse: an operator can set REHEARSAL_API_URL. Nothing was sent."}
    client = pagerduty.Client(settings.REHEARSAL_API_URL, REHEARSAL_TOKEN, read_timeout=5.0)
    try:
        status, reason, headers, body = client.try_incident(incident, from_email=from_email)
    except pagerduty.Problem as error:
        return {"problem": str(error)}
    with suppress(ValueError):  # what is not JSON is shown as it came
        body = json.dumps(json.loads(body), indent=2, ensure_ascii=False)
    return {"status": status, "reason": reason, "headers": headers, "body": body[:20_000], "problem": ""}
