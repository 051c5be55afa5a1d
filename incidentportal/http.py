"""A request as our views get it: somebody is logged in, and HTMX may have sent it."""

from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django_htmx.middleware import HtmxDetails


class PortalRequest(HttpRequest):
    """A request past the middleware."""

    user: User
    htmx: HtmxDetails


def beside_the_form(message: HttpResponse) -> HttpResponse:
    """A message for an HTMX request that leaves the form, and what was typed, as it is."""
    message.headers["HX-Retarget"] = "#problem"
    message.headers["HX-Reswap"] = "innerHTML"
    return message
