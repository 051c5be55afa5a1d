"""A log-in that fails leaves a line: who, by the name that was typed, and from where. Never the password."""

import logging
from typing import Any

from allauth.account.adapter import get_adapter
from django.contrib.auth.backends import BaseBackend
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from incidentportal.wording import plain_line

log = logging.getLogger(__name__)
SHOWN = 80  # characters of the name that was typed


class NoteFailure(BaseBackend):
    """The last backend to be asked. It lets nobody in: it only logs that no other backend did."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> None:
        typed = credentials.get("username") or credentials.get("email")
        log.warning("Log-in failed: %r from %s.", plain_line(typed)[:SHOWN], address_of(request))


def address_of(request: HttpRequest | None) -> str:
    """The address under which the limits of log-ins count a request."""
    if request is None:
        return "this machine"
    try:
        return str(get_adapter().get_client_ip(request))
    except PermissionDenied:
        return "an unknown address"
