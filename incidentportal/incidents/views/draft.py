"""/incidents/new/draft/: keep what is typed, or throw it away."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from incidentportal.http import PortalRequest
from incidentportal.incidents.drafts import save_draft
from incidentportal.incidents.views.form import earlier_submission, is_sent_again, sent_form, sent_key


@require_POST
def draft(request: PortalRequest) -> HttpResponse:
    """Keep what is typed so far, unless it is a late save of what was sent."""
    form = sent_form(request)
    is_late = is_sent_again(form, earlier_submission(request))
    saved = None if is_late else save_draft(request.user, sent_key(request), form.typed)
    return render(request, "incidents/draft.html", {"draft": saved})


@require_POST
def discard(request: PortalRequest, form_key: UUID) -> HttpResponse:
    request.user.drafts.filter(form_key=form_key).delete()
    return redirect("incidents:new")
