"""The kinds of things in the directory. To add one, write its model and name it here."""

from incidentportal.directory.models.escalation_policy import EscalationPolicy
from incidentportal.directory.models.incident_type import IncidentType
from incidentportal.directory.models.mirrored import Mirrored
from incidentportal.directory.models.person import Person
from incidentportal.directory.models.priority import Priority
from incidentportal.directory.models.service import Service
from incidentportal.directory.models.team import Team

# In the order of a sync: lists are read by team, and services refer to policies.
MODELS: tuple[type[Mirrored], ...] = (Team, Priority, IncidentType, EscalationPolicy, Service, Person)
MIRROR: dict[str, type[Mirrored]] = {model.kind: model for model in MODELS}
SYNCED = tuple(MIRROR)
# Those that can be looked up, starred and given other names, in the order of the tabs on their page.
LOOKED_UP = {model.look_up.position: model for model in MODELS if model.look_up}
KINDS: dict[str, type[Mirrored]] = {LOOKED_UP[position].kind: LOOKED_UP[position] for position in sorted(LOOKED_UP)}


def kind_choices() -> list[tuple[str, str]]:
    return [(kind, model.label()) for kind, model in KINDS.items()]
