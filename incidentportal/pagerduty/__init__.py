"""All HTTP to PagerDuty. `connect()` gives a client; `Rejected` and `Unavailable` are its outcomes besides success."""

from incidentportal.pagerduty.client import Client, connect
from incidentportal.pagerduty.errors import Busy, Problem, Rejected, Unavailable
from incidentportal.pagerduty.reading import JSON
from incidentportal.pagerduty.resources import Incident, MaintenanceWindow, OnCall, Reference
from incidentportal.pagerduty.shared_state import (
    LOOK_UPS,
    SUBMISSIONS,
    down_since,
    is_silent,
    refused_since,
    without_waiting_in_vain,
)
from incidentportal.pagerduty.waiting import limit_waiting, place_for

__all__ = [
    "JSON",
    "LOOK_UPS",
    "SUBMISSIONS",
    "Busy",
    "Client",
    "Incident",
    "MaintenanceWindow",
    "OnCall",
    "Problem",
    "Reference",
    "Rejected",
    "Unavailable",
    "connect",
    "down_since",
    "is_silent",
    "limit_waiting",
    "place_for",
    "refused_since",
    "without_waiting_in_vain",
]
