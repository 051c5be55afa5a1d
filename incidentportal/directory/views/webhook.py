"""What PagerDuty tells us by itself: a service was made, changed or deleted. The mirror follows at once.

Source: developer.pagerduty.com, "Webhooks Overview" and "Verifying Signatures". An event names the service and says
little else, so the service is asked for. PagerDuty wants an answer within 5 s and may send an event twice.
"""

import hashlib
import hmac
import json
import logging
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from incidentportal import pagerduty
from incidentportal.directory.live import answers as live
from incidentportal.directory.sync.mirror import mark_gone, mark_stale
from incidentportal.directory.sync.parsing import dict_in, id_in
from incidentportal.directory.sync.refresh import fetch, live_key
from incidentportal.directory.text import clean

log = logging.getLogger(__name__)

BODY_LIMIT = 300_000  # bytes; PagerDuty documents 256 KB
READ_TIMEOUT, WITHIN = 2.0, 3.0
REMEMBERED_SECONDS = 48 * 3600  # PagerDuty repeats an event for so long
CHANGES = {"service.created", "service.updated", "service.custom_field_values.updated"}


@csrf_exempt
@login_not_required
@require_POST
def webhook(request: HttpRequest) -> HttpResponse:
    """Take an event that bears PagerDuty's signature. There is no such address where no secret is set."""
    secret = getattr(settings, "PAGERDUTY_WEBHOOK_SECRET", "")
    if not secret:
        raise Http404
    length = request.headers.get("Content-Length") or "0"
    if not length.isdigit() or int(length[:12]) > BODY_LIMIT:
        return said(413, "This is longer than an event of PagerDuty.")
    if not is_signed(request.body, request.headers.get("X-PagerDuty-Signature", ""), secret):
        return said(401, "The signature does not fit.")
    try:
        event = dict_in(dict_in(json.loads(request.body)).get("event"))
    except (ValueError, RecursionError):
        return said(400, "This is no JSON.")
    name = clean(request.headers.get("X-Webhook-Id")) or id_in(event)
    key = f"directory:webhook:{hashlib.sha256(name.encode()).hexdigest()}"
    if not name or not cache.get(key):
        follow(event)
        cache.set(key, 1, timeout=REMEMBERED_SECONDS)
    return said(202, "Thank you.")


def is_signed(body: bytes, header: str, secret: str) -> bool:
    """Whether one of the signatures fits. While a secret is replaced there are two; other versions are not for us."""
    ours = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    theirs = [value.partition("=") for value in header.split(",")]
    signatures = [signature.strip() for version, _, signature in theirs if version.strip() == "v1"]
    fits = [hmac.compare_digest(ours.encode(), signature.encode("utf-8", "replace")) for signature in signatures]
    return any(fits)


def follow(event: dict[str, Any]) -> None:
    """Do to the mirror what happened in PagerDuty. What is no concern of the mirror is passed over."""
    kind, service_id = event.get("event_type"), id_in(event.get("data"))
    if not service_id:
        return
    if kind == "service.deleted":
        mark_gone("services", service_id)
    elif kind in CHANGES:
        try:
            fetch(pagerduty.connect(read_timeout=READ_TIMEOUT, within=WITHIN), service_id)
        except pagerduty.Problem as error:
            log.warning("service %s changed, and could not be read: %s", service_id, error)
            mark_stale("services", service_id)
            live.forget(live_key(service_id))


def said(status: int, sentence: str) -> HttpResponse:
    return HttpResponse(sentence, status=status, content_type="text/plain; charset=utf-8")
