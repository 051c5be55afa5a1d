"""An expired log-in loses nothing: HTMX requests get a message, a submitted form waits for the log-in."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from incidentportal.incidents.drafts import keep_for_log_in

Handler = Callable[[HttpRequest], HttpResponse]


def ask_to_log_in_again(get_response: Handler) -> Handler:
    """Answer a logged-out HTMX request with a message beside the form; keep what a logged-out form sent."""

    def handle(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        is_to_login = response.status_code == 302 and response.headers.get("Location", "").startswith("/login/")
        if not is_to_login or request.path == reverse("account_logout"):
            return response
        if getattr(request, "htmx", False):
            expired = render(request, "logged_out.html")
            expired.headers["HX-Retarget"] = "#problem"
            expired.headers["HX-Reswap"] = "innerHTML"
            return expired
        if request.method == "POST" and request.path == reverse("incidents:new"):
            keep_for_log_in(request)
        return response

    return handle
