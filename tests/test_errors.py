"""Where the portal itself fails, people learn whom to call, and the very next request is a fresh start."""

import sqlite3
from typing import Any

import psycopg
import pytest
from django.db import InterfaceError, OperationalError, close_old_connections, connection
from django.test import Client, RequestFactory
from django.urls import set_urlconf

from incidentportal.errors import server_error
from incidentportal.incidents.models import Draft
from incidentportal.middleware import IN_PASSING, Locked
from sandbox import Sandbox
from tests.incidents.base import least

CONTACT = "Duty manager: +1 415-555-1212"
DATABASE = "The portal’s database isn’t responding."
ANYTHING = "Something went wrong in the portal."


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (OperationalError("the connection is lost"), 503, DATABASE),
        (OperationalError("database or disk is full"), 503, DATABASE),
        (InterfaceError("connection already closed"), 503, DATABASE),
        (ValueError("a row that nobody thought of"), 500, ANYTHING),
        (MemoryError(), 500, ANYTHING),
    ],
)
def test_what_fails_says_whom_to_call(
    page_of_ada: Client,
    directory: Sandbox,
    monkeypatch: pytest.MonkeyPatch,
    settings: Any,
    error: Exception,
    status: int,
    said: str,
) -> None:
    def fail(**_: Any) -> None:
        raise error

    settings.EMERGENCY_CONTACT = CONTACT
    page_of_ada.raise_request_exception = False
    with monkeypatch.context() as broken:
        broken.setattr("incidentportal.incidents.views.new.submit", fail)
        answer = page_of_ada.post("/incidents/new/", answers := least(directory))
    page = answer.content.decode()
    assert (answer.status_code, answer.get("Retry-After")) == (status, "5" if status == 503 else None)
    assert f"<h1>{said}</h1>" in page
    assert 'Duty manager: <a href="tel:+14155551212">+1 415-555-1212</a>' in page
    assert "Your browser still has what you typed: go back to it." in page
    assert page_of_ada.post("/incidents/new/", answers).status_code == 302


def test_the_page_of_a_failure_asks_nothing() -> None:
    """Neither the database, which no test may use that does not say so, nor who is logged in."""
    set_urlconf(None)
    assert server_error(RequestFactory().get("/incidents/")).status_code == 500


def test_the_process_is_up_without_a_database(client: Client) -> None:
    client.cookies["sessionid"] = "a-session-that-nobody-looks-up"
    assert client.get("/healthz").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_a_table_that_another_program_holds_is_not_waited_for_without_end(
    page_of_ada: Client, directory: Sandbox
) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("this is how PostgreSQL is locked")
    page_of_ada.raise_request_exception = False
    answers = least(directory)
    with psycopg.connect(**connection.get_connection_params()) as other:
        other.execute("LOCK TABLE incidents_draft")
        statuses = [page_of_ada.post("/incidents/new/draft/", answers).status_code]
        other.rollback()
    statuses.append(page_of_ada.post("/incidents/new/draft/", answers).status_code)
    assert (statuses, Draft.objects.count()) == ([503, 200], 1)


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_died_is_made_anew_for_the_next_request(page_of_ada: Client, directory: Sandbox) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no server that ends")
    page_of_ada.get("/incidents/")
    with psycopg.connect(**connection.get_connection_params(), autocommit=True) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid()"
        )
    close_old_connections()  # as at the beginning of each request
    assert page_of_ada.get("/incidents/").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_not_everybody_waits_for_a_locked_database(page_of_ada: Client, directory: Sandbox) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("this is how SQLite is locked")
    page_of_ada.raise_request_exception = False
    answers = least(directory)
    lock = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
    lock.execute("BEGIN EXCLUSIVE")
    statuses = [page_of_ada.post("/incidents/new/draft/", answers).status_code for _ in range(2)]
    with connection.cursor() as cursor:
        assert cursor.execute("PRAGMA busy_timeout").fetchone() == (IN_PASSING,)
    lock.execute("ROLLBACK")
    lock.close()
    statuses.append(page_of_ada.post("/incidents/new/draft/", answers).status_code)
    Locked.until = 0.0
    connection.close()
    assert (statuses, Draft.objects.count()) == ([503, 503, 200], 1)
