"""/incidents/new/draft/: keep what is typed, or throw it away."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from incidentportal.http import PortalRequest
from incidentportal.incidents.drafts import LONGEST, free_key, save_draft, size_of
from incidentportal.incidents.models import Draft
from incidentportal.incidents.report import Report
from incidentportal.incidents.views.form import earlier_submission, is_sent_again, sent_form, sent_key


@require_POST
def draft(request: PortalRequest) -> HttpResponse:
    """Keep what is typed so far, right or wrong, unless it is a late save of what was sent."""
    key = sent_key(request)
    if key is None:
        return said(request, problem="Draft not saved: this page is incomplete. Copy what you wrote, and reload it.")
    free = free_key(request.user, key)
    if free != key and is_sent_again(sent_form(request), earlier_submission(request)):
        return said(request)
    typed = Report.from_form(request.POST)
    if size_of(typed.to_draft()) > LONGEST:
        return said(request, problem=f"Draft not saved: it is longer than {LONGEST:,} characters.")
    return said(request, draft=save_draft(request.user, free, typed))


def said(request: PortalRequest, **context: Draft | str | None) -> HttpResponse:
    return render(request, "incidents/draft.html", context)


@require_POST
def discard(request: PortalRequest, form_key: UUID) -> HttpResponse:
    request.user.drafts.filter(form_key=form_key).delete()
    return redirect("incidents:new")
