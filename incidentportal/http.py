"""A request as our views get it, and what every template can show."""

from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django_htmx.middleware import HtmxDetails

from incidentportal import __version__


class PortalRequest(HttpRequest):
    """A request past the middleware: somebody is logged in, and HTMX may have sent it."""

    user: User
    htmx: HtmxDetails


def beside_the_form(message: HttpResponse) -> HttpResponse:
    """A message for an HTMX request that leaves the form, and what was typed, as it is."""
    message.headers["HX-Retarget"] = "#problem"
    message.headers["HX-Reswap"] = "innerHTML"
    return message


def on_every_page(request: HttpRequest) -> dict[str, str]:
    return {"version": __version__, "emergency_contact": settings.EMERGENCY_CONTACT}
