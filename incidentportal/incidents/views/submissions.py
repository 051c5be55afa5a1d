"""What became of what was submitted: the receipt, the list, and what can still be done."""

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from incidentportal.directory.models import Person
from incidentportal.incidents import delivery
from incidentportal.incidents.deeplinks import answers_of
from incidentportal.incidents.drafts import parse_key, save_draft
from incidentportal.incidents.models import Note, State, Submission
from incidentportal.incidents.notes import add_note
from incidentportal.incidents.receipt import receipt_of
from incidentportal.incidents.validators import DETAILS_LIMIT, is_visible
from incidentportal.incidents.views.people import access, for_sender, user_of

PAGE_SIZE = 25


@require_safe
def detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One submission: what became of it."""
    return render(request, "incidents/detail.html", about(request, get_object_or_404(Submission, pk=pk)))


@require_safe
def status(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The part of the page that changes, until there is nothing left to wait for."""
    return render(request, "incidents/detail.html#status", about(request, get_object_or_404(Submission, pk=pk)))


def about(request: HttpRequest, submission: Submission) -> dict[str, Any]:
    """What a submission's page shows."""
    creator = Submission.objects.filter(incident_id=submission.incident_id or None, state=State.CREATED).first()
    return {
        "submission": submission,
        "answers": answers_of(submission.request),
        "attempts": submission.attempt_set.all(),
        "receipt": receipt_of(submission),
        "creator": creator,
        "is_author": submission.created_by_id == request.user.pk,
        **access(),
    }


@require_POST
def cancel(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Stop a pending submission of one's own."""
    submission = get_object_or_404(Submission, pk=pk, created_by=user_of(request))
    delivery.cancel(submission)
    return redirect(submission)


@require_POST
@for_sender
def note(request: HttpRequest, sender: Person, incident_id: str) -> HttpResponse:
    """Add one's report as a note to an incident that is already open, instead of raising another one."""
    template = "incidents/note.html#result" if getattr(request, "htmx", False) else "incidents/note.html"
    form_key = parse_key(request.POST.get("form_key", ""))
    title, details = (request.POST.get(name, "").replace("\x00", "").strip() for name in ("title", "details"))
    content = "\n\n".join(part for part in (title, details) if part)
    problem = problem_with_note(content) if form_key else "This page was incomplete. Go back, reload it and try again."
    if problem or not form_key:
        return render(request, template, {"problem": f"{problem} Nothing was added."}, status=422)
    added = add_note(
        created_by=user_of(request), sender=sender, form_key=form_key, incident_id=incident_id, content=content
    )
    draft = None if added.is_added else save_draft(user_of(request), str(form_key), request.POST)
    of_form = Note.objects.filter(created_by=user_of(request), form_key=form_key, incident_id=incident_id)
    context = {
        "note": added,
        "is_kept": draft is not None,
        "earlier_note": of_form.filter(outcome=Note.Outcome.ADDED).exclude(pk=added.pk).exists(),
        "submission": Submission.objects.filter(created_by=user_of(request), form_key=form_key).first(),
        **access(),
    }
    return render(request, template, context, status=422 if added.is_rejected else 200)


def problem_with_note(content: str) -> str:
    """Why this can be no note; empty where it can."""
    if not is_visible(content):
        return "Write a title or details first: they become the note."
    if len(content) > DETAILS_LIMIT:
        return f"Title and details are {len(content)} characters long; at most {DETAILS_LIMIT} fit into a note."
    return ""


@require_safe
def list_(request: HttpRequest) -> HttpResponse:
    """What was submitted through the portal, newest first."""
    q = request.GET.get("q", "").strip()[:200]
    found = Submission.objects.search(q).defer("request", "errors")
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "incidents/list.html", {"page": page, "q": q})
