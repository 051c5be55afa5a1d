"""/incidents/new/rehearse/: send the request where it pages nobody."""

from uuid import uuid4

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from incidentportal.incidents import preview
from incidentportal.incidents.report import made_key
from incidentportal.incidents.views.form import SenderRequest, for_sender, sent_form, show_form


@require_POST
@for_sender
def rehearse(request: SenderRequest) -> HttpResponse:
    """Send the same request to the rehearsal address, and show its answer. Nobody is paged."""
    form = sent_form(request)
    if form.is_valid():
        report = form.report()
        incident = report.to_request(incident_key=report.incident_key or made_key(uuid4()))
        answer, status = preview.rehearse(incident, from_email=request.sender.email), 200
    else:
        answer, status = {"problem": f"Nothing was sent. Fix these first. {' '.join(form.wrong().values())}"}, 422
    if request.htmx:
        return render(request, "incidents/rehearsal.html", {"answer": answer}, status=status)
    return show_form(request, form, answer=answer, status=status)
