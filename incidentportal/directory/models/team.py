from django.db import models

from incidentportal.directory.models.mirrored import Mirrored, MirroredQuerySet, PagerDutyList


class Team(Mirrored):
    kind = "teams"
    source = PagerDutyList("teams", is_optional=True)

    description = models.TextField(blank=True)

    objects = MirroredQuerySet["Team"].as_manager()
