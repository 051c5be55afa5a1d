"""/incidents/new/: write an incident and submit it."""

import time
from dataclasses import replace
from uuid import uuid4

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from incidentportal.directory.models import Favorite
from incidentportal.incidents.ceiling import objection_to_another
from incidentportal.incidents.delivery import WEB_LIMITS, deliver, is_same, submit
from incidentportal.incidents.drafts import OFFERED, parse_key, save_unsent
from incidentportal.incidents.fields import resolve_link
from incidentportal.incidents.forms import IncidentForm
from incidentportal.incidents.models import State, Submission
from incidentportal.incidents.names import Names
from incidentportal.incidents.outlook.gather import objection_to
from incidentportal.incidents.outlook.radar import add_open
from incidentportal.incidents.outlook.situation import choice_in
from incidentportal.incidents.report import Report
from incidentportal.incidents.views.form import (
    SenderRequest,
    earlier_submission,
    for_sender,
    sent_form,
    show_changed,
    show_form,
)
from incidentportal.pagerduty import is_silent, without_waiting_in_vain

SHORTEST = 2.0  # seconds that the first attempt gets at least, where the look-ups before it were slow


@require_http_methods(["GET", "HEAD", "POST"])
@for_sender
def new(request: SenderRequest) -> HttpResponse:
    """Fill in an incident and submit it. Deep links arrive here with answers to start from."""
    if request.method != "POST":
        return start(request)
    began = time.monotonic()
    form, earlier = sent_form(request), earlier_submission(request)
    is_judged = form.is_valid() and not earlier  # what was stored before is not judged again
    objection = objection_to_this(request, form) if is_judged else None
    if objection:
        form.add_error(*objection)
    if not form.is_valid():
        return show_changed(request, earlier) if earlier else show_form(request, form, status=422)
    report, form_key = form.report(), form.cleaned_data["form_key"]
    submission, is_new = submit(created_by=request.user, sender=request.sender, form_key=form_key, report=report)
    if not (is_new or is_same(submission, report)):
        return show_changed(request, submission)
    choice = choice_in(report, form.names)
    if is_new:
        Favorite.objects.remember_use(request.user, choice.things)
    first_attempt(submission, began)
    if submission.state == State.CREATED and choice.service:
        add_open(choice.service, submission.incident)
    return redirect(page_after(submission))


def objection_to_this(request: SenderRequest, form: IncidentForm) -> tuple[str | None, str] | None:
    """Why a valid form is not sent all the same: the field, or None for all of it, and what to do."""
    with without_waiting_in_vain():
        confirmed, form_key = request.POST.getlist("confirmed"), form.cleaned_data["form_key"]
        ceiling = objection_to_another(request.user, form_key)
        return ceiling or objection_to(form.report(), request.sender, confirmed, form.names)


def first_attempt(submission: Submission, began: float) -> None:
    """Send it while the person waits. Where PagerDuty is known to be silent nobody waits: a worker tries at once."""
    if not is_silent():
        left = max(SHORTEST, WEB_LIMITS.total - (time.monotonic() - began))
        deliver(submission, limits=replace(WEB_LIMITS, total=left))
        submission.refresh_from_db()


def page_after(submission: Submission) -> str:
    """The receipt; or the form again, if PagerDuty refused the report."""
    if submission.state == State.REJECTED and not submission.incident:
        return reverse("incidents:new", query={"again": submission.pk})
    return submission.get_absolute_url()


def start(request: SenderRequest) -> HttpResponse:
    """A form to begin with: an earlier submission or draft, what a log-in interrupted, or what a link gives."""
    unsent = save_unsent(request)
    if "again" in request.GET:
        return again(request)
    if "draft" in request.GET:
        return resume(request)
    if unsent and not request.GET:
        return redirect(f"{reverse('incidents:new')}?draft={unsent.form_key}&unsent")
    linked, unusable = Report.from_link(request.GET)
    names = Names()
    resolved, unknown = resolve_link(linked, names)
    form = IncidentForm(resolved.to_form(uuid4()), names=names)
    wrong = [sentence for name, sentence in form.wrong().items() if name in resolved.texts()]
    form.errors.clear()  # nobody has sent it yet
    drafts = request.user.drafts.recent()[:OFFERED]
    return show_form(request, form, link_problems=[*unknown, *unusable, *wrong], drafts=drafts)


def again(request: SenderRequest) -> HttpResponse:
    """The form as it was submitted, with what PagerDuty said of it, to fix it and send it as a new incident."""
    earlier = get_object_or_404(request.user.submissions, pk=parse_key(request.GET["again"]))
    report = Report.from_request(earlier.request)
    if not earlier.is_key_typed or "key" in request.GET:
        report = replace(report, incident_key="")
    form = IncidentForm(report.to_form(uuid4()))
    if earlier.state == State.REJECTED and "key" not in request.GET:
        for name, sentences in earlier.errors.items():
            form.add_error(name if name in form.fields else None, sentences)
        if form.non_field_errors() and settings.EMERGENCY_CONTACT:
            form.add_error(None, f"You cannot fix this yourself. To reach somebody now: {settings.EMERGENCY_CONTACT}")
    return show_form(request, form, earlier=earlier)


def resume(request: SenderRequest) -> HttpResponse:
    """A draft, as it was typed. What is still missing is not an error yet."""
    draft = get_object_or_404(request.user.drafts, form_key=parse_key(request.GET["draft"]))
    form = IncidentForm(Report.from_draft(draft.answers).to_form(draft.form_key))
    for name in form.errors.keys() - form.typed.texts().keys():
        del form.errors[name]
    return show_form(request, form)
