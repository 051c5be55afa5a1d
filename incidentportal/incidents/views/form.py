"""The form: write an incident, see what it will do, submit it. Each view is a function that can be read aloud."""

import time
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.views.decorators.http import require_http_methods, require_POST

from incidentportal.directory.models import Favorite, Person
from incidentportal.incidents import preview
from incidentportal.incidents.deeplinks import answers_in, answers_of
from incidentportal.incidents.delivery import WEB_LIMITS, deliver, is_same, submit
from incidentportal.incidents.drafts import (
    as_data,
    draft_of,
    drafts_of,
    following_key,
    keep_for_log_in,
    parse_key,
    save_draft,
    save_unsent,
)
from incidentportal.incidents.forms import IncidentForm
from incidentportal.incidents.models import Draft, State, Submission
from incidentportal.incidents.outlook import gather as outlook
from incidentportal.incidents.outlook.radar import add_open
from incidentportal.incidents.views.people import access, beside_the_form, for_sender, user_of

SHORTEST = 2.0  # seconds that the first attempt gets at least, where the look-ups before it were slow
UNSENT_NOTICE = "You were logged out before this was sent, so nothing was sent. Here is what you wrote."


@require_http_methods(["GET", "HEAD", "POST"])
@for_sender
def new(request: HttpRequest, sender: Person) -> HttpResponse:
    """Fill in an incident and submit it. Deep links arrive here with answers to start from."""
    if request.method != "POST":
        return start(request, sender)
    began = time.monotonic()
    form = IncidentForm(request.POST, sender=sender)
    earlier = earlier_submission(request)
    if earlier and not (form.is_valid() and is_same(earlier, form.cleaned_data)):
        return show_changed(request, sender, earlier)
    if not form.is_valid() or not (earlier or outlook.may_submit(form, sender)):
        return show_form(request, form, sender, status=422)
    submission, is_new = submit(created_by=user_of(request), sender=sender, answers=form.cleaned_data)
    if is_new:
        Favorite.objects.remember_use(request.user, chosen_in(form))
    elif not is_same(submission, form.cleaned_data):
        return show_changed(request, sender, submission)
    left = max(SHORTEST, WEB_LIMITS.altogether - (time.monotonic() - began))
    deliver(submission, limits=replace(WEB_LIMITS, altogether=left))
    submission.refresh_from_db()
    if submission.state == State.CREATED:
        add_open(form.cleaned_data["service"], submission.incident)
    if submission.state == State.REJECTED and not submission.incident:
        return redirect(f"{reverse('incidents:new')}?again={submission.pk}")
    return redirect(submission)


def start(request: HttpRequest, sender: Person) -> HttpResponse:
    """A form to begin with: an earlier submission or draft, what a log-in interrupted, or what a link gives."""
    unsent = save_unsent(request, user_of(request))
    if "again" in request.GET:
        return again(request, sender)
    if "draft" in request.GET:
        return resume(request, sender)
    if unsent and not request.GET:
        return redirect(f"{reverse('incidents:new')}?draft={unsent.form_key}&unsent")
    answers, notices = answers_in(request.GET)
    form = IncidentForm(initial=answers, sender=sender)
    notices += form.notices()
    return show_form(request, form, sender, notices=notices, drafts=drafts_of(user_of(request)))


def again(request: HttpRequest, sender: Person) -> HttpResponse:
    """The form as it was submitted, with what PagerDuty said of it, to mend it and send it as a new incident."""
    key = parse_key(request.GET["again"])
    earlier = Submission.objects.filter(created_by=user_of(request), pk=key).first() if key else None
    if earlier is None:
        raise Http404("There is no such submission of yours.")
    data = answers_of(earlier.request)
    data["form_key"] = str(uuid4())
    if not earlier.is_key_typed or "key" in request.GET:
        del data["incident_key"]
    form = IncidentForm(data, sender=sender)
    form.is_valid()
    if earlier.state == State.REJECTED and "key" not in request.GET:
        for name, sentences in earlier.errors.items():
            form.add_error(name if name in form.fields else None, sentences)
        if form.non_field_errors() and settings.EMERGENCY_CONTACT:
            form.add_error(None, f"You cannot mend this yourself. To reach somebody now: {settings.EMERGENCY_CONTACT}")
    return show_form(request, form, sender, earlier=earlier)


def resume(request: HttpRequest, sender: Person) -> HttpResponse:
    """A draft, as it was typed."""
    draft = draft_of(user_of(request), request.GET["draft"])
    if draft is None:
        raise Http404("There is no such draft of yours: it was sent or discarded.")
    notices = [UNSENT_NOTICE] if "unsent" in request.GET else []
    return show_typed(request, as_data(draft), sender, notices=notices)


def show_changed(request: HttpRequest, sender: Person, earlier: Submission) -> HttpResponse:
    """The same form came again with other content: say what was sent, and offer the new text as a new incident."""
    form = IncidentForm(with_new_key(request.POST), sender=sender)
    form.is_valid()
    said = f"This form was already submitted as “{earlier.title}” ({earlier.get_state_display().lower()})."
    form.add_error(
        None, f"{said} What you changed since has not been sent. Press the button to send it as a new incident."
    )
    return show_form(request, form, sender, status=409, earlier=earlier)


