"""The sandbox's pages for people: what is open, who was paged when, and buttons to acknowledge and resolve.

They say on every screen that nobody real is paged, and reload by themselves so that you can watch time pass.
"""

import re
from collections.abc import Iterable
from datetime import datetime
from html import escape
from itertools import islice

from sandbox.account import Row
from sandbox.api.messages import Answer, Request
from sandbox.clock import parse
from sandbox.escalation import catch_up
from sandbox.log import notifications_of
from sandbox.world import World

_INCIDENT = re.compile(r"/incidents/\w+")
_MOST = 50
_STYLE = """
:root{color-scheme:light dark}
body{font:16px/1.5 system-ui,sans-serif;margin:0 auto;max-width:60rem;padding:0 1rem 2rem}
.banner{background:#ffd400;color:#000;font-weight:700;margin:0 -1rem 1rem;padding:.6rem 1rem;text-align:center}
article,table{border:1px solid GrayText;border-radius:.4rem;margin:.6rem 0;padding:.5rem .8rem}
article,table{width:100%;box-sizing:border-box}h1,article,pre{overflow-wrap:anywhere}.wide{overflow-x:auto}
table{border-spacing:0}td,th{padding:.2rem .5rem .2rem 0;text-align:left;vertical-align:baseline}
h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:1.6rem}
.triggered{border-left:.5rem solid #c8102e}.acknowledged{border-left:.5rem solid #c77700}
.resolved{border-left:.5rem solid #2a7d2a}button,select{font:inherit;padding:.3rem .7rem;max-width:100%}
form{display:inline-flex;flex-wrap:wrap;gap:.4rem;margin-top:.4rem}
pre{white-space:pre-wrap;margin:0;font:inherit}.quiet{opacity:.8}
"""


def is_for_a_browser(request: Request) -> bool:
    """Programs send a token, or say that they want JSON."""
    if request.method != "GET" or request.path == "/incidents/types":
        return False
    wants_json = "json" in request.headers.get("Accept", "")
    is_a_program = wants_json or bool(request.headers.get("Authorization"))
    return request.path == "/" or bool(_INCIDENT.fullmatch(request.path) and not is_a_program)


def answer(world: World, request: Request) -> Answer:
    """The list at /, or the page of one incident."""
    with world.lock:
        catch_up(world)
        if request.path == "/":
            return _page(world, "Pager", _overview(world))
        incident = world.account.find("incidents", request.path.rpartition("/")[2])
        if incident:
            return _page(world, str(incident["summary"]), _detail(world, incident))
        gone = "A rehearsal keeps no incidents." if world.rehearsal else "There is no such incident."
        return _page(world, "No incident", f"<p>{gone} <a href='/'>All incidents</a></p>", status=404)


def _page(world: World, title: str, content: str, status: int = 200) -> Answer:
    kind = "REHEARSAL SANDBOX" if world.rehearsal else "SANDBOX"
    text = (
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>"
        f"<meta http-equiv=refresh content=5><title>{kind}: {escape(title)}</title><style>{_STYLE}</style>"
        f"<body><div class=banner role=note>{kind} – nobody real is paged</div>"
        f"<main><h1>{escape(title)}</h1>{content}</main>"
    )
    return Answer(status=status, raw=text.encode(), content_type="text/html; charset=utf-8")


def _overview(world: World) -> str:
    if world.rehearsal:
        return (
            "<p>This account accepts every well-formed id of a service, a policy, a person or a priority. "
            "It answers as PagerDuty would, then forgets the incident.</p>"
        )
    newest = world.incidents[::-1]
    open_rows = [row for row in newest if row["status"] != "resolved"]
    resolved = [row for row in newest if row["status"] == "resolved"]
    notifications = [entry for row in newest[:_MOST] for entry in notifications_of(world, row)]
    notifications.sort(key=lambda entry: entry["created_at"], reverse=True)
    account = world.account
    size = f"{len(account.services)} services, {len(account.escalation_policies)} policies, {len(account.users)} people"
    return (
        f"<p class=quiet>{size}. Now: {world.clock.now():%Y-%m-%d %H:%M:%S} UTC.</p>"
        f"<h2>Open incidents ({len(open_rows)})</h2>{_cards(world, open_rows) or '<p>None.</p>'}"
        f"<h2>Who was paged</h2>{_pager(notifications)}"
        f"<h2>Resolved ({len(resolved)})</h2>{_cards(world, resolved) or '<p>None.</p>'}"
    )


def _cards(world: World, rows: list[Row]) -> str:
    return "".join(_card(world, row) for row in rows[:_MOST])


def _card(world: World, row: Row) -> str:
    people = ", ".join(item["assignee"]["summary"] for item in row["assignments"]) or "nobody"
    priority = f"{row['priority']['summary']}, " if row["priority"] else ""
    return (
        f"<article class={row['status']}><a href='/incidents/{row['id']}'><b>{escape(row['summary'])}</b></a>"
        f"<div>{escape(row['service']['summary'])}: {row['status']}, {escape(priority)}{row['urgency']} urgency, "
        f"assigned to {escape(people)}, opened {_ago(world, row['created_at'])}</div>"
        f"{_buttons(world, row)}</article>"
    )


def _buttons(world: World, row: Row) -> str:
    """The people who were paged come first in the list of those who may press."""
    if row["status"] == "resolved":
        return ""
    users = {item["assignee"]["id"]: item["assignee"]["summary"] for item in row["assignments"]}
    users |= {user["id"]: user["name"] for user in islice(world.account.users, 100)}
    options = "".join(f"<option value={id}>{escape(name)}</option>" for id, name in users.items())
    verbs = ["resolve"] if row["status"] == "acknowledged" else ["acknowledge", "resolve"]
    buttons = "".join(
        f"<button formaction='/sandbox/incidents/{row['id']}/{verb}'>{verb.capitalize()}</button>" for verb in verbs
    )
    label = f"Who responds to {escape(row['summary'], quote=True)}"
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


def _detail(world: World, row: Row) -> str:
    log = "".join(f"<tr><td>{_clock(entry)}<td>{escape(entry['summary'])}" for entry in world.logs.get(row["id"], []))
    notes = "".join(f"<pre>{escape(note['content'])}</pre>" for note in world.notes.get(row["id"], []))
    return (
        f"<p><a href='/'>All incidents</a></p>{_card(world, row)}"
        f"<table>{''.join(_facts(world, row))}</table>"
        f"<h2>What happened</h2><table>{log}</table><h2>Notes</h2>{notes or '<p>None.</p>'}"
    )


def _facts(world: World, row: Row) -> Iterable[str]:
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


def _ago(world: World, at: str) -> str:
    moment: datetime = parse(at) or world.clock.now()
    minutes = int((world.clock.now() - moment).total_seconds() // 60)
    return "just now" if minutes < 1 else f"{minutes} min ago" if minutes < 120 else f"{minutes // 60} h ago"
