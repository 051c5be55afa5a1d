"""The count after a torture run: the database against PagerDuty, without any of the portal's code."""

import os
import platform
import statistics
from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from e2e.people import Story
from e2e.stage import Stage
from sandbox.faults import Chaos

SUBMISSIONS = """SELECT id, form_key, title, service_id, state, attempts, incident_id, incident_key
FROM incidents_submission"""
ENTRIES = "SELECT event, subject FROM audit_entry WHERE subject LIKE 'submission:%'"
DECIDED = {"created", "rejected", "expired", "cancelled"}


@dataclass
class Figures:
    """What a run counts. Times are readings of the monotonic clock."""

    started: float
    chaos: dict[str, Any]  # as sent to the sandbox
    calls_before: int
    calls: int = 0
    submitted: float = 0.0
    decided: float = 0.0
    kills: Counter[str] = field(default_factory=Counter)
    troubles: Counter[str] = field(default_factory=Counter)
    resolved: int = 0
    account: str = ""
    stories: list[Story] = field(default_factory=list)


@dataclass(frozen=True)
class Row:
    """A submission, as stored in the database."""

    id: str
    form_key: str
    title: str
    service_id: str
    state: str
    attempts: int
    incident_id: str
    incident_key: str

    def __str__(self) -> str:
        return f"{self.id} ({self.state}, {self.attempts} attempts, key {self.incident_key!r})"


def rows_of(stage: Stage) -> list[Row]:
    """SQLite returns an id as 32 characters, PostgreSQL as a UUID."""
    return [Row(str(UUID(str(pk))), str(UUID(str(key))), *rest) for pk, key, *rest in stage.database.run(SUBMISSIONS)]


def offences(stage: Stage, stories: list[Story]) -> list[str]:
    """Every breach of the promise, one sentence each."""
    rows, incidents = rows_of(stage), stage.ask("incidents")
    return [
        *undecided(rows),
        *lost(rows, stories),
        *without_their_incident(rows, incidents),
        *without_their_submission(rows, incidents),
        *decided_twice(stage),
        *untrue(rows, stories),
    ]


def undecided(rows: list[Row]) -> list[str]:
    return [f"undecided: {row}" for row in rows if row.state not in DECIDED]


def lost(rows: list[Row], stories: list[Story]) -> list[str]:
    """Forms that were confirmed to their author but are not stored, or are stored twice."""
    stored = {row.id: row for row in rows}
    found = [
        f"one form led to several submissions: {story.submissions}" for story in stories if len(story.submissions) > 1
    ]
    for story in stories:
        for pk in story.submissions:
            if pk not in stored:
                found.append(f"lost: {pk} “{story.form.title}”")
            elif stored[pk].form_key != story.form_key:
                found.append(f"mixed up: {stored[pk]} is not of the form {story.form_key}")
    twice = Counter(row.form_key for row in rows)
    return found + [f"stored {count} times: form {key}" for key, count in twice.items() if count > 1]


def without_their_incident(rows: list[Row], incidents: list[dict[str, Any]]) -> list[str]:
    """Submissions in state "created" that do not have exactly one incident of their own."""
    by_id = {incident["id"]: incident for incident in incidents}
    by_key = Counter(place_of(incident) for incident in incidents if incident["id"] not in already_open(rows))
    created = [row for row in rows if row.state == "created"]
    claims = Counter((row.service_id, row.incident_key) for row in created)
    found = []
    for row in created:
        incident = by_id.get(row.incident_id)
        if incident is None:
            found.append(f"created, but there is no such incident: {row}")
        elif place_of(incident) != (row.service_id, row.incident_key):
            found.append(f"created, but the incident is a different one: {row}")
        elif by_key[place_of(incident)] != claims[place_of(incident)]:
            found.append(f"created {by_key[place_of(incident)]} times: {row}")
    return found


def already_open(rows: list[Row]) -> set[str]:
    """The incidents that a page links to as open already under a key that somebody typed.

    Where PagerDuty did what it was asked and then refused it, that is our own one: nobody can tell. It is one incident,
    and its page leads to it.
    """
    taken = {row.incident_id for row in rows if row.state == "created"}
    return {row.incident_id for row in rows if row.state == "rejected" and row.incident_id} - taken


def place_of(incident: dict[str, Any]) -> tuple[str, str]:
    """The service and the key of an incident: only one of a place is open at a time."""
    return incident["service"]["id"], incident["incident_key"]


