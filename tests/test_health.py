"""What operators see: the process is up, and what does not work."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils.timezone import now

from incidentportal import __version__
from incidentportal.directory.models import Sync
from incidentportal.incidents.models import Submission
from sandbox import Fault, Sandbox
from tests.incidents.test_delivery import stored


def failing(client: Client) -> tuple[int, dict[str, str]]:
    """The status of /readyz, and the checks that fail with what they say."""
    cache.clear()
    answer = client.get("/readyz")
    checks = answer.json()["checks"]
    return answer.status_code, {name: check["detail"] for name, check in checks.items() if not check["ok"]}


def test_the_process_is_up(client: Client) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")


def test_everything_works(directory: Sandbox, client: Client) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {
        "ready": True,
        "version": __version__,
        "checks": {
            "database": {"ok": True, "detail": "Database OK."},
            "cache": {"ok": True, "detail": "Cache OK."},
            "pagerduty": {"ok": True, "detail": "Token accepted."},
            "directory": {"ok": True, "detail": "Last synced 0 min ago."},
            "submissions": {"ok": True, "detail": "Nothing is pending."},
        },
    }


NOTHING_IS_STORED = "Nothing can be stored ({}). Is the disk full, or the database locked?"
FULL_IN_POSTGRESQL = """
CREATE FUNCTION full_disk() RETURNS trigger AS $$
BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$ LANGUAGE plpgsql;
CREATE TRIGGER full_disk BEFORE INSERT OR UPDATE ON directory_lastknown FOR EACH ROW EXECUTE FUNCTION full_disk();
"""
ROOM_AGAIN = "DROP FUNCTION full_disk CASCADE"


@pytest.mark.django_db(transaction=True)
def test_a_full_disk_is_seen(directory: Sandbox, client: Client) -> None:
    is_sqlite = connection.vendor == "sqlite"
    with connection.cursor() as cursor:
        if is_sqlite:
            cursor.execute("VACUUM")
            cursor.execute("PRAGMA max_page_count = 1")  # it becomes what there is
        else:
            cursor.execute(FULL_IN_POSTGRESQL)
        try:
            assert failing(client) == (503, {"database": NOTHING_IS_STORED.format("OperationalError")})
        finally:
            cursor.execute("PRAGMA max_page_count = 1000000" if is_sqlite else ROOM_AGAIN)
    assert failing(client) == (200, {})


@pytest.mark.django_db(transaction=True)
def test_a_database_that_can_only_be_read_is_seen(directory: Sandbox, client: Client) -> None:
    is_sqlite = connection.vendor == "sqlite"
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA query_only = on" if is_sqlite else "SET default_transaction_read_only = on")
        _, checks = failing(client)
        cursor.execute("PRAGMA query_only = off" if is_sqlite else "SET default_transaction_read_only = off")
    assert checks == {"database": NOTHING_IS_STORED.format("OperationalError" if is_sqlite else "InternalError")}
    assert failing(client) == (200, {})


def test_a_refused_token_is_seen(directory: Sandbox, client: Client, settings: Any) -> None:
    settings.PAGERDUTY_API_TOKEN = "wrong-token-01234567"
    status, checks = failing(client)
    assert (status, list(checks)) == (503, ["pagerduty"])
    cache.clear()
    assert "wrong-token" not in client.get("/readyz").content.decode()


def test_pagerduty_away_is_seen(directory: Sandbox, client: Client) -> None:
    directory.faults = [Fault("502", call="*")]
    status, checks = failing(client)
    assert (status, list(checks)) == (503, ["pagerduty"])


def test_the_token_is_checked_once_in_a_while(directory: Sandbox, client: Client) -> None:
    for _ in range(3):
        client.get("/readyz")
    assert len(directory.requests) == 1


def test_an_old_directory_is_seen(directory: Sandbox, client: Client) -> None:
    Sync.objects.filter(kind="services").update(synced_at=now() - timedelta(hours=2))
    assert failing(client) == (503, {"directory": "Last synced 120 min ago. Is a worker running?"})


def test_an_empty_directory_is_seen(sandbox: Sandbox, db: None, client: Client) -> None:
    advice = "Run manage.py sync_directory, or start a worker."
    assert failing(client) == (503, {"directory": f"The directory is empty. {advice}"})


def test_a_submission_that_nobody_sends_is_seen(directory: Sandbox, client: Client, ada: User) -> None:
    stored(ada)
    assert failing(client) == (200, {})
    Submission.objects.update(created_at=now() - timedelta(minutes=6))
    advice = "Is a worker running, and is PagerDuty responding?"
    assert failing(client) == (503, {"submissions": f"The oldest pending submission is 6 min old. {advice}"})