def show_typed(request: HttpRequest, data: QueryDict, sender: Person, **context: Any) -> HttpResponse:
    """The form as somebody left it. What is still missing is no error yet."""
    form = IncidentForm(data, sender=sender)
    for name in [name for name, sentences in form.errors.items() if not form.raw(name) or not sentences]:
        del form.errors[name]
    return show_form(request, form, sender, **context)


def show_form(
    request: HttpRequest, form: IncidentForm, sender: Person, *, status: int = 200, **context: Any
) -> HttpResponse:
    """The form with what it says, live and after an error."""
    if "form_key" in form.errors:
        form.data = with_new_key(form.data)
        form.add_error(None, "This page was incomplete, so nothing was sent. Press the button again.")
        del form.errors["form_key"]
    context |= {**panels(request, form, sender), **access(), "outlook": outlook.outlook_on(form, sender)}
    return render(request, "incidents/new.html", context, status=status)


def panels(request: HttpRequest, form: IncidentForm, sender: Person) -> dict[str, Any]:
    """What the form says of itself: hints, what is blocked, and the request as it would be sent."""
    form.show_hints(outlook.hints_for(form, sender))
    side = preview.side_of(form, request, sender)
    return {"form": form, "sender": sender, "blocks": form.blocks(), "side": side}


@require_POST
@for_sender
def check(request: HttpRequest, sender: Person, name: str) -> HttpResponse:
    """What the form says about one field, what is blocked by it, and the request as it would be now."""
    form = IncidentForm(request.POST, sender=sender)
    if name not in form.fields:
        raise Http404("There is no such field.")
    form.is_valid()
    return render(request, "incidents/check.html", panels(request, form, sender) | {"field": form[name]})


@require_POST
@for_sender
def show_outlook(request: HttpRequest, sender: Person) -> HttpResponse:
    """Who will be paged, the verdict and the open incidents, for the form as it is now."""
    form = IncidentForm(request.POST, sender=sender)
    form.is_valid()
    return render(
        request, "incidents/outlook.html", {"form": form, "outlook": outlook.outlook_on(form, sender), **access()}
    )


@require_POST
@for_sender
def rehearse(request: HttpRequest, sender: Person) -> HttpResponse:
    """Send the same request to the rehearsal address, and show its answer. Nobody is paged."""
    form = IncidentForm(request.POST, sender=sender)
    if form.is_valid():
        answer, status = preview.rehearse(preview.incident_of(form), from_email=sender.email), 200
    else:
        answer, status = {"problem": f"Nothing was sent. Mend these first. {' '.join(form.wrong())}"}, 422
    if getattr(request, "htmx", False):
        return render(request, "incidents/rehearsal.html", {"answer": answer}, status=status)
    return show_form(request, form, sender, answer=answer, status=status)


@require_POST
def draft(request: HttpRequest) -> HttpResponse:
    """Keep what is typed so far."""
    form, earlier = IncidentForm(request.POST), earlier_submission(request)
    if earlier and form.is_valid() and is_same(earlier, form.cleaned_data):
        saved_at = None  # a late save of what was sent
    else:
        saved_at = save_draft(user_of(request), request.POST.get("form_key", ""), request.POST)
    return render(request, "incidents/draft.html", {"saved_at": saved_at})


@require_POST
def discard(request: HttpRequest, form_key: UUID) -> HttpResponse:
    """Throw a draft away."""
    Draft.objects.filter(created_by=user_of(request), form_key=form_key).delete()
    return redirect("incidents:new")


def earlier_submission(request: HttpRequest) -> Submission | None:
    """What this very form led to before: a double click, a reload, or back and again."""
    key = parse_key(request.POST.get("form_key", ""))
    return Submission.objects.filter(created_by=user_of(request), form_key=key).first() if key else None


def with_new_key(data: Any) -> QueryDict:
    """The same answers as another form."""
    copy: QueryDict = data.copy()
    key = parse_key(data.get("form_key", ""))
    copy["form_key"] = str(following_key(key) if key else uuid4())
    return copy


def chosen_in(form: IncidentForm) -> list[Any]:
    """The objects of the directory that a valid form names."""
    one = [form.cleaned_data.get(name) for name in ("service", "escalation_policy")]
    return [thing for thing in [*one, *form.cleaned_data.get("assignees", [])] if thing]


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A missing or foreign CSRF token: nothing is sent. What was typed comes back, to be sent from a sound page."""
    if getattr(request, "htmx", False):
        return beside_the_form(render(request, "too_old.html"))
    if not request.path.startswith(reverse("incidents:new")):
        return render(request, "403_csrf.html", status=403)
    if not request.user.is_authenticated:
        keep_for_log_in(request)
        return redirect_to_login(reverse("incidents:new"))
    return show_refused(request)


@for_sender
def show_refused(request: HttpRequest, sender: Person) -> HttpResponse:
    """The form that came without a sound token, as it was typed. Its key stays, so that it is still the same form."""
    form = IncidentForm(request.POST, sender=sender)
    earlier = earlier_submission(request)
    if earlier and form.is_valid() and is_same(earlier, form.cleaned_data):
        return redirect(earlier)
    if earlier:
        return show_changed(request, sender, earlier)
    form.add_error(None, f"Nothing was sent: this page was too old, or did not come from here ({now():%H:%M} UTC).")
    return show_form(request, form, sender, status=403)