def untrue(rows: list[Row], stories: list[Story]) -> list[str]:
    """Pages that at any time said what is not true, and pages that to the end do not show their incident.

    That the rows are true, the other checks compare with PagerDuty. "We see no incident" is never untrue.
    """
    by_id = {row.id: row for row in rows}
    found = []
    for story in stories:
        for row in filter(None, map(by_id.get, story.submissions)):
            true = ("created", row.incident_id) if row.state == "created" else ("none", "")
            found += [
                f"told what is not so: “{said.words}” ({said.incident_id or 'no incident'}): {row}"
                for said in dict.fromkeys(story.said)
                if said.what != "not known" and (said.what, said.incident_id) != true
            ]
            last = story.said[-1] if story.said else None
            if row.state == "created" and (last is None or last.what != "created"):
                found.append(f"created, and its page does not say so: “{last.words if last else ''}”: {row}")
    return found


def without_their_submission(rows: list[Row], incidents: list[dict[str, Any]]) -> list[str]:
    """Incidents that no submission created, or more than one."""
    claims = Counter(row.incident_id for row in rows if row.state == "created")
    by_key: dict[str, list[str]] = {}
    for row in rows:
        by_key.setdefault(row.incident_key, []).append(str(row))
    return [
        f"incident {incident['id']} belongs to {claims[incident['id']]} submissions; those of its key: "
        f"{', '.join(by_key.get(incident['incident_key'], [])) or 'none'}"
        for incident in incidents
        if claims[incident["id"]] != 1 and incident["id"] not in already_open(rows)
    ]


def decided_twice(stage: Stage) -> list[str]:
    """A decision that was changed later leaves two entries in the audit trail. A correction is no decision."""
    decisions = {f"submission {state}" for state in DECIDED}
    times = Counter(subject for event, subject in stage.database.run(ENTRIES) if event in decisions)
    return [f"decided {count} times: {subject}" for subject, count in times.items() if count > 1]


def report(figures: Figures, stage: Stage) -> str:
    """The figures, one line each."""
    rows, stories = rows_of(stage), figures.stories
    attempts = [row.attempts for row in rows] or [0]
    cache = "Redis" if stage.cache else "local-memory cache"
    presses = [story.presses for story in stories]
    corrected = sum(event == "submission corrected" for event, _ in stage.database.run(ENTRIES))
    answers = sum((story.answers for story in stories), Counter[str]())
    lines = {
        "where": f"{stage.database.name}, {cache}, Python {platform.python_version()}, {os.cpu_count()} cores",
        "submissions": f"{len(rows)} stored, of {len(stories)} forms that {len(stage.names)} people sent",
        "states": listed(Counter(row.state for row in rows)),
        "incidents": str(len(stage.ask("incidents"))),
        "attempts": f"median {statistics.median(attempts):g}, most {max(attempts)}",
        "presses": f"{sum(presses)}, at most {max(presses)} for a form; "
        f"{sum(story.form.is_doubled for story in stories)} forms with two clicks at once",
        "answers": listed(answers),
        "gave up": f"{sum(not story.submissions for story in stories)} people",
        "pages": f"{sum(len(story.said) for story in stories)} read: "
        + listed(Counter(said.what for story in stories for said in story.said)),
        "corrected": f"{corrected} by an answer that came late",
        "responders": f"resolved {figures.resolved} incidents as soon as they were there",
        "account": figures.account,
        "troubles": listed(figures.troubles),
        "kills": f"{sum(figures.kills.values())} ({listed(figures.kills)})",
        "faults": listed(faults_drawn(figures)),
        "longest": f"{max(story.longest for story in stories):.1f} s until an answer to a click",
        "seconds": f"{figures.submitted - figures.started:.0f} until all were in, "
        f"{figures.decided - figures.submitted:.0f} more until all were decided",
    }
    return "\n".join(f"{name:<12} {text}" for name, text in lines.items())


def faults_drawn(figures: Figures) -> Counter[str]:
    """The faults that the calls met, by kind. The sandbox draws them from the seed, so they can be drawn again."""
    chaos = Chaos(**figures.chaos)
    drawn = [chaos.next() for _ in range(figures.calls - figures.calls_before)]
    found = Counter(fault.kind for fault in drawn if fault)
    return Counter({f"of {len(drawn)} calls": found.total(), **found})


def listed(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items(), key=lambda item: -item[1])) or "none"
