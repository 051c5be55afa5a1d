"""The sandbox's own pages, for people: what is open, who was paged when, and buttons to answer with.

They say on every screen that nobody real is paged. They reload by themselves, so that time passes before one's eyes.
"""

from collections.abc import Iterable
from datetime import datetime
from html import escape
from itertools import islice
from typing import TYPE_CHECKING

from sandbox.account import Row
from sandbox.clock import parse
from sandbox.log import pages_of
from sandbox.paging import catch_up
from sandbox.wire import Answer, Request

if TYPE_CHECKING:
    from sandbox.server import Sandbox

_MOST = 50
_STYLE = """
:root{color-scheme:light dark}
body{font:16px/1.5 system-ui,sans-serif;margin:0 auto;max-width:60rem;padding:0 1rem 2rem}
.sign{background:#ffd400;color:#000;font-weight:700;margin:0 -1rem 1rem;padding:.6rem 1rem;text-align:center}
article,table{border:1px solid GrayText;border-radius:.4rem;margin:.6rem 0;padding:.5rem .8rem}
article,table{width:100%;box-sizing:border-box}h1,article,pre{overflow-wrap:anywhere}.wide{overflow-x:auto}
table{border-spacing:0}td,th{padding:.2rem .5rem .2rem 0;text-align:left;vertical-align:baseline}
h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:1.6rem}
.triggered{border-left:.5rem solid #c8102e}.acknowledged{border-left:.5rem solid #c77700}
.resolved{border-left:.5rem solid #2a7d2a}button,select{font:inherit;padding:.3rem .7rem;max-width:100%}
form{display:inline-flex;flex-wrap:wrap;gap:.4rem;margin-top:.4rem}
pre{white-space:pre-wrap;margin:0;font:inherit}.quiet{opacity:.8}
"""


def answer(sandbox: "Sandbox", request: Request) -> Answer:
    """The list at /, or the page of one incident."""
    with sandbox.lock:
        catch_up(sandbox)
        if request.path == "/":
            return _page(sandbox, "Pager", _overview(sandbox))
        incident = sandbox.account.find("incidents", request.path.rpartition("/")[2])
        if incident:
            return _page(sandbox, str(incident["summary"]), _detail(sandbox, incident))
        gone = "A rehearsal keeps no incidents." if sandbox.rehearsal else "There is no such incident."
        return _page(sandbox, "No incident", f"<p>{gone} <a href='/'>All incidents</a></p>", status=404)


def _page(sandbox: "Sandbox", title: str, content: str, status: int = 200) -> Answer:
    kind = "REHEARSAL SANDBOX" if sandbox.rehearsal else "SANDBOX"
    text = (
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>"
        f"<meta http-equiv=refresh content=5><title>{kind}: {escape(title)}</title><style>{_STYLE}</style>"
        f"<body><div class=sign role=note>{kind} – nobody real is paged</div>"
        f"<main><h1>{escape(title)}</h1>{content}</main>"
    )
    return Answer(status=status, raw=text.encode(), content_type="text/html; charset=utf-8")


def _overview(sandbox: "Sandbox") -> str:
    if sandbox.rehearsal:
        return (
            "<p>This account takes every well-formed id for a service, a policy, a person or a priority of its own. "
            "What is created here is answered as PagerDuty would answer it, then forgotten.</p>"
        )
    newest = sandbox.incidents[::-1]
    is_open = [row for row in newest if row["status"] != "resolved"]
    is_over = [row for row in newest if row["status"] == "resolved"]
    pages = [entry for row in newest[:_MOST] for entry in pages_of(sandbox, row)]
    pages.sort(key=lambda entry: entry["created_at"], reverse=True)
    account = sandbox.account
    size = f"{len(account.services)} services, {len(account.escalation_policies)} policies, {len(account.users)} people"
    return (
        f"<p class=quiet>{size}. Now: {sandbox.clock.now():%Y-%m-%d %H:%M:%S} UTC.</p>"
        f"<h2>Open incidents ({len(is_open)})</h2>{_cards(sandbox, is_open) or '<p>None.</p>'}"
        f"<h2>Who was paged</h2>{_pager(pages)}"
        f"<h2>Resolved ({len(is_over)})</h2>{_cards(sandbox, is_over) or '<p>None.</p>'}"
    )


