"""The sandbox's own pages: who gets them, what they say, and their buttons."""

import html

import pytest

from sandbox import Sandbox
from sandbox.demo_incidents import open_demo_incidents
from tests.sandbox.base import ask, create, id_of

BROWSER = {"Authorization": None, "From": None, "Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
EVIL = "<script>alert('1')</script>"


@pytest.mark.parametrize(
    ("headers", "content_type"),
    [
        (BROWSER, "text/html; charset=utf-8"),
        ({**BROWSER, "Accept": None}, "text/html; charset=utf-8"),
        ({"Accept": "text/html"}, "application/json"),  # with a token
        ({**BROWSER, "Accept": "application/vnd.pagerduty+json;version=2"}, "text/html; charset=utf-8"),  # 401
    ],
)
def test_one_address_for_people_and_programs(
    sandbox: Sandbox, headers: dict[str, str | None], content_type: str
) -> None:
    incident = create(sandbox)
    reply = ask(sandbox, f"GET /incidents/{incident['id']}", headers=headers)
    assert reply.headers["content-type"] == content_type
    wants_json = "json" in (headers.get("Accept") or "")
    assert reply.status == (401 if wants_json else 200)


def test_every_page_says_that_nobody_real_is_paged(sandbox: Sandbox) -> None:
    incident = create(sandbox)
    for path in ("/", f"/incidents/{incident['id']}", "/incidents/QNOSUCH"):
        page = ask(sandbox, f"GET {path}", headers=BROWSER).content.decode()
        assert "SANDBOX – nobody real is paged" in page
        assert "REHEARSAL" not in page
        assert "color-scheme:light dark" in page


def test_the_list_tells_who_was_paged(sandbox: Sandbox) -> None:
    assert "Nobody yet." in ask(sandbox, "GET /", headers=BROWSER).content.decode()
    create(sandbox, "Web Shop", title=EVIL)
    page = ask(sandbox, "GET /", headers=BROWSER).content.decode()
    assert html.escape(EVIL) in page
    assert EVIL not in page
    assert page.count("<td>Łukasz Wójcik") == 1
    assert "Open incidents (1)" in page
    sandbox.clock.advance(minutes=16)
    assert "<td>Søren Ångström" in ask(sandbox, "GET /", headers=BROWSER).content.decode()


def test_an_incident_s_page_shows_what_was_sent(sandbox: Sandbox) -> None:
    incident = create(
        sandbox,
        title=EVIL,
        incident_key=EVIL,
        body={"type": "incident_body", "details": EVIL},
        conference_bridge={"conference_number": EVIL, "conference_url": EVIL},
    )
    ask(sandbox, f"POST /incidents/{incident['id']}/notes", {"note": {"content": EVIL}})
    page = ask(sandbox, f"GET /incidents/{incident['id']}", headers=BROWSER).content.decode()
    assert page.count(html.escape(EVIL)) >= 6
    assert "<script" not in page


def test_buttons(sandbox: Sandbox) -> None:
    incident = create(sandbox)
    sam = id_of(sandbox, "users", "Sam Tan")
    form = {**BROWSER, "Content-Type": "application/x-www-form-urlencoded"}
    page = f"/incidents/{incident['id']}"
    reply = ask(sandbox, f"POST /sandbox{page}/acknowledge", f"user={sam}".encode(), form)
    assert (reply.status, reply.headers["location"]) == (303, page)
    assert (sandbox.incidents[0]["status"], sandbox.incidents[0]["assignments"][0]["assignee"]["id"]) == (
        "acknowledged",
        sam,
    )
    shown = ask(sandbox, f"GET {page}", headers=BROWSER).content.decode()
    assert "Acknowledged by Sam Tan" in shown
    assert f"/sandbox{page}/acknowledge" not in shown
    ask(sandbox, f"POST /sandbox{page}/resolve", f"user={sam}".encode(), form)
    assert sandbox.incidents[0]["status"] == "resolved"
    ask(sandbox, f"POST /sandbox{page}/acknowledge", f"user={sam}".encode(), form)
    assert sandbox.incidents[0]["status"] == "resolved"
    assert ask(sandbox, "POST /sandbox/incidents/QNOSUCH/resolve", b"", form).status == 404
    assert ask(sandbox, f"POST /sandbox{page}/delete", b"", form).status == 404


def test_a_demo_begins_with_some_incidents(sandbox: Sandbox) -> None:
    before = sandbox.clock.now()
    open_demo_incidents(sandbox)
    assert [row["status"] for row in sandbox.incidents] == ["acknowledged", "acknowledged", "triggered", "triggered"]
    assert [row["incident_number"] for row in sandbox.incidents] == [1, 2, 3, 4]
    assert sandbox.clock.now() == before
    returns = sandbox.incidents[2]
    assert returns["assignments"][0]["assignee"]["summary"] == "Sam Tan"  # 42 minutes old: level 2
    page = ask(sandbox, "GET /", headers=BROWSER).content.decode()
    assert ("opened 7 min ago" in page, "opened 26 h ago" in page) == (True, True)
