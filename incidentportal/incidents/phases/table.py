"""What a receipt says and offers: each phase in the life of a submission is one row of `ROWS`.

Pure. Of the rows of a submission's state, the first that applies speaks. To add a phase, add its function and its row;
where its page shows more than tools, `body` names a template in `templates/incidents/phase/`. No phase says that nobody
was paged while PagerDuty may have received an attempt.
"""

from collections.abc import Callable
from dataclasses import replace

from incidentportal.incidents.models import State, Submission
from incidentportal.incidents.phases import created, sending
from incidentportal.incidents.phases.phase import Case, Phase
from incidentportal.incidents.receipt import Receipt

AUTHOR_ONLY = {"cancel", "cancel_hint", "fix_and_resend", "try_again", "start_again", "add_note", "change_key"}

ROWS: tuple[tuple[State, Callable[[Case], object], Callable[[Case], Phase]], ...] = (
    (State.PENDING, lambda case: case.submission.is_overdue, sending.overdue),
    (State.PENDING, lambda case: case.submission.cancel_asked_at, sending.cancelling),
    (State.PENDING, lambda case: True, sending.pending),
    (State.REJECTED, lambda case: case.submission.incident, sending.already_open),
    (State.REJECTED, lambda case: True, sending.rejected),
    (State.EXPIRED, lambda case: True, sending.expired),
    (State.CANCELLED, lambda case: True, sending.cancelled),
    (State.CREATED, lambda case: case.is_assigned_to_nobody, created.nobody_paged),
    (State.CREATED, lambda case: case.receipt.status == "resolved", created.resolved),
    (State.CREATED, lambda case: case.receipt.picked_up_by, created.picked_up),
    (State.CREATED, lambda case: case.receipt.status == "acknowledged", created.acknowledged),
    (State.CREATED, lambda case: case.receipt.assignees, created.assigned),
    (State.CREATED, lambda case: True, created.unassigned),
)


def phase_of(submission: Submission, receipt: Receipt, *, is_author: bool = False, raised_by: str = "") -> Phase:
    """The one phase that a submission is in, with the tools that this reader may use."""
    case = Case(submission, receipt, is_author, raised_by)
    phase = first_of(case)
    if phase.is_created and submission.cancel_asked_at:
        phase = created.not_cancelled(case, phase)
    return replace(phase, tools=tuple(tool for tool in phase.tools if is_author or tool not in AUTHOR_ONLY))


def listed_phase_of(submission: Submission) -> Phase:
    """The phase as the list shows it: PagerDuty is not asked, so that what was created is just that."""
    return first_of(Case(submission, Receipt(), is_author=False, raised_by=""))


def first_of(case: Case) -> Phase:
    return next(says(case) for state, applies, says in ROWS if state == case.submission.state and applies(case))
