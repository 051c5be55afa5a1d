"""The page that is shown when the portal itself fails. It needs no database, cache or session."""

import sys

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def server_error(request: HttpRequest) -> HttpResponse:
    """Say whom to call and where the text is. 503 if the database failed, which may soon be back; else 500."""
    is_database = isinstance(sys.exc_info()[1], (OperationalError, InterfaceError))
    context = {"is_database": is_database, "emergency_contact": settings.EMERGENCY_CONTACT}
    # Not given the request: with it, every page asks the database who is logged in.
    response = render(None, "500.html", context, status=503 if is_database else 500)
    if is_database:
        response.headers["Retry-After"] = "5"
    return response
