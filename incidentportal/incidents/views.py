"""The pages. Each is a function that can be read aloud."""

from typing import Any, cast
from uuid import UUID, uuid4

from django.contrib.auth.models import User
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from incidentportal.directory.models import Person
from incidentportal.incidents import preview
from incidentportal.incidents.deeplinks import answers_in, answers_of
from incidentportal.incidents.delivery import deliver, is_same, submit
from incidentportal.incidents.forms import IncidentForm
from incidentportal.incidents.models import State, Submission

# The person waits for the first attempt: connect and one answer, 10 s at the most. With a typed key it is two answers.
FIRST_ATTEMPT_SECONDS = 6.0
PAGE_SIZE = 25


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Fill in an incident and submit it. Deep links arrive here with answers to start from."""
    sender = Person.objects.for_login(request.user)
    if sender is None:
        return no_sender(request)
    if request.method == "GET":
        if "again" in request.GET:
            return again(request, sender, request.GET["again"])
        answers, notices = answers_in(request.GET)
        form = IncidentForm(initial=answers, sender=sender)
        return show_form(request, form, sender, notices=notices)
    form = IncidentForm(request.POST, sender=sender)
    if not form.is_valid():
        return show_form(request, form, sender, status=422)
    submission, is_new = submit(created_by=user_of(request), sender=sender, answers=form.cleaned_data)
    if not is_new and not is_same(submission, form.cleaned_data):
        return show_changed(request, sender, submission)
    deliver(submission, read_timeout=FIRST_ATTEMPT_SECONDS / (2 if submission.is_key_typed else 1))
    submission.refresh_from_db()
    if submission.state == State.REJECTED:
        return redirect(f"{reverse('incidents:new')}?again={submission.pk}")
    return redirect(submission)


def again(request: HttpRequest, sender: Person, pk: str) -> HttpResponse:
    """The form as it was submitted, with what PagerDuty said of it, to mend it and send it as a new incident."""
    mine = Submission.objects.filter(created_by=user_of(request))
    try:
        earlier = mine.get(pk=UUID(pk))
    except (ValueError, Submission.DoesNotExist):
        raise Http404("There is no such submission of yours.") from None
    data = answers_of(earlier.request)
    data["form_key"] = str(uuid4())
    if not earlier.is_key_typed:
        del data["incident_key"]
    form = IncidentForm(data, sender=sender)
    form.is_valid()
    for name, sentences in earlier.errors.items():
        form.add_error(name if name in form.fields else None, sentences)
    return show_form(request, form, sender, earlier=earlier)


def show_changed(request: HttpRequest, sender: Person, submission: Submission) -> HttpResponse:
    """The same form came again with other content: say what was sent, and offer the new text as a new incident."""
    data = request.POST.copy()
    data["form_key"] = str(uuid4())
    form = IncidentForm(data, sender=sender)
    form.is_valid()
    sentence = f"This form was already submitted as “{submission.title}”. What you changed since has not been sent."
    form.add_error(None, f"{sentence} Press the button again to send it as another incident.")
    return show_form(request, form, sender, status=409, earlier=submission)


def show_form(
    request: HttpRequest, form: IncidentForm, sender: Person, *, status: int = 200, **context: Any
) -> HttpResponse:
    """The form with what it says, live and after an error."""
    form.remark()
    context |= {"form": form, "sender": sender, "blocks": form.blocks(), "side": preview.side_of(form, request, sender)}
    return render(request, "incidents/new.html", context, status=status)


@require_POST
def check(request: HttpRequest, name: str) -> HttpResponse:
    """What the form says about one field, what is blocked by it, and the request as it would be now."""
    sender = Person.objects.for_login(request.user)
    if sender is None:
        return no_sender(request)
    form = IncidentForm(request.POST, sender=sender)
    if name not in form.fields:
        return HttpResponse("There is no such field.", status=404, content_type="text/plain")
    form.is_valid()
    form.remark()
    context = {"form": form, "field": form[name], "sender": sender, "blocks": form.blocks()}
    context["side"] = preview.side_of(form, request, sender)
    return render(request, "incidents/check.html", context)


@require_POST
def rehearse(request: HttpRequest) -> HttpResponse:
    """Send the same request to the rehearsal address, and show its answer. Nobody is paged."""
    sender = Person.objects.for_login(request.user)
    if sender is None:
        return no_sender(request)
    form = IncidentForm(request.POST, sender=sender)
    form.is_valid()
    answer = preview.rehearse(preview.incident_of(form), from_email=sender.email)
    if getattr(request, "htmx", False):
        return render(request, "incidents/rehearsal.html", {"answer": answer})
    return show_form(request, form, sender, answer=answer)


@require_GET
def detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One submission: what became of it."""
    submission = get_object_or_404(Submission, pk=pk)
    return render(request, "incidents/detail.html", about(submission, request))


@require_GET
def status(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The part of the page that changes while a submission is pending."""
    submission = get_object_or_404(Submission, pk=pk)
    return render(request, "incidents/detail.html#status", about(submission, request))


def about(submission: Submission, request: HttpRequest) -> dict[str, Any]:
    """What a submission's page shows. A rejected one carries the form as it was, for its author to mend."""
    context: dict[str, Any] = {"submission": submission, "attempts": submission.attempt_set.all(), "State": State}
    context["is_author"] = submission.created_by_id == request.user.pk
    return context


@require_GET
def list_(request: HttpRequest) -> HttpResponse:
    """What was submitted through the portal, newest first."""
    q = request.GET.get("q", "").strip()[:200]
    page = Paginator(Submission.objects.search(q).defer("request"), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "incidents/list.html", {"page": page, "q": q})


def no_sender(request: HttpRequest) -> HttpResponse:
    """This log-in is no user of PagerDuty: it cannot page, and learns so before typing anything."""
    return render(request, "incidents/no_sender.html", {"email": user_of(request).email}, status=403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A missing or foreign CSRF token: nothing was sent, and the way back to the text."""
    return render(request, "403_csrf.html", {"reason": reason}, status=403)


def user_of(request: HttpRequest) -> User:
    """Whoever is logged in: every page is behind the log-in."""
    return cast(User, request.user)
