"""/incidents/new/draft/: keep what is typed, or throw it away."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from incidentportal.http import PortalRequest
from incidentportal.incidents.delivery import is_same
from incidentportal.incidents.drafts import save_draft
from incidentportal.incidents.models import Draft
from incidentportal.incidents.report import Report
from incidentportal.incidents.views.form import earlier_submission, sent_form


@require_POST
def draft(request: PortalRequest) -> HttpResponse:
    """Keep what is typed so far."""
    form, earlier = sent_form(request), earlier_submission(request)
    if earlier and form.is_valid() and is_same(earlier, form.report()):
        saved = None  # a late save of what was sent
    else:
        saved = save_draft(request.user, request.POST.get("form_key", ""), Report.from_form(request.POST))
    return render(request, "incidents/draft.html", {"draft": saved})


@require_POST
def discard(request: PortalRequest, form_key: UUID) -> HttpResponse:
    """Throw a draft away."""
    Draft.objects.of(request.user).filter(form_key=form_key).delete()
    return redirect("incidents:new")
