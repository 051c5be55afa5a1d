"""The form as every page of it is drawn, and who may see it: whoever pages people must be a user of PagerDuty."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from incidentportal.directory.models import Person
from incidentportal.http import PortalRequest
from incidentportal.incidents.delivery import is_same
from incidentportal.incidents.drafts import following_key, parse_key
from incidentportal.incidents.forms import IncidentForm
from incidentportal.incidents.models import Submission
from incidentportal.incidents.outlook.gather import hints_for, outlook_on
from incidentportal.incidents.outlook.situation import choice_in
from incidentportal.incidents.phases import listed_phase_of
from incidentportal.incidents.preview import describe
from incidentportal.incidents.report import Report, made_key, repeated_in

KEY_TO_COME = made_key("<made when this is sent>")


class SenderRequest(PortalRequest):
    """A request of somebody who may page people."""

    sender: Person


def for_sender(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Give the view the PagerDuty user of whoever is logged in; without one, say so before anything is typed."""

    @wraps(view)
    def handle(request: SenderRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        sender = Person.objects.for_login(request.user)
        if sender is None or not sender.email.isascii():
            return render(request, "incidents/no_sender.html", {"email": request.user.email}, status=403)
        request.sender = sender
        return view(request, *args, **kwargs)

    return handle


def sent_form(request: PortalRequest, form_key: UUID | None = None) -> IncidentForm:
    """The form that was sent, or the same answers under another key."""
    data = Report.from_form(request.POST).to_form(form_key or request.POST.get("form_key", ""))
    return IncidentForm(data, repeated=repeated_in(request.POST))


def sent_key(request: PortalRequest) -> UUID | None:
    return parse_key(request.POST.get("form_key", ""))


def earlier_submission(request: PortalRequest) -> Submission | None:
    """What this very form of this person led to before: a double click, a reload, or back and again."""
    key = sent_key(request)
    return request.user.submissions.filter(form_key=key).first() if key else None


def is_sent_again(form: IncidentForm, earlier: Submission | None) -> bool:
    """Whether this form, with these very answers, was submitted before."""
    return earlier is not None and form.is_valid() and is_same(earlier, form.report())


def show_form(request: SenderRequest, form: IncidentForm, *, status: int = 200, **context: Any) -> HttpResponse:
    """The form with what it says, live and after an error."""
    if "form_key" in form.errors:
        form.add_error(None, [str(error) for error in form.errors.pop("form_key")])
        form.data = form.typed.to_form(uuid4())
    outlook = outlook_on(choice_in(form.typed, form.names), request.sender, request.POST.getlist("confirmed"))
    context |= panels(request, form) | {"outlook": outlook}
    return render(request, "incidents/new.html", context, status=status)


def show_changed(request: SenderRequest, earlier: Submission) -> HttpResponse:
    """The same form came again with other content: say what was sent, and offer the new text as a new incident."""
    form = sent_form(request, following_key(earlier.form_key))
    state = listed_phase_of(earlier).label.lower()
    form.add_error(
        None,
        f"This form was already submitted as “{earlier.title}” ({state}). What you changed since has not been sent. "
        "Press the button to send it as a new incident.",
    )
    return show_form(request, form, status=409, earlier=earlier)


def panels(request: SenderRequest, form: IncidentForm) -> dict[str, Any]:
    """The form with its hints, and beside it the request as it would be sent and a link to the form."""
    form.hints = hints_for(choice_in(form.typed, form.names), request.sender)
    report, query = form.report(), form.typed.to_link()
    incident = report.to_request(incident_key=report.incident_key or KEY_TO_COME)
    link = request.build_absolute_uri(reverse("incidents:new"))
    panel = {
        **describe(incident, from_email=request.sender.email),
        "link": f"{link}?{query}" if query else link,
        "can_rehearse": bool(settings.REHEARSAL_API_URL),
    }
    return {"form": form, "sender": request.sender, "request_panel": panel}
