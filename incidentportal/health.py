"""Two addresses for operators: `/healthz`, the process is up; `/readyz`, everything that paging needs works."""

import uuid
from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.timezone import now
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from incidentportal import pagerduty
from incidentportal.directory.models import Sync
from incidentportal.incidents.models import State, Submission

Answer = tuple[bool, str]
TOKEN_CHECKED = "readyz:token"  # noqa: S105  (a cache key)
TOKEN_CHECK_SECONDS = 30
OLDEST_PENDING = timedelta(minutes=5)


@never_cache
@login_not_required
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers. For a load balancer: the form opens even while PagerDuty is away."""
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
@login_not_required
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Each thing that paging needs, and whether it works; status 503 where one does not. For monitoring."""
    checks: dict[str, Callable[[], Answer]] = {
        "database": database,
        "cache": cache_works,
        "pagerduty": token,
        "directory": directory,
        "submissions": submissions,
    }
    answers = {name: answer(check) for name, check in checks.items()}
    is_ready = all(ok for ok, _ in answers.values())
    body = {name: {"ok": ok, "detail": detail} for name, (ok, detail) in answers.items()}
    return JsonResponse({"ready": is_ready, "checks": body}, status=200 if is_ready else 503)


def answer(check: Callable[[], Answer]) -> Answer:
    """What a check says; one that cannot be made has failed."""
    try:
        return check()
    except DatabaseError as error:
        return False, f"The database does not answer ({type(error).__name__})."
    except OSError as error:
        return False, f"It does not answer ({type(error).__name__})."
    except Exception as error:  # noqa: BLE001  (each cache backend has errors of its own)
        return False, f"It failed ({type(error).__name__})."


def database() -> Answer:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return True, "It answers."


def cache_works() -> Answer:
    mark = uuid.uuid4().hex
    cache.set("readyz", mark, 10)
    is_same = cache.get("readyz") == mark
    return is_same, "It remembers." if is_same else "It does not remember what it is told."


def token() -> Answer:
    """One call, at most every 30 s for all processes."""
    known: Answer | None = cache.get(TOKEN_CHECKED)
    if known is None:
        try:
            pagerduty.connect(read_timeout=3.0, within=4.0).check()
            known = True, "It lets the portal in."
        except pagerduty.Problem as problem:
            known = False, str(problem)
        cache.set(TOKEN_CHECKED, known, TOKEN_CHECK_SECONDS)
    return known


def directory() -> Answer:
    age = Sync.objects.age()
    if age is None:
        return False, "It was never filled: run manage.py sync_directory, or start a worker."
    is_fresh = age <= timedelta(minutes=3 * settings.DIRECTORY_MAX_AGE_MINUTES)
    advice = "" if is_fresh else " Is a worker running?"
    return is_fresh, f"It is {age.total_seconds() / 60:.0f} minutes old.{advice}"


def submissions() -> Answer:
    oldest = Submission.objects.filter(state=State.PENDING).order_by("created_at").first()
    if oldest is None:
        return True, "None is pending."
    age = now() - oldest.created_at
    is_ok = age <= OLDEST_PENDING
    advice = "" if is_ok else " Is a worker running, and does PagerDuty answer?"
    return is_ok, f"The oldest pending one is {age.total_seconds() / 60:.0f} minutes old.{advice}"
