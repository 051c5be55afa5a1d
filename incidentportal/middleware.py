"""What is done before any view: nothing typed is lost, every error says what to do, and few wait for a locked database.

The errors are expired log-ins, unreadable requests and wrong methods.
"""

import sqlite3
import time
from collections.abc import Callable, Iterator
from typing import Any, cast

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from incidentportal.http import PortalRequest, beside_the_form
from incidentportal.incidents.drafts import keep_for_log_in
from incidentportal.pagerduty.reading import UNSTORABLE

Handler = Callable[[HttpRequest], HttpResponse]
IN_PASSING = 200  # milliseconds to wait for a database known to be locked: enough for somebody else's transaction
LOCKED_SECONDS = 3  # how long it counts as locked after somebody has waited for it in vain


def refuse_unreadable(get_response: Handler) -> Handler:
    """Answer a request that is too large or unreadable with what to do, before anything else fails on it."""

    def handle(request: HttpRequest) -> HttpResponse:
        try:
            request.POST.get("")
            request.COOKIES = {name: text for name, text in request.COOKIES.items() if is_text(text)}
            if not all(map(is_text, texts_to_look_up(request))):
                raise BadRequest
        except (SuspiciousOperation, BadRequest, MultiPartParserError, UnicodeError, LookupError):
            return render(request, "400.html", status=400)
        response = get_response(request)
        if response.status_code == 405 and not response.content:
            explained = render(request, "405.html", status=405)
            explained.headers["Allow"] = response.headers["Allow"]
            return explained
        return response

    return handle


def is_text(given: str) -> bool:
    """Whether it can be stored: PostgreSQL refuses even to look for anything else."""
    return not UNSTORABLE.search(given)


def texts_to_look_up(request: HttpRequest) -> Iterator[str]:
    """What is looked up before a view of ours can check it: the path, and in Django's admin every parameter."""
    yield request.path
    if request.path.startswith("/admin/"):
        for name, texts in (*request.GET.lists(), *request.POST.lists()):
            yield name
            yield from texts


class Locked:
    """Until when SQLite counts as locked, by the monotonic clock."""

    until = 0.0


def wait_once(get_response: Handler) -> Handler:
    """Once a request has waited for a locked SQLite in vain, let others wait only briefly: each holds a thread."""

    def handle(request: HttpRequest) -> HttpResponse:
        with connection.execute_wrapper(impatiently):
            return get_response(request)

    return handle


def impatiently(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
    raw = context["connection"].connection
    if isinstance(raw, sqlite3.Connection) and time.monotonic() < Locked.until:
        raw.execute(f"PRAGMA busy_timeout={IN_PASSING}")
    try:
        return execute(sql, params, many, context)
    except OperationalError as error:
        if "locked" in str(error):
            Locked.until = time.monotonic() + LOCKED_SECONDS
        raise


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