def _cards(sandbox: "Sandbox", rows: list[Row]) -> str:
    return "".join(_card(sandbox, row) for row in rows[:_MOST])


def _card(sandbox: "Sandbox", row: Row) -> str:
    people = ", ".join(item["assignee"]["summary"] for item in row["assignments"]) or "nobody"
    priority = f"{row['priority']['summary']}, " if row["priority"] else ""
    return (
        f"<article class={row['status']}><a href='/incidents/{row['id']}'><b>{escape(row['summary'])}</b></a>"
        f"<div>{escape(row['service']['summary'])}: {row['status']}, {escape(priority)}{row['urgency']} urgency, "
        f"assigned to {escape(people)}, opened {_ago(sandbox, row['created_at'])}</div>"
        f"{_buttons(sandbox, row)}</article>"
    )


def _buttons(sandbox: "Sandbox", row: Row) -> str:
    """Those who were paged come first among the people who may answer."""
    if row["status"] == "resolved":
        return ""
    users = {item["assignee"]["id"]: item["assignee"]["summary"] for item in row["assignments"]}
    users |= {user["id"]: user["name"] for user in islice(sandbox.account.users, 100)}
    options = "".join(f"<option value={id}>{escape(name)}</option>" for id, name in users.items())
    verbs = ["resolve"] if row["status"] == "acknowledged" else ["acknowledge", "resolve"]
    buttons = "".join(
        f"<button formaction='/sandbox/incidents/{row['id']}/{verb}'>{verb.capitalize()}</button>" for verb in verbs
    )
    label = f"Who answers {escape(row['summary'], quote=True)}"
    return f'<form method=post><select name=user aria-label="{label}">{options}</select>{buttons}</form>'


def _pager(entries: list[Row]) -> str:
    if not entries:
        return "<p>Nobody yet.</p>"
    rows = (
        f"<tr><td>{_clock(entry)}<td>{escape(entry['user']['summary'])}"
        f"<td>{escape(entry['channel']['notification']['type'].removesuffix('_notification'))}"
        f"<td><a href='/incidents/{entry['incident']['id']}'>{escape(entry['incident']['summary'])}</a>"
        for entry in entries[:_MOST]
    )
    return f"<div class=wide><table><tr><th>When (UTC)<th>Who<th>How<th>Why{''.join(rows)}</table></div>"


def _detail(sandbox: "Sandbox", row: Row) -> str:
    log = "".join(f"<tr><td>{_clock(entry)}<td>{escape(entry['summary'])}" for entry in sandbox.logs.get(row["id"], []))
    notes = "".join(f"<pre>{escape(note['content'])}</pre>" for note in sandbox.notes.get(row["id"], []))
    return (
        f"<p><a href='/'>All incidents</a></p>{_card(sandbox, row)}"
        f"<table>{''.join(_facts(sandbox, row))}</table>"
        f"<h2>What happened</h2><table>{log}</table><h2>Notes</h2>{notes or '<p>None.</p>'}"
    )


def _facts(sandbox: "Sandbox", row: Row) -> Iterable[str]:
    bridge = row.get("conference_bridge") or {}
    facts = {
        "Escalation policy": row["escalation_policy"]["summary"],
        "Assigned via": row["assigned_via"].replace("_", " "),
        "Type": row["incident_type"]["name"],
        "Key": row["incident_key"],
        "Conference number": bridge.get("conference_number"),
        "Conference address": bridge.get("conference_url"),
        "Next": ", ".join(f"{action['type']} at {action['at'][11:19]} UTC" for action in row["pending_actions"]),
        "Details": (row.get("body") or {}).get("details"),
    }
    for name, value in facts.items():
        if value:
            yield f"<tr><th scope=row>{name}<td><pre>{escape(str(value))}</pre>"


def _clock(entry: Row) -> str:
    return f"{entry['created_at'][5:10]} {entry['created_at'][11:19]}"


def _ago(sandbox: "Sandbox", at: str) -> str:
    moment: datetime = parse(at) or sandbox.clock.now()
    minutes = int((sandbox.clock.now() - moment).total_seconds() // 60)
    return "just now" if minutes < 1 else f"{minutes} min ago" if minutes < 120 else f"{minutes // 60} h ago"
