import re

from django.db import models

from incidentportal.directory.models.mirrored import Mirrored, MirroredQuerySet, PagerDutyList
from incidentportal.pagerduty.reading import JSON, number, text

COLOR = re.compile(r"[0-9A-Fa-f]{6}")


class Priority(Mirrored):
    kind = "priorities"
    source = PagerDutyList("priorities", is_optional=True)

    description = models.TextField(blank=True)
    color = models.CharField(max_length=6, blank=True)
    order = models.BigIntegerField(default=0)

    objects = MirroredQuerySet["Priority"].as_manager()

    class Meta(Mirrored.Meta):
        ordering = ["-order", "name_key"]  # the most severe first
        verbose_name_plural = "priorities"

    @classmethod
    def read_own(cls, raw: JSON) -> JSON:
        color = text(raw.get("color")).removeprefix("#")
        return {
            "description": text(raw.get("description")),
            "color": color.lower() if COLOR.fullmatch(color) else "",
            "order": number(raw.get("order")),
        }
