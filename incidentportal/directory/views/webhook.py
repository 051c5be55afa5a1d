"""PagerDuty's webhook: a service was created, changed or deleted. The mirror follows at once.

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
from django.http.request import RawPostDataException, UnreadablePostError
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from incidentportal import pagerduty
from incidentportal.directory.live import answers as live
from incidentportal.directory.models import Service
from incidentportal.directory.sync.mirror import mark_gone, mark_stale
from incidentportal.directory.sync.refresh import fetch, live_key
from incidentportal.pagerduty.reading import id_in, object_in, text

log = logging.getLogger(__name__)

BODY_LIMIT = 300_000  # bytes; PagerDuty documents 256 KB
READ_TIMEOUT, WITHIN = 2.0, 3.0
REMEMBERED_SECONDS = 48 * 3600  # PagerDuty repeats an event for so long
CHANGES = {"service.created", "service.updated", "service.custom_field_values.updated"}


@csrf_exempt
@login_not_required
@require_POST
def webhook(request: HttpRequest) -> HttpResponse:
    """Accept an event with PagerDuty's signature. Without a secret in the settings, the address does not exist."""
    secret = settings.PAGERDUTY_WEBHOOK_SECRET
    if not secret:
        raise Http404
    length = request.headers.get("Content-Length") or "0"
    if not length.isdecimal() or int(length[:12]) > BODY_LIMIT:
        return respond(413, "The event is too large.")
    try:
        body = request.body
    except (RawPostDataException, UnreadablePostError):  # parts of a form were read as such; the sender hung up
        return respond(415, "The body must be JSON.")
    if not is_signed(body, request.headers.get("X-PagerDuty-Signature", ""), secret):
        return respond(401, "The signature does not match.")
    try:
        event = object_in(object_in(json.loads(body)).get("event"))
    except (ValueError, RecursionError):
        return respond(400, "This is not JSON.")
    name = text(request.headers.get("X-Webhook-Id")) or id_in(event)
    key = f"directory:webhook:{hashlib.sha256(name.encode()).hexdigest()}"
    if not name or not cache.get(key):
        follow(event)
        cache.set(key, 1, timeout=REMEMBERED_SECONDS)
    return respond(202, "Accepted.")


def is_signed(body: bytes, header: str, secret: str) -> bool:
    """Whether one of the signatures matches. There are two while a secret is replaced; other versions are ignored."""
    ours = f"v1={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}".encode()
    theirs = [signature.strip().encode("utf-8", "replace") for signature in header.split(",")]
    return any([hmac.compare_digest(ours, signature) for signature in theirs])  # noqa: C419  (always all of them)


def follow(event: dict[str, Any]) -> None:
    """Apply the event to the mirror. Events that do not concern it are ignored."""
    event_type, service_id = text(event.get("event_type")), id_in(event.get("data"))
    if not service_id:
        return
    if event_type == "service.deleted":
        mark_gone(Service.kind, service_id)
    elif event_type in CHANGES:
        try:
            fetch(pagerduty.connect(read_timeout=READ_TIMEOUT, within=WITHIN), service_id)
        except pagerduty.Problem as error:
            log.warning("service %s changed but could not be read: %s", service_id, error)
            mark_stale(Service.kind, service_id)
            live.forget(live_key(service_id))


def respond(status: int, message: str) -> HttpResponse:
    return HttpResponse(message, status=status, content_type="text/plain; charset=utf-8")
