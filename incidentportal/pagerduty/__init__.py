"""All HTTP to PagerDuty. `connect()` gives a client; `Rejected` and `Unavailable` are its outcomes besides success."""

from incidentportal.pagerduty.availability import MaintenanceWindow, OnCall
from incidentportal.pagerduty.client import Client, ListTooLong, connect
from incidentportal.pagerduty.errors import Problem, Rejected, Unavailable
from incidentportal.pagerduty.incident import Acknowledgement, Incident, Reference
from incidentportal.pagerduty.outage import down_since, refused_since
from incidentportal.pagerduty.rate_limit import LOOK_UPS, SUBMISSIONS
from incidentportal.pagerduty.reading import JSON

__all__ = [
    "JSON",
    "LOOK_UPS",
    "SUBMISSIONS",
    "Acknowledgement",
    "Client",
    "Incident",
    "ListTooLong",
    "MaintenanceWindow",
    "OnCall",
    "Problem",
    "Reference",
    "Rejected",
    "Unavailable",
    "connect",
    "down_since",
    "refused_since",
]
