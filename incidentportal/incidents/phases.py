"""What a receipt says and offers: each phase in the life of a submission is one row of `ROWS`.

Pure. Of the rows of a submission's state, the first that applies speaks. To add a phase, add its row, and to `words`
what its texts name in braces; where its page shows more than tools, `body` names a template in
`templates/incidents/phase/`. No phase says that nobody was paged while PagerDuty may have received an attempt.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from django.utils.html import format_html
from django.utils.timezone import now

from incidentportal.incidents.models import State, Submission
from incidentportal.incidents.receipt import Receipt
from incidentportal.incidents.templatetags.portal import local_time
from incidentportal.pagerduty import Incident

AUTHOR_ONLY = {"cancel", "cancel_hint", "fix_and_resend", "try_again", "start_again", "add_note", "change_key"}
SLOWER = ((timedelta(hours=1), 12), (timedelta(minutes=10), 3))  # how much less often the page looks, by its age
LINKED = {"open", "copy_link", "open_other"}  # only where PagerDuty gave an address


@dataclass(frozen=True)
class Phase:
    """What the page shows. Text that is not a `SafeString` is escaped."""

    name: str
    label: str  # the word for it in the list
    icon: str
    tone: Literal["ok", "waiting", "warning", "danger", "quiet"]
    headline: str
    lead: str
    tab: str = ""  # in the tab's title, where it says more than the label
    announces: Literal["headline", "lead"] = "headline"  # what a screen reader is told
    polls_every: int = 0  # seconds; 0 where there is nothing to wait for
    tools: tuple[str, ...] = ()  # partials of receipt/tools.html
    body: str = "tools"
    shows_contact: bool = False  # whom to call: somebody may still be waiting for help
    is_undecided: bool = False  # the page reloads itself without JavaScript too
    is_created: bool = False  # PagerDuty has an incident of ours
    too_late: str = ""  # what became of a cancellation that did not stop it
    correction: str = ""  # what the page said before, and that it was wrong

    @property
    def template(self) -> str:
        return f"incidents/phase/{self.body}.html"

    @property
    def tool_templates(self) -> list[str]:
        return [f"incidents/receipt/tools.html#{tool}" for tool in self.tools]


PENDING = Phase(
    "pending",
    label="Not confirmed",
    icon="loader-circle",
    tone="waiting",
    headline="Not confirmed yet",
    lead="We keep trying until {until}. You can close this page: the outcome appears here.",
    polls_every=2,
    tools=("cancel", "copy_text", "cancel_hint"),
    body="pending",
    shows_contact=True,
    is_undecided=True,
)
UNSEEN = replace(
    PENDING,
    name="unseen",
    lead="PagerDuty may have received this, but does not show it yet. So that nobody is paged twice, we look for it"
    " until {settled}, and {then}.",
)
IN_USE = replace(
    PENDING,
    name="in_use",
    lead="PagerDuty says that an incident has this key, but does not show it yet. We look for it until {settled}.",
)
OVERDUE = replace(
    PENDING,
    name="overdue",
    label="Not known",
    icon="circle-question-mark",
    tone="danger",
    headline="Not known yet",
    lead="PagerDuty did not answer in time. We no longer send it, and only check whether PagerDuty received it:"
    " perhaps nobody was paged.",
    tools=("copy_text",),
)
CANCELLING = replace(
    PENDING,
    name="cancelling",
    label="Cancelling",
    headline="Cancelling",
    lead="Nothing more is sent. {attempt}: we are checking whether PagerDuty received it.",
    tools=("copy_text",),
)
ALREADY_OPEN = Phase(
    "already_open",
    label="Already open",
    icon="layers-2",
    tone="waiting",
    headline="Already open: {number}",
    lead="An incident with this key {is_open}{raised_by}. No second one was created.",
    tools=("open_other", "add_note", "change_key"),
)
REJECTED = Phase(
    "rejected",
    label="Rejected",
    icon="x",
    tone="danger",
    headline="Rejected. No incident was created.",
    lead="PagerDuty did not accept this, and nobody was paged. Fix what it says and resend.",
    tools=("fix_and_resend", "copy_text"),
    body="rejected",
    shows_contact=True,
)
EXPIRED = Phase(
    "expired",
    label="Expired",
    icon="x",
    tone="danger",
    headline="Expired. No incident was created.",
    lead="PagerDuty could not be reached in time. Nobody was paged by this, and we have stopped trying.",
    tools=("try_again", "copy_text"),
    shows_contact=True,
)
CANCELLED = Phase(
    "cancelled",
    label="Cancelled",
    icon="ban",
    tone="quiet",
    headline="Cancelled. No incident was created.",
    lead="{why_cancelled}",
    tools=("start_again", "new"),
)
# An attempt may have been heard, and was looked for long enough: that we see nothing is all that we know.
WE_SEE_NONE = "PagerDuty may have received this, but shows no incident of it. Look there before you send it again."
REJECTED_UNSEEN = replace(
    REJECTED, name="rejected_unseen", headline="Rejected. We see no incident.", lead=WE_SEE_NONE, polls_every=60
)
EXPIRED_UNSEEN = replace(
    EXPIRED, name="expired_unseen", headline="Expired. We see no incident.", lead=WE_SEE_NONE, polls_every=60
)
CANCELLED_UNSEEN = replace(
    CANCELLED,
    name="cancelled_unseen",
    tone="warning",
    headline="Cancelled. We see no incident.",
    lead=WE_SEE_NONE,
    polls_every=60,
    shows_contact=True,
)
CREATED = Phase(
    "assigned",
    label="Created",
    icon="check",
    tone="ok",
    headline="Incident {number} created",
    lead="Assigned to <bdi>{assignees}</bdi>. Nobody has picked it up yet.",
    tab="{number} created",
    announces="lead",
    polls_every=5,
    tools=("open", "copy_link", "create_another"),
    body="created",
    is_created=True,
)
NOBODY_PAGED = replace(
    CREATED,
    name="nobody_paged",
    icon="bell-off",
    tone="warning",
    headline="{number} created, but nobody has been paged",
    lead="PagerDuty has not assigned it to anybody. If nobody is assigned soon, phone somebody.",
    tab="{number} created, nobody paged",
    announces="headline",
    shows_contact=True,
)
RESOLVED = replace(CREATED, name="resolved", lead="It is resolved.", tab="{number} resolved", polls_every=0)
PICKED_UP = replace(
    CREATED, name="picked_up", lead="Picked up by <bdi>{who}</bdi>{at}.", tab="{number} picked up", polls_every=0
)
ACKNOWLEDGED = replace(CREATED, name="acknowledged", lead="It is acknowledged.")
# Its status is not known, so that nobody was paged is not known either.
UNASSIGNED = replace(CREATED, name="unassigned", lead="PagerDuty does not say who it is assigned to.")

ROWS: tuple[tuple[State, Callable[[Submission, Receipt], object], Phase], ...] = (
    (State.PENDING, lambda sent, news: sent.is_overdue, OVERDUE),
    (State.PENDING, lambda sent, news: sent.cancel_asked_at, CANCELLING),
    (State.PENDING, lambda sent, news: sent.key_in_use_at and not sent.is_under_way, IN_USE),
    (State.PENDING, lambda sent, news: sent.heard_at and not sent.is_under_way, UNSEEN),
    (State.PENDING, lambda sent, news: True, PENDING),
    (State.REJECTED, lambda sent, news: sent.incident, ALREADY_OPEN),
    (State.REJECTED, lambda sent, news: sent.in_doubt_since, REJECTED_UNSEEN),
    (State.REJECTED, lambda sent, news: True, REJECTED),
    (State.EXPIRED, lambda sent, news: sent.in_doubt_since, EXPIRED_UNSEEN),
    (State.EXPIRED, lambda sent, news: True, EXPIRED),
    (State.CANCELLED, lambda sent, news: sent.in_doubt_since, CANCELLED_UNSEEN),
    (State.CANCELLED, lambda sent, news: True, CANCELLED),
    (State.CREATED, lambda sent, news: news.status == "triggered" and not news.assignees, NOBODY_PAGED),
    (State.CREATED, lambda sent, news: news.status == "resolved", RESOLVED),
    (State.CREATED, lambda sent, news: news.picked_up_by, PICKED_UP),
    (State.CREATED, lambda sent, news: news.status == "acknowledged", ACKNOWLEDGED),
    (State.CREATED, lambda sent, news: news.assignees, CREATED),
    (State.CREATED, lambda sent, news: True, UNASSIGNED),
)


def phase_of(submission: Submission, receipt: Receipt, *, is_author: bool = False, raised_by: str = "") -> Phase:
    """The one phase that a submission is in, with the tools that this reader may use.

    `raised_by` is who raised the open incident that stood in the way; "" where it was not raised here.
    """
    row = row_of(submission, receipt)
    number = f"#{submission.incident_number}" if submission.incident_number else ""
    hidden = (set() if is_author else AUTHOR_ONLY) | (set() if submission.incident_url else LINKED)
    phase = replace(
        row,
        headline=numbered(row.headline, number),
        lead=format_html(row.lead, **words(submission, receipt, raised_by)),
        tab=numbered(row.tab, number),
        polls_every=0 if row.is_created and not receipt.is_watched else slower(row.polls_every, submission),
        tools=tuple(tool for tool in row.tools if tool not in hidden),
    )
    if phase.is_created and submission.corrected_at:
        phase = corrected(phase, submission.corrected_at)
    return not_cancelled(phase, receipt, is_author) if phase.is_created and submission.cancel_asked_at else phase


def slower(seconds: int, submission: Submission) -> int:
    """The seconds between two looks of the page: more of them, the longer nothing has changed."""
    age = now() - (submission.decided_at or submission.created_at)
    return seconds * next((factor for after, factor in SLOWER if age >= after), 1)


def listed_phase_of(submission: Submission) -> Phase:
    """The phase as the list shows it, by label and tone: PagerDuty is not asked, so what was created is just that."""
    return row_of(submission, Receipt())


def row_of(submission: Submission, receipt: Receipt) -> Phase:
    return next(row for state, applies, row in ROWS if state == submission.state and applies(submission, receipt))


def numbered(text: str, number: str) -> str:
    """The text with the incident's number, which PagerDuty may not have given."""
    said = " ".join(text.format(number=number).split()).removesuffix(":")
    return said[:1].upper() + said[1:]


