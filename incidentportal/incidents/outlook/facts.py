"""What the form says of how PagerDuty works: one sentence for each fact, wherever it is said.

Pure. The verdict, the hints beside the fields and the notes on the paging path all take their sentences from here.
"""

from datetime import datetime

from incidentportal.directory.urgency import OwnUrgency
from incidentportal.wording import clock

EITHER_OR = "Choose an escalation policy or an assignee, not both: PagerDuty accepts only one of them."
NO_ESCALATION = "low urgency does not escalate automatically"
LOW_URGENCY = f"{NO_ESCALATION.capitalize()}: nobody is notified after level 1."
NOBODY_ELSE_ON_CALL = "nobody else is on call at any level"
ONCALLS_UNKNOWN = "Who is on call now is unknown"
SELF_ASSIGNED = "You are assigning yourself: the incident starts acknowledged, and you are not notified."
ALSO_SELF_ASSIGNED = "You are also assigning yourself: that acknowledges the incident, and PagerDuty may notify nobody."


def nobody_else(they: str = "they") -> str:
    """What happens after an assignee: nothing."""
    return f"nobody else is paged if {they} miss it"


def round_robin(count: int) -> str:
    """What a level does that is round robin."""
    return f"round robin: only one of its {count} people is paged"


def empty_level_may_be_skipped(next_level: int, verb: str = "page") -> str:
    """PagerDuty does not document whether it waits for an empty level. Its older articles say that it does not."""
    return f"PagerDuty may also skip the empty level and {verb} level {next_level} at once."


def maintenance(until: datetime | None, zone: str, now: datetime) -> str:
    """What PagerDuty makes of a manual report during maintenance is not documented."""
    end = f" until {clock(until, zone, now)}" if until and until > now else ""
    return f"In maintenance{end}: PagerDuty may create nothing and page nobody."


def service_decides(own: OwnUrgency, zone: str, now: datetime) -> str:
    """The urgency that the service gives to a report that leaves it open."""
    if own.is_by_severity:
        return f"The service decides by severity. A manual report has none, so {own.now} urgency is expected."
    if own.are_hours_unreadable:
        return f"The service decides: {own.now} urgency, because its support hours cannot be read."
    if own.until is None or own.until <= now:
        return f"The service decides: {own.now} urgency."
    also = ", also for incidents that are still open" if own.raises_open else ""
    return f"The service decides: {own.now} urgency until {clock(own.until, zone, now)}, then {own.then}{also}."
