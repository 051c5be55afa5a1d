from datetime import datetime

from django.db import models


class LastKnownQuerySet(models.QuerySet["LastKnown"]):
    def older_than(self, moment: datetime) -> "LastKnownQuerySet":
        return self.filter(fetched_at__lt=moment)


class LastKnown(models.Model):
    """The last answer that PagerDuty gave to a live look-up, for when it gives none."""

    key = models.CharField(max_length=200, primary_key=True)
    answer = models.JSONField()
    fetched_at = models.DateTimeField(db_index=True)

    objects = LastKnownQuerySet.as_manager()

    class Meta:
        verbose_name = "last known answer"

    def __str__(self) -> str:
        return self.key