def words(submission: Submission, receipt: Receipt, raised_by: str) -> dict[str, str]:
    """What the rows name in braces."""
    opened_at, picked_up_at = Incident.read(submission.incident).created_at, receipt.picked_up_at
    was_sent = "No attempt to send it created an incident. Nobody was paged by this."
    is_over_then = submission.settles_at is not None and submission.settles_at >= submission.expires_at
    return {
        "then": "then the time to send it is over" if is_over_then else "only then send it again",
        "until": local_time(submission.expires_at),
        "settled": local_time(submission.settles_at, "seconds") if submission.settles_at else "",
        "attempt": "An attempt is under way" if submission.is_under_way else "An attempt was made",
        "why_cancelled": was_sent if submission.attempts else "It was cancelled before it was sent. Nobody was paged.",
        "is_open": format_html("has been open since {}", local_time(opened_at)) if opened_at else "is open",
        "raised_by": format_html(", raised by <bdi>{}</bdi>", raised_by) if raised_by else "",
        "assignees": ", ".join(receipt.assignees),
        "who": receipt.picked_up_by,
        "at": format_html(" at {}", local_time(picked_up_at)) if picked_up_at else "",
    }


def corrected(phase: Phase, at: datetime) -> Phase:
    """An incident that this page had not known of: whoever read that may have called for help again."""
    told = (
        "Until {}, this page showed no incident, because PagerDuty's answer came late."
        " If you sent this again, resolve one of the two."
    )
    return replace(phase, correction=format_html(told, local_time(at, "seconds")))


def not_cancelled(phase: Phase, receipt: Receipt, is_author: bool) -> Phase:
    """An incident whose cancellation came too late: it does not count as a success until it is resolved."""
    is_resolved, people = phase.name == "resolved", ", ".join(receipt.assignees)
    start = f"{'Your' if is_author else 'The'} cancellation came too late: PagerDuty had already received it"
    paged = format_html(", and paged <bdi>{}</bdi>", people) if people else ""
    if phase.tone == "ok" and not is_resolved:
        phase = replace(phase, icon="triangle-alert", tone="warning")
    return replace(phase, too_late=format_html("{}{}.{}", start, paged, "" if is_resolved else " Resolve it there."))
