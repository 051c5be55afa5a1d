"""Nothing typed is lost and no error is bare: expired log-ins, unreadable requests, methods that are not allowed."""

from collections.abc import Callable

from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import redirect, render
from django.urls import reverse

from incidentportal.incidents.drafts import keep_for_log_in
from incidentportal.incidents.views.people import beside_the_form

Handler = Callable[[HttpRequest], HttpResponse]


def refuse_unreadable(get_response: Handler) -> Handler:
    """Say of a request that is too large or not readable what to do, before anything else stumbles over it."""

    def handle(request: HttpRequest) -> HttpResponse:
        try:
            request.POST.get("")
            if "\x00" in request.path and request.path.startswith("/admin/"):
                raise BadRequest
            if request.path.startswith("/admin/") and any("\x00" in value for value in request.GET.values()):
                raise BadRequest  # PostgreSQL cannot even look for it
        except (SuspiciousOperation, BadRequest, MultiPartParserError, UnicodeError, LookupError):
            return render(request, "400.html", status=400)
        response = get_response(request)
        if response.status_code == 405 and not response.content:
            explained = render(request, "405.html", status=405)
            explained.headers["Allow"] = response.headers["Allow"]
            return explained
        return response

    return handle


def ask_to_log_in_again(get_response: Handler) -> Handler:
    """Answer a logged-out HTMX request with a message beside the form; keep what a logged-out form sent."""

    def handle(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        is_to_login = response.status_code == 302 and response.headers.get("Location", "").startswith("/login/")
        if not is_to_login or request.path == reverse("account_logout"):
            return response
        if getattr(request, "htmx", False):
            return beside_the_form(render(request, "logged_out.html"))
        if request.method == "POST" and request.path.startswith(reverse("incidents:new")):
            keep_for_log_in(request)
            return redirect(f"{reverse('account_login')}?next={reverse('incidents:new')}")
        return response

    return handle
