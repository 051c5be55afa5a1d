"""The phases of a receipt, as one table: what each says and offers, and which of them speaks."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest
from django.template.loader import get_template
from django.utils.html import conditional_escape as escape
from django.utils.timezone import now

from incidentportal.incidents.models import State, Submission
from incidentportal.incidents.phases import AUTHOR_ONLY, ROWS, Phase, listed_phase_of, phase_of
from incidentportal.incidents.receipt import Receipt

LATER, EARLIER = now() + timedelta(hours=1), now() - timedelta(minutes=1)
AT = datetime(2026, 11, 24, 3, 12, tzinfo=UTC)
TIME = '<time datetime="2026-11-24T03:12:00+00:00" data-local="">03:12 UTC</time>'
SETTLED = '<time datetime="2026-11-24T03:13:00+00:00" data-local="seconds">03:13:00 UTC</time>'
OTHER = {"created_at": "2026-11-24T03:12:00Z"}
URL = {"html_url": "https://acme.pagerduty.com/incidents/Q1"}
RECEIPT = Receipt(status="triggered", assignees=["Ada <b>", "Grace Hopper"], is_watched=True)

PENDING = Phase(
    "pending",
    label="Not confirmed",
    icon="loader-circle",
    tone="waiting",
    headline="Not confirmed yet",
    lead="We keep trying until (time). You can close this page: the outcome appears here.",
    polls_every=2,
    tools=("cancel", "copy_text", "cancel_hint"),
    body="pending",
    shows_contact=True,
    is_undecided=True,
)
CREATED = Phase(
    "assigned",
    label="Created",
    icon="check",
    tone="ok",
    headline="Incident #5 created",
    lead="Assigned to <bdi>Ada &lt;b&gt;, Grace Hopper</bdi>. Nobody has picked it up yet.",
    tab="#5 created",
    announces="lead",
    polls_every=5,
    tools=("open", "copy_link", "create_another"),
    body="created",
    is_created=True,
)
OPEN = Phase(
    "already_open",
    label="Already open",
    icon="layers-2",
    tone="waiting",
    headline="Already open: #5",
    lead=f"An incident with this key has been open since {TIME}. No second one was created.",
    tools=("open_other", "add_note", "change_key"),
)
NOBODY = replace(
    CREATED,
    name="nobody_paged",
    icon="bell-off",
    tone="warning",
    headline="#5 created, but nobody has been paged",
    lead="PagerDuty has not assigned it to anybody. If nobody is assigned soon, phone somebody.",
    tab="#5 created, nobody paged",
    announces="headline",
    shows_contact=True,
)
CANCELLED = Phase(
    "cancelled",
    label="Cancelled",
    icon="ban",
    tone="quiet",
    headline="Cancelled. No incident was created.",
    lead="It was cancelled before it was sent. Nobody was paged.",
    tools=("start_again", "new"),
)
PICKED_UP = replace(
    CREATED, name="picked_up", lead=f"Picked up by <bdi>Ada</bdi> at {TIME}.", tab="#5 picked up", polls_every=0
)
RESOLVED = replace(CREATED, name="resolved", lead="It is resolved.", tab="#5 resolved", polls_every=0)
WE_SEE_NONE = "PagerDuty may have received this, but shows no incident of it. Look there before you send it again."
TOLD_WRONG = (
    'Until <time datetime="2026-11-24T03:12:00+00:00" data-local="seconds">03:12:00 UTC</time>, this page showed no'
    " incident, because PagerDuty's answer came late. If you sent this again, resolve one of the two."
)
TOO_LATE = "Your cancellation came too late: PagerDuty had already received it"


def submission(state: str, **fields: Any) -> Submission:
    return Submission(**{"state": state, "title": "Card payments fail", "expires_at": LATER, **fields})


def made(**fields: Any) -> Submission:
    return submission("created", **{"incident": URL, "incident_number": "5", **fields})


# What it is: the submission, the receipt, what its author reads.
CASES: dict[str, tuple[Submission, Receipt, Phase]] = {
    "pending": (submission("pending", expires_at=LATER), Receipt(), PENDING),
    "pending during an attempt": (submission("pending", heard_at=AT, leased_until=LATER), Receipt(), PENDING),
    "pending and perhaps received": (
        submission("pending", heard_at=AT),
        Receipt(),
        replace(
            PENDING,
            name="unseen",
            lead="PagerDuty may have received this, but does not show it yet. So that nobody is paged twice, we look"
            f" for it until {SETTLED}, and only then send it again.",
        ),
    ),
    "pending and in use": (
        submission("pending", heard_at=EARLIER - timedelta(days=900), key_in_use_at=AT),
        Receipt(),
        replace(
            PENDING,
            name="in_use",
            lead="PagerDuty says that an incident has this key, but does not show it yet."
            f" We look for it until {SETTLED}.",
        ),
    ),
    "cancelling during an attempt": (
        submission("pending", cancel_asked_at=EARLIER, leased_until=LATER),
        Receipt(),
        replace(
            PENDING,
            name="cancelling",
            label="Cancelling",
            headline="Cancelling",
            lead="Nothing more is sent. An attempt is under way: we are checking whether PagerDuty received it.",
            tools=("copy_text",),
        ),
    ),
    "cancelling after an attempt": (
        submission("pending", cancel_asked_at=EARLIER),
        Receipt(),
        replace(
            PENDING,
            name="cancelling",
            label="Cancelling",
            headline="Cancelling",
            lead="Nothing more is sent. An attempt was made: we are checking whether PagerDuty received it.",
            tools=("copy_text",),
        ),
    ),
    "overdue, cancelled or not": (
        submission("pending", expires_at=EARLIER, cancel_asked_at=EARLIER),
        Receipt(),
        replace(
            PENDING,
            name="overdue",
            label="Not known",
            icon="circle-question-mark",
            tone="danger",
            headline="Not known yet",
            lead="PagerDuty did not answer in time. We no longer send it, and only check whether PagerDuty received it:"
            " perhaps nobody was paged.",
            tools=("copy_text",),
        ),
    ),
    "already open": (submission("rejected", incident={**OTHER, **URL}, incident_number="5"), Receipt(), OPEN),
    "already open, and little is known of it": (
        submission("rejected", incident={"created_at": "2026-99-99T03:12:00Z"}),
        Receipt(),
        replace(
            OPEN,
            headline="Already open",
            lead="An incident with this key is open. No second one was created.",
            tools=("add_note", "change_key"),
        ),
    ),
    "rejected": (
        submission("rejected"),
        Receipt(),
        Phase(
            "rejected",
            label="Rejected",
            icon="x",
            tone="danger",
            headline="Rejected. No incident was created.",
            lead="PagerDuty did not accept this, and nobody was paged. Fix what it says and resend.",
            tools=("fix_and_resend", "copy_text"),
            body="rejected",
            shows_contact=True,
        ),
    ),
    "expired": (
        submission("expired", expires_at=EARLIER, cancel_asked_at=EARLIER),
        Receipt(),
        Phase(
            "expired",
            label="Expired",
            icon="x",
            tone="danger",
            headline="Expired. No incident was created.",
            lead="PagerDuty could not be reached in time. Nobody was paged by this, and we have stopped trying.",
            tools=("try_again", "copy_text"),
            shows_contact=True,
        ),
    ),
    "rejected, and perhaps received": (
        submission("rejected", heard_at=EARLIER),
        Receipt(),
        Phase(
            "rejected_unseen",
            label="Rejected",
            icon="x",
            tone="danger",
            headline="Rejected. We see no incident.",
            lead=WE_SEE_NONE,
            polls_every=60,
            tools=("fix_and_resend", "copy_text"),
            body="rejected",
            shows_contact=True,
        ),
    ),
    "expired, and perhaps received": (
        submission("expired", heard_at=EARLIER),
        Receipt(),
        Phase(
            "expired_unseen",
            label="Expired",
            icon="x",
            tone="danger",
            headline="Expired. We see no incident.",
            lead=WE_SEE_NONE,
            polls_every=60,
            tools=("try_again", "copy_text"),
            shows_contact=True,
        ),
    ),
    "cancelled, and perhaps received": (
        submission("cancelled", heard_at=EARLIER),
        Receipt(),
        replace(
            CANCELLED,
            name="cancelled_unseen",
            tone="warning",
            headline="Cancelled. We see no incident.",
            lead=WE_SEE_NONE,
            polls_every=60,
            shows_contact=True,
        ),
    ),
    "cancelled before an attempt": (submission("cancelled"), Receipt(), CANCELLED),
    "cancelled after attempts": (
        submission("cancelled", attempts=2),
        Receipt(),
        replace(CANCELLED, lead="No attempt to send it created an incident. Nobody was paged by this."),
    ),
    "assigned": (made(), RECEIPT, CREATED),
    "assigned, without number and link": (
        made(incident={}, incident_number=""),
        RECEIPT,
        replace(CREATED, headline="Incident created", tab="Created", tools=("create_another",)),
    ),
    "assigned, after the page had said that there is none": (
        made(corrected_at=AT),
        RECEIPT,
        replace(CREATED, correction=TOLD_WRONG),
    ),
    "assigned long ago": (made(), replace(RECEIPT, is_watched=False), replace(CREATED, polls_every=0)),
    "nobody is paged": (made(), replace(RECEIPT, assignees=[]), NOBODY),
    "nobody is paged, and there is no number": (
        made(incident_number=""),
        replace(RECEIPT, assignees=[]),
        replace(NOBODY, headline="Created, but nobody has been paged", tab="Created, nobody paged"),
    ),
    "nobody is paged, though somebody had picked it up": (
        made(),
        replace(RECEIPT, assignees=[], picked_up_by="Ada"),
        NOBODY,
    ),
    "picked up": (made(), replace(RECEIPT, status="acknowledged", picked_up_by="Ada", picked_up_at=AT), PICKED_UP),
    "picked up at some time": (
        made(),
        replace(RECEIPT, picked_up_by="<b>"),
        replace(PICKED_UP, lead="Picked up by <bdi>&lt;b&gt;</bdi>."),
    ),
    "acknowledged by nobody knows whom": (
        made(),
        replace(RECEIPT, status="acknowledged"),
        replace(CREATED, name="acknowledged", lead="It is acknowledged."),
    ),
    "resolved by whoever picked it up": (made(), replace(RECEIPT, status="resolved", picked_up_by="Ada"), RESOLVED),
    "nothing is known of it": (
        made(),
        Receipt(is_watched=True),
        replace(CREATED, name="unassigned", lead="PagerDuty does not say who it is assigned to."),
    ),
    "cancelled too late": (
        made(cancel_asked_at=EARLIER),
        RECEIPT,
        replace(
            CREATED,
            icon="triangle-alert",
            tone="warning",
            too_late=f"{TOO_LATE}, and paged <bdi>Ada &lt;b&gt;, Grace Hopper</bdi>. Resolve it there.",
        ),
    ),
    "cancelled too late, and nobody is paged": (
        made(cancel_asked_at=EARLIER),
        replace(RECEIPT, assignees=[]),
        replace(NOBODY, too_late=f"{TOO_LATE}. Resolve it there."),
    ),
    "cancelled too late, and resolved": (
        made(cancel_asked_at=EARLIER),
        replace(RECEIPT, status="resolved", assignees=[]),
        replace(RESOLVED, too_late=f"{TOO_LATE}."),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_what_the_author_reads(name: str) -> None:
    about, receipt, wanted = CASES[name]
    phase = phase_of(about, receipt, is_author=True)
    lead = re.sub(rf'<time datetime="{LATER.isoformat()[:19]}[^>]*>[^<]*</time>', "(time)", escape(phase.lead))
    assert replace(phase, lead=lead, too_late=escape(phase.too_late), correction=escape(phase.correction)) == wanted


@pytest.mark.parametrize(
    ("minutes", "created", "pending"), [(0, 5, 2), (9, 5, 2), (10, 15, 6), (59, 15, 6), (60, 60, 24), (119, 60, 24)]
)
def test_the_longer_nothing_has_changed_the_less_the_page_looks(minutes: int, created: int, pending: int) -> None:
    then = now() - timedelta(minutes=minutes)
    assert phase_of(made(decided_at=then), RECEIPT).polls_every == created
    assert phase_of(submission("pending", created_at=then), Receipt()).polls_every == pending
    assert phase_of(made(decided_at=then), replace(RECEIPT, status="resolved")).polls_every == 0


def test_every_row_speaks_somewhere() -> None:
    spoken = {phase_of(about, receipt).name for about, receipt, _ in CASES.values()}
    assert spoken == {row.name for _, _, row in ROWS}
    assert len(spoken) == len(ROWS)


def test_the_open_incident_names_who_raised_it() -> None:
    phase = phase_of(submission("rejected", incident=OTHER), Receipt(), raised_by="Ada <b>")
    assert phase.lead == (
        f"An incident with this key has been open since {TIME}, raised by <bdi>Ada &lt;b&gt;</bdi>."
        " No second one was created."
    )


def test_others_read_the_same_and_may_do_less() -> None:
    tools: dict[str, tuple[str, ...]] = {
        "pending": ("copy_text",),
        "already open": ("open_other",),
        "rejected": ("copy_text",),
        "expired": ("copy_text",),
        "cancelled before an attempt": ("new",),
        "assigned": ("open", "copy_link", "create_another"),
    }
    for name, wanted in tools.items():
        about, receipt, _ = CASES[name]
        assert phase_of(about, receipt) == replace(phase_of(about, receipt, is_author=True), tools=wanted)
    assert phase_of(made(cancel_asked_at=EARLIER), Receipt()).too_late.startswith("The cancellation came too late")


EVERYTHING = [
    (
        submission(
            state,
            cancel_asked_at=asked_at,
            expires_at=expires_at,
            incident=incident,
            attempts=attempts,
            incident_number=number,
            heard_at=heard_at,
        ),
        Receipt(status=status, assignees=assignees, picked_up_by=by, is_watched=is_watched),
    )
    for heard_at in (None, EARLIER)
    for state, asked_at, expires_at, incident, attempts, number, status, assignees, by, is_watched in product(
        State.values,
        (None, EARLIER),
        (LATER, EARLIER),
        ({}, URL),
        (0, 2),
        ("", "5"),
        ("", "triggered", "acknowledged", "resolved", "unheard of"),
        ([], ["Ada"]),
        ("", "Grace"),
        (True, False),
    )
]


def test_whatever_it_is_there_is_a_phase_and_it_promises_nothing_false() -> None:
    for about, receipt in EVERYTHING:
        phase, other = phase_of(about, receipt, is_author=True), phase_of(about, receipt)
        is_decided_without = about.state in {"rejected", "expired", "cancelled"} and phase.name != "already_open"
        says_nobody = "obody was paged" in phase.lead and "perhaps nobody" not in phase.lead
        assert says_nobody == (is_decided_without and about.heard_at is None)
        says_none = "No incident was created" in phase.headline
        assert says_none == says_nobody
        assert phase.is_created == (about.state == "created")
        assert phase.is_undecided == (about.state == "pending")
        assert (phase.tone == "ok") <= phase.is_created
        assert bool(phase.too_late) == (phase.is_created and about.cancel_asked_at is not None)
        assert phase.label.lower() in phase.headline.lower()  # the list and the page use the same word
        assert "  " not in phase.headline
        assert AUTHOR_ONLY.isdisjoint(other.tools)
        assert listed_phase_of(about).label == phase.label


def test_each_phase_has_its_templates() -> None:
    for about, receipt, _ in CASES.values():
        phase = phase_of(about, receipt, is_author=True)
        for name in (phase.template, *phase.tool_templates):
            get_template(name)
