"""Nothing typed is lost, and every error says what to do: expired log-ins, unreadable requests, wrong methods."""

from collections.abc import Callable
from typing import cast

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from incidentportal.http import PortalRequest, beside_the_form
from incidentportal.incidents.drafts import keep_for_log_in

Handler = Callable[[HttpRequest], HttpResponse]


def refuse_unreadable(get_response: Handler) -> Handler:
    """Say of a request that is too large or not readable what to do, before anything else fails on it."""

    def handle(request: HttpRequest) -> HttpResponse:
        try:
            request.POST.get("")
            texts = (request.path, *request.GET.values()) if request.path.startswith("/admin/") else ()
            if any("\x00" in text for text in texts):
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


class LogInFirst(LoginRequiredMiddleware):
    """Send whoever is logged out to the log-in, without losing what they sent."""

    def handle_no_permission(  # type: ignore[override]  # Django itself takes any response
        self, request: HttpRequest, view_func: Callable[..., HttpResponseBase]
    ) -> HttpResponse:
        request = cast(PortalRequest, request)
        if request.htmx:
            return beside_the_form(render(request, "logged_out.html"))
        if request.method == "POST" and request.path.startswith(reverse("incidents:new")):
            keep_for_log_in(request)
            return redirect_to_login(reverse("incidents:new"))
        return super().handle_no_permission(request, view_func)
