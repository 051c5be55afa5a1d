"""What is shown where the portal itself fails. Nothing here needs the database, the cache or a session."""

import sys

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def server_error(request: HttpRequest) -> HttpResponse:
    """Whom to call, and where the text is. 503 where it is the database, which may be back in a moment; else 500."""
    is_database = isinstance(sys.exc_info()[1], (OperationalError, InterfaceError))
    context = {"is_database": is_database, "emergency_contact": settings.EMERGENCY_CONTACT}
    # Without the request, because of which every page asks who is logged in.
    response = render(None, "500.html", context, status=503 if is_database else 500)
    if is_database:
        response.headers["Retry-After"] = "5"
    return response
