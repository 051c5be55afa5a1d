"""/incidents/new/: write an incident and submit it."""

import time
from dataclasses import replace
from uuid import uuid4

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from incidentportal.directory.models import Favorite
from incidentportal.incidents.delivery import Stored, deliver, submit
from incidentportal.incidents.drafts import OFFERED, parse_key, save_unsent
from incidentportal.incidents.feedback import resolve_link
from incidentportal.incidents.forms import IncidentForm
from incidentportal.incidents.limits import WEB_LIMITS
from incidentportal.incidents.models import Draft, State, Submission
from incidentportal.incidents.outlook.choice import choice_in
from incidentportal.incidents.outlook.gather import objection_to
from incidentportal.incidents.outlook.radar import add_open
from incidentportal.incidents.report import Report
from incidentportal.incidents.views.form import earlier_submission, sent_form, show_changed, show_form
from incidentportal.incidents.views.sender import SenderRequest, for_sender

SHORTEST = 2.0  # seconds that the first attempt gets at least, where the look-ups before it were slow


@require_http_methods(["GET", "HEAD", "POST"])
@for_sender
def new(request: SenderRequest) -> HttpResponse:
    """Fill in an incident and submit it. Deep links arrive here with answers to start from."""
    if request.method != "POST":
        return start(request)
    began = time.monotonic()
    form, earlier = sent_form(request), earlier_submission(request)
    if earlier and not form.is_valid():
        return show_changed(request, earlier)
    if not form.is_valid() or not (earlier or may_send(request, form)):
        return show_form(request, form, status=422)
    report, form_key = form.report(), form.cleaned_data["form_key"]
    submission, stored = submit(created_by=request.user, sender=request.sender, form_key=form_key, report=report)
    if stored is Stored.CHANGED:
        return show_changed(request, submission)
    if stored is Stored.NEW:
        Favorite.objects.remember_use(request.user, choice_in(report).things)
    send_now(submission, report, spent=time.monotonic() - began)
    return redirect(page_after(submission))


def may_send(request: SenderRequest, form: IncidentForm) -> bool:
    """Whether a valid form may be sent right now; if not, the form says why."""
    objection = objection_to(form.report(), request.sender, request.POST.getlist("confirmed"))
    if objection:
        form.add_error(*objection)
    return objection is None


def send_now(submission: Submission, report: Report, *, spent: float) -> None:
    """Make the first attempt in what is left of the seconds that a person waits."""
    left = max(SHORTEST, WEB_LIMITS.total - spent)
    deliver(submission, limits=replace(WEB_LIMITS, total=left))
    submission.refresh_from_db()
    service = choice_in(report).service
    if submission.state == State.CREATED and service:
        add_open(service, submission.incident)


def page_after(submission: Submission) -> str:
    """The receipt; or the form again, if PagerDuty refused the report."""
    if submission.state == State.REJECTED and not submission.incident:
        return f"{reverse('incidents:new')}?again={submission.pk}"
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
    resolved, unknown = resolve_link(linked)
    form = IncidentForm(start=resolved)
    wrong = [sentence for name, sentence in form.wrong().items() if name in resolved.texts()]
    drafts = Draft.objects.of(request.user).recent()[:OFFERED]
    return show_form(request, form, link_problems=[*unknown, *unusable, *wrong], drafts=drafts)


def again(request: SenderRequest) -> HttpResponse:
    """The form as it was submitted, with what PagerDuty said of it, to fix it and send it as a new incident."""
    key = parse_key(request.GET["again"])
    earlier = Submission.objects.filter(created_by=request.user, pk=key).first() if key else None
    if earlier is None:
        raise Http404("There is no such submission of yours.")
    report = Report.from_request(earlier.request)
    if not earlier.is_key_typed or "key" in request.GET:
        report = replace(report, incident_key="")
    form = IncidentForm(report.to_form(uuid4()))
    if earlier.state == State.REJECTED and "key" not in request.GET:
        show_refusal(form, earlier)
    return show_form(request, form, earlier=earlier)


def show_refusal(form: IncidentForm, earlier: Submission) -> None:
    """Say at the fields what PagerDuty said of them."""
    for name, sentences in earlier.errors.items():
        form.add_error(name if name in form.fields else None, sentences)
    if form.non_field_errors() and settings.EMERGENCY_CONTACT:
        form.add_error(None, f"You cannot fix this yourself. To reach somebody now: {settings.EMERGENCY_CONTACT}")


def resume(request: SenderRequest) -> HttpResponse:
    """A draft, as it was typed. What is still missing is not an error yet."""
    key = parse_key(request.GET["draft"])
    draft = Draft.objects.of(request.user).filter(form_key=key).first() if key else None
    if draft is None:
        raise Http404("There is no such draft of yours: it was sent or discarded.")
    form = IncidentForm(Report.from_draft(draft.answers).to_form(draft.form_key))
    for name in form.errors.keys() - form.typed.texts().keys():
        del form.errors[name]
    return show_form(request, form)
