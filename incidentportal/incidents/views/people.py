"""Who is asking: every page is behind the log-in, and paging needs a PagerDuty user."""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.conf import settings
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from incidentportal import pagerduty
from incidentportal.directory.models import Person


def for_sender(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Give the view the PagerDuty user of whoever is logged in; without one, say so before anything is typed."""

    @wraps(view)
    def handle(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        sender = Person.objects.for_login(request.user)
        if sender is None or not sender.email.isascii():
            context = {"email": user_of(request).email, **access()}
            return render(request, "incidents/no_sender.html", context, status=403)
        return view(request, sender, *args, **kwargs)

    return handle


def beside_the_form(message: HttpResponse) -> HttpResponse:
    """A message for an HTMX request that leaves the form, and what was typed, as it is."""
    message.headers["HX-Retarget"] = "#problem"
    message.headers["HX-Reswap"] = "innerHTML"
    return message


def user_of(request: HttpRequest) -> User:
    """Whoever is logged in."""
    return cast(User, request.user)


def access() -> dict[str, Any]:
    """Whether PagerDuty can be reached and lets us in, as far as the latest calls show, and whom to call if not."""
    return {
        "down_since": pagerduty.down_since(),
        "refused_since": pagerduty.refused_since(),
        "emergency_contact": settings.EMERGENCY_CONTACT,
    }
