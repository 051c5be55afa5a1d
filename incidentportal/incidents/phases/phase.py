"""What a phase is made of."""

from dataclasses import dataclass
from typing import Literal

from incidentportal.incidents.models import Submission
from incidentportal.incidents.receipt import Receipt


@dataclass(frozen=True)
class Case:
    """What is known of a submission, and who is looking at it."""

    submission: Submission
    receipt: Receipt
    is_author: bool
    raised_by: str  # who raised the open incident that stood in the way; "" where it was not raised here

    @property
    def number(self) -> str:
        return f"#{self.submission.incident_number}" if self.submission.incident_number else ""

    @property
    def is_assigned_to_nobody(self) -> bool:
        """PagerDuty says that it waits for somebody, and names nobody."""
        return self.receipt.status == "triggered" and not self.receipt.assignees


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

    @property
    def template(self) -> str:
        return f"incidents/phase/{self.body}.html"

    @property
    def tool_templates(self) -> list[str]:
        return [f"incidents/receipt/tools.html#{tool}" for tool in self.tools]
