"""The directory: a local mirror of a PagerDuty account, and what the portal knows beside it."""

from incidentportal.directory.models.additions import Alias, Favorite
from incidentportal.directory.models.kinds import KINDS, MIRROR, IncidentType, Person, Priority, Team
from incidentportal.directory.models.mirrored import Mirrored, named_in
from incidentportal.directory.models.service import EscalationPolicy, Service
from incidentportal.directory.models.sync import LastKnown, Sync, SyncPart

__all__ = [
    "KINDS",
    "MIRROR",
    "Alias",
    "EscalationPolicy",
    "Favorite",
    "IncidentType",
    "LastKnown",
    "Mirrored",
    "Person",
    "Priority",
    "Service",
    "Sync",
    "SyncPart",
    "Team",
    "named_in",
]
