"""/incidents/new/note/…/: add one's report as a note to an incident that is already open."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from incidentportal.incidents.drafts import free_key, save_draft
from incidentportal.incidents.fields import DETAILS_LIMIT, is_visible
from incidentportal.incidents.forms import INCOMPLETE
from incidentportal.incidents.models import Note
from incidentportal.incidents.notes import add_note, invalid, result_of
from incidentportal.incidents.report import Report
from incidentportal.incidents.views.form import SenderRequest, earlier_submission, for_sender, sent_key


@require_POST
@for_sender
def note(request: SenderRequest, incident_id: str) -> HttpResponse:
    """Add title and details as a note, instead of raising another incident."""
    template = "incidents/note.html#result" if request.htmx else "incidents/note.html"
    typed, form_key = Report.from_form(request.POST), sent_key(request)
    parts = (text.replace("\x00", "").strip() for text in (typed.title, typed.details))
    content = "\n\n".join(part for part in parts if part)
    problem = problem_with_note(content) if form_key else f"{INCOMPLETE} Go back, reload it and try again."
    if problem or not form_key:
        return render(request, template, {"result": invalid(problem)}, status=422)
    added = add_note(
        created_by=request.user, sender=request.sender, form_key=form_key, incident_id=incident_id, content=content
    )
    draft = None if added.is_added else save_draft(request.user, free_key(request.user, form_key), typed)
    of_form = Note.objects.filter(created_by=request.user, form_key=form_key, incident_id=incident_id)
    submission = earlier_submission(request)
    context = {
        "note": added,
        "result": result_of(added, submission, is_page=not request.htmx),
        "is_kept": draft is not None,
        "earlier_note": of_form.filter(outcome=Note.Outcome.ADDED).exclude(pk=added.pk).exists(),
        "submission": submission,
    }
    return render(request, template, context, status=422 if added.outcome == Note.Outcome.REJECTED else 200)


def problem_with_note(content: str) -> str:
    """Why this cannot be a note; empty where it can."""
    if len(content) > DETAILS_LIMIT:
        length = f"Title and details are {len(content)} characters long; at most {DETAILS_LIMIT} fit into a note."
        return f"{length} Nothing was added."
    if not is_visible(content):
        return "Write a title or details first: they become the note. Nothing was added."
    return ""
