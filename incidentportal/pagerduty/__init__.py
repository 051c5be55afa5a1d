"""All HTTP to PagerDuty. `connect()` gives a client; `Rejected` and `Unavailable` are its outcomes besides success."""

from incidentportal.pagerduty.client import Client, connect
from incidentportal.pagerduty.errors import Problem, Rejected, Unavailable
from incidentportal.pagerduty.reading import JSON
from incidentportal.pagerduty.resources import Incident, MaintenanceWindow, OnCall, Reference
from incidentportal.pagerduty.shared_state import (
    SUBMISSIONS,
    down_since,
    is_silent,
    refused_since,
    without_waiting_in_vain,
)

__all__ = [
    "JSON",
    "SUBMISSIONS",
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
    "refused_since",
    "without_waiting_in_vain",
]
