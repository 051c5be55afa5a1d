"""/incidents/…/: the receipt, and what can still be done."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from incidentportal.http import PortalRequest
from incidentportal.incidents import delivery
from incidentportal.incidents.models import State, Submission
from incidentportal.incidents.phases import phase_of
from incidentportal.incidents.receipt import receipt_of
from incidentportal.incidents.report import Report


@require_safe
def detail(request: PortalRequest, pk: UUID, part: str = "") -> HttpResponse:
    """What became of one submission; or a part of that page: the one that changes."""
    submission = get_object_or_404(Submission, pk=pk)
    receipt, is_author = receipt_of(submission), submission.created_by_id == request.user.pk
    raised_by = who_raised(submission) if submission.state == State.REJECTED else ""
    context = {
        "submission": submission,
        "report": Report.from_request(submission.request),
        "attempts": submission.attempt_set.all(),
        "receipt": receipt,
        "phase": phase_of(submission, receipt, is_author=is_author, raised_by=raised_by),
    }
    return render(request, f"incidents/detail.html{part}", context)


def who_raised(rejected: Submission) -> str:
    """Who raised the open incident that stood in the way; "" where it was not raised here."""
    creators = Submission.objects.filter(incident_id=rejected.incident_id or None, state=State.CREATED)
    return creators.values_list("sender_name", flat=True).first() or ""


@require_POST
def cancel(request: PortalRequest, pk: UUID) -> HttpResponse:
    """Stop a pending submission of one's own."""
    submission = get_object_or_404(Submission, pk=pk, created_by=request.user)
    delivery.cancel(submission)
    return redirect(submission)
