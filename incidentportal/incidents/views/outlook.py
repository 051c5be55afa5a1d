"""/incidents/new/outlook/: who will be paged, the verdict and the open incidents, while the form is filled in."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from incidentportal.incidents.names import Names
from incidentportal.incidents.outlook.gather import outlook_on
from incidentportal.incidents.outlook.situation import choice_in
from incidentportal.incidents.report import Report
from incidentportal.incidents.views.form import SenderRequest, for_sender


@require_POST
@for_sender
def outlook(request: SenderRequest) -> HttpResponse:
    choice = choice_in(Report.from_form(request.POST), Names())
    shown = outlook_on(choice, request.sender, request.POST.getlist("confirmed"))
    return render(request, "incidents/outlook.html", {"outlook": shown, "sender": request.sender})
