"""/incidents/new/check/…/: what the form says of one field, while it is filled in."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from incidentportal.incidents.layout import BLOCKS
from incidentportal.incidents.views.form import SenderRequest, for_sender, panels, sent_form

FOLLOWERS = {"service": {"urgency"}}  # the fields of which the form says something else when this one changes


@require_POST
@for_sender
def check(request: SenderRequest, name: str) -> HttpResponse:
    """What the form says of one field, what is blocked by it, and the request as it would be now."""
    form = sent_form(request)
    if name not in form.fields:
        raise Http404("There is no such field.")
    others = [form[other] for other in sorted({*BLOCKS, *FOLLOWERS.get(name, ())} - {name})]
    return render(request, "incidents/check.html", panels(request, form) | {"field": form[name], "others": others})
