"""How often a service woke somebody tonight is read from an index, however much was created before."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now

from incidentportal.directory.models import Service
from incidentportal.incidents.models import State, Submission
from incidentportal.incidents.outlook.hints import PAGES_COUNTED, note_on_night_pages
from incidentportal.incidents.outlook.paging_path import PagingPath, path_of
from incidentportal.incidents.outlook.radar import pages_of
from tests.incidents.base import on_call

SERVICE = Service(id="PLOAD", name="Checkout API")
TONIGHT = timedelta(hours=12)
OLDER = 5_000


def created(author: User, count: int, *, ago: timedelta, apart: timedelta, **columns: Any) -> None:
    """Store as many incidents that paged somebody, the latest `ago`."""
    Submission.objects.bulk_create(
        row_of(author, at=now() - ago - number * apart, **columns) for number in range(count)
    )


def row_of(author: User, *, at: datetime, **columns: Any) -> Submission:
    incident: dict[str, Any] = {
        "id": uuid4().hex[:14].upper(),
        "created_at": at.isoformat(),
        "service": {"id": SERVICE.id},
        "urgency": "high",
        "assignments": [{"assignee": {"id": "PADA", "summary": "Ada Byron"}}],
    }
    known = {"state": State.CREATED, "decided_at": at, "created_at": at, "expires_at": at, "service_id": SERVICE.id}
    return Submission(
        created_by=author,
        form_key=uuid4(),
        title="Card payments fail",
        service_name=SERVICE.name,
        request={},
        incident=incident,
        incident_id=incident["id"],
        **(known | columns),
    )


def load(since: timedelta = TONIGHT) -> list[datetime]:
    return pages_of(SERVICE, [], since=now() - since)


@pytest.fixture
def much_before(ada: User) -> User:
    """A service that paged thousands of times before tonight, and others that page all the time."""
    created(ada, OLDER, ago=timedelta(days=1), apart=timedelta(minutes=1))
    created(ada, 500, ago=timedelta(0), apart=timedelta(minutes=1), service_id="POTHER")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return ada


def test_only_what_counts_is_read(much_before: User) -> None:
    created(much_before, 7, ago=timedelta(minutes=1), apart=timedelta(minutes=1))
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert len(load()) == 7
    (query,) = asked.captured_queries
    assert "created_on_service" in plan_of(query["sql"])


def plan_of(sql: str) -> str:
    explain = "EXPLAIN" if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN"
    with connection.cursor() as cursor:
        cursor.execute(f"{explain} {sql}")
        return "\n".join(str(row[-1]) for row in cursor.fetchall())


def test_what_was_not_created_does_not_count(ada: User) -> None:
    created(ada, 2, ago=timedelta(0), apart=timedelta(minutes=1), state=State.REJECTED)
    created(ada, 1, ago=timedelta(0), apart=timedelta(minutes=1), service_id="POTHER")
    created(ada, 1, ago=TONIGHT, apart=timedelta(minutes=1))
    assert load() == []


def test_of_very_many_the_latest_are_read_and_the_word_stays_true(ada: User) -> None:
    created(ada, PAGES_COUNTED + 20, ago=timedelta(0), apart=timedelta(minutes=1))
    times = load()
    assert (len(times), min(times) > now() - timedelta(minutes=PAGES_COUNTED)) == (PAGES_COUNTED, True)
    word = note_on_night_pages(times, at_night(), service_name=SERVICE.name, now=now())
    assert word.startswith(f"This is page number {PAGES_COUNTED} or later for Checkout API tonight, and it is ")


def at_night() -> PagingPath:
    """Ada is on call, in a zone where it is three in the morning whenever this runs."""
    hours = (3 - now().hour + 12) % 24 - 12
    zone = f"Etc/GMT{-hours:+d}" if hours else "Etc/GMT"
    rows = [on_call(1, "PADA", "Ada Byron")]
    return path_of([{"delay_minutes": 30}], rows, zones={"PADA": zone}, num_loops=0, urgency="high", now=now())
