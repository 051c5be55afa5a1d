from typing import ClassVar

from django.db import models

from incidentportal.directory.models.mirrored import Mirrored, MirroredQuerySet, PagerDutyList, name_in
from incidentportal.pagerduty.reading import JSON, one_line, text


class IncidentType(Mirrored):
    kind = "incident-types"
    source = PagerDutyList("incident_types", is_optional=True, is_paged=False)
    NAME_KEYS: ClassVar = {"name": "name_key", "display_name": "display_key"}

    display_name = models.TextField(blank=True)
    display_key = models.CharField(max_length=200, db_index=True, editable=False)
    description = models.TextField(blank=True)
    enabled = models.BooleanField(default=True)

    objects = MirroredQuerySet["IncidentType"].as_manager()

    @classmethod
    def read_own(cls, raw: JSON) -> JSON:
        return {
            "display_name": one_line(raw.get("display_name")) or name_in(raw),
            "description": text(raw.get("description")),
            "enabled": raw.get("enabled") is not False,
        }
