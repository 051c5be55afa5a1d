"""Who is asking: whoever pages people must be a user of PagerDuty."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render

from incidentportal.directory.models import Person
from incidentportal.http import PortalRequest


class SenderRequest(PortalRequest):
    """A request of somebody who may page people."""

    sender: Person


def for_sender(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Give the view the PagerDuty user of whoever is logged in; without one, say so before anything is typed."""

    @wraps(view)
    def handle(request: SenderRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        sender = Person.objects.for_login(request.user)
        if sender is None or not sender.email.isascii():
            context = {"email": request.user.email, "emergency_contact": settings.EMERGENCY_CONTACT}
            return render(request, "incidents/no_sender.html", context, status=403)
        request.sender = sender
        return view(request, *args, **kwargs)

    return handle
