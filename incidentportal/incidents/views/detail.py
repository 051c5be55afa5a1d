"""/incidents/…/: the receipt, and what can still be done."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from incidentportal.http import PortalRequest
from incidentportal.incidents import delivery
from incidentportal.incidents.models import State, Submission
from incidentportal.incidents.phases.table import phase_of
from incidentportal.incidents.receipt import receipt_of
from incidentportal.incidents.report import Report


@require_safe
def detail(request: PortalRequest, pk: UUID) -> HttpResponse:
    """One submission: what became of it."""
    return render(request, "incidents/detail.html", about(request, get_object_or_404(Submission, pk=pk)))


@require_safe
def status(request: PortalRequest, pk: UUID) -> HttpResponse:
    """The part of the page that changes, until there is nothing left to wait for."""
    return render(request, "incidents/detail.html#status", about(request, get_object_or_404(Submission, pk=pk)))


def about(request: PortalRequest, submission: Submission) -> dict[str, Any]:
    """What a submission's page shows."""
    creator = Submission.objects.filter(incident_id=submission.incident_id or None, state=State.CREATED).first()
    receipt, is_author = receipt_of(submission), submission.created_by_id == request.user.pk
    raised_by = creator.sender_name if creator else ""
    return {
        "submission": submission,
        "report": Report.from_request(submission.request),
        "attempts": submission.attempt_set.all(),
        "receipt": receipt,
        "phase": phase_of(submission, receipt, is_author=is_author, raised_by=raised_by),
        "emergency_contact": settings.EMERGENCY_CONTACT,
    }


@require_POST
def cancel(request: PortalRequest, pk: UUID) -> HttpResponse:
    """Stop a pending submission of one's own."""
    submission = get_object_or_404(Submission, pk=pk, created_by=request.user)
    delivery.cancel(submission)
    return redirect(submission)
