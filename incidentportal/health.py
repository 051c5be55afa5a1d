"""Two addresses for operators: `/healthz`, the process is up; `/readyz`, everything works."""

import secrets
from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.db import DatabaseError, connection, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.timezone import now
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from incidentportal import __version__, pagerduty
from incidentportal.directory.models import LastKnown, Sync
from incidentportal.incidents.models import State, Submission

Result = tuple[bool, str]
OLDEST_PENDING = timedelta(minutes=5)


@never_cache
@login_not_required
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers. For load balancers: the form opens even while PagerDuty is down."""
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
@login_not_required
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Each thing that paging uses, and whether it works; status 503 if one does not. For monitoring."""
    results = [(name, *run(check)) for name, check in CHECKS.items()]
    is_ready = all(ok for _, ok, _ in results)
    checks = {name: {"ok": ok, "detail": detail} for name, ok, detail in results}
    body = {"ready": is_ready, "version": __version__, "checks": checks}
    return JsonResponse(body, status=200 if is_ready else 503)


def run(check: Callable[[], Result]) -> Result:
    """The result of a check; one that raises has failed."""
    try:
        return check()
    except Exception as error:  # each cache backend has errors of its own
        said = "The database is not responding" if isinstance(error, DatabaseError) else "Failed"
        return False, f"{said} ({type(error).__name__})."


def check_database() -> Result:
    """It answers, and can store a row as large as a large submission."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    row = LastKnown(key="readyz", answer=secrets.token_hex(8000), fetched_at=now())
    columns = ["answer", "fetched_at"]
    try:
        with transaction.atomic():
            LastKnown.objects.bulk_create([row], update_conflicts=True, unique_fields=["key"], update_fields=columns)
        row.delete()  # in a second transaction: to roll back the first would prove no write
    except DatabaseError as error:
        return False, f"Nothing can be stored ({type(error).__name__}). Is the disk full, or the database locked?"
    return True, "Database OK."


def check_cache() -> Result:
    """Whether Redis itself works, not the memory that stands in for it. A cache in memory always works."""
    try:
        getattr(cache, "prove", lambda: None)()
    except Exception as error:  # also those that the cache itself would pass on
        away = f"Redis can't be used ({type(error).__name__}). Paging works without it."
        return False, f"{away} Is it down, full or read-only?"
    return True, "Cache OK."


def check_token() -> Result:
    """One call, at most every 30 s for all processes."""
    known: Result | None = cache.get_or_set("readyz:token", ask_pagerduty, 30)
    return known or ask_pagerduty()


def ask_pagerduty() -> Result:
    """Whether it accepts the token, by the smallest call that the portal may make."""
    try:
        pagerduty.connect(read_timeout=3.0, within=4.0).page("services", [("limit", "1")])
    except pagerduty.Busy as problem:  # nothing was asked, so this says nothing about the token
        return pagerduty.down_since() is None, str(problem)
    except pagerduty.Problem as problem:
        return False, str(problem)
    return True, "Token accepted."


def check_directory() -> Result:
    age, problems = Sync.objects.age(), "".join(f" {problem}" for problem in Sync.objects.problems())
    if age is None:
        return False, f"The directory is empty. Run manage.py sync_directory, or start a worker.{problems}"
    is_fresh = age <= timedelta(minutes=3 * settings.DIRECTORY_MAX_AGE_MINUTES)
    advice = "" if is_fresh else " Is a worker running?"
    return is_fresh, f"Last synced {minutes(age)} ago.{advice}{problems}"


def check_submissions() -> Result:
    oldest = Submission.objects.filter(state=State.PENDING).order_by("created_at").first()
    if oldest is None:
        return True, "Nothing is pending."
    age = now() - oldest.created_at
    is_ok = age <= OLDEST_PENDING
    advice = "" if is_ok else " Is a worker running, and is PagerDuty responding?"
    return is_ok, f"The oldest pending submission is {minutes(age)} old.{advice}"


def minutes(age: timedelta) -> str:
    return f"{age.total_seconds() / 60:.0f} min"


CHECKS: dict[str, Callable[[], Result]] = {
    "database": check_database,
    "cache": check_cache,
    "pagerduty": check_token,
    "directory": check_directory,
    "submissions": check_submissions,
}
