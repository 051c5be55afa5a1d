"""The directory: a local mirror of a PagerDuty account, and what the portal knows beside it."""

from incidentportal.directory.models.alias import Alias
from incidentportal.directory.models.escalation_policy import EscalationPolicy
from incidentportal.directory.models.favorite import Favorite
from incidentportal.directory.models.incident_type import IncidentType
from incidentportal.directory.models.kinds import KINDS, MIRROR, SYNCED
from incidentportal.directory.models.last_known import LastKnown
from incidentportal.directory.models.mirrored import Mirrored
from incidentportal.directory.models.person import Person
from incidentportal.directory.models.priority import Priority
from incidentportal.directory.models.service import Service
from incidentportal.directory.models.sync import Sync, SyncPart
from incidentportal.directory.models.team import Team

__all__ = [
    "KINDS",
    "MIRROR",
    "SYNCED",
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
]
