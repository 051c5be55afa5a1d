"""What Python knows of HTMX beyond django-htmx: an expired log-in must not swap the log-in page into the form."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

Handler = Callable[[HttpRequest], HttpResponse]


def ask_to_log_in_again(get_response: Handler) -> Handler:
    """Answer a logged-out HTMX request with a message that leaves the page, and so what was typed, as it is."""

    def handle(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        is_to_login = response.status_code == 302 and response.headers.get("Location", "").startswith("/login/")
        if getattr(request, "htmx", False) and is_to_login:
            expired = render(request, "logged_out.html")
            expired.headers["HX-Retarget"] = "#problem"
            expired.headers["HX-Reswap"] = "innerHTML"
            return expired
        return response

    return handle
