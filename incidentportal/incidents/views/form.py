"""The form as every page of it is drawn: empty, half filled in, with errors, or after it was sent already."""

from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from incidentportal.http import PortalRequest
from incidentportal.incidents.drafts import following_key, parse_key
from incidentportal.incidents.forms import IncidentForm
from incidentportal.incidents.models import Submission
from incidentportal.incidents.outlook.gather import hints_for, outlook_on
from incidentportal.incidents.preview import describe
from incidentportal.incidents.report import Report, repeated_in
from incidentportal.incidents.views.sender import SenderRequest


def sent_form(request: PortalRequest, form_key: UUID | None = None) -> IncidentForm:
    """The form that was sent, or the same answers under another key."""
    typed = Report.from_form(request.POST)
    data = typed.to_form(form_key or request.POST.get("form_key", ""))
    return IncidentForm(data, repeated=repeated_in(request.POST))


def earlier_submission(request: PortalRequest) -> Submission | None:
    """What the form that was sent led to before."""
    key = parse_key(request.POST.get("form_key", ""))
    return Submission.objects.of_form(request.user, key) if key else None


def show_form(request: SenderRequest, form: IncidentForm, *, status: int = 200, **context: Any) -> HttpResponse:
    """The form with what it says, live and after an error."""
    if "form_key" in form.errors:
        form.add_error(None, [str(error) for error in form.errors.pop("form_key")])
        form.data = form.typed.to_form(uuid4())
    context |= panels(request, form) | {
        "outlook": outlook_on(form.typed, request.sender, request.POST.getlist("confirmed")),
        "emergency_contact": settings.EMERGENCY_CONTACT,
    }
    return render(request, "incidents/new.html", context, status=status)


def show_changed(request: SenderRequest, earlier: Submission) -> HttpResponse:
    """The same form came again with other content: say what was sent, and offer the new text as a new incident."""
    form = sent_form(request, following_key(earlier.form_key))
    state = earlier.get_state_display().lower()
    form.add_error(
        None,
        f"This form was already submitted as “{earlier.title}” ({state}). What you changed since has not been sent. "
        "Press the button to send it as a new incident.",
    )
    return show_form(request, form, status=409, earlier=earlier)


def panels(request: SenderRequest, form: IncidentForm) -> dict[str, Any]:
    """The form with its hints, and beside it the request as it would be sent and a link to the form."""
    form.hints = hints_for(form.typed, request.sender)
    report, query = form.report(), form.typed.to_link()
    incident = report.to_request(incident_key=report.key_for(form["form_key"].value())[:255])
    link = request.build_absolute_uri(reverse("incidents:new"))
    panel = {
        **describe(incident, from_email=request.sender.email),
        "link": f"{link}?{query}" if query else link,
        "can_rehearse": bool(settings.REHEARSAL_API_URL),
    }
    return {"form": form, "sender": request.sender, "request_panel": panel}
