from django.db import models

from incidentportal.directory.models.kinds import kind_choices


class Alias(models.Model):
    """Words that people use for a thing and that PagerDuty does not know: "till", "the login page"."""

    kind = models.CharField(max_length=40, choices=kind_choices, default="services")
    target_id = models.CharField("PagerDuty id", max_length=64)
    words = models.TextField()
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["kind", "target_id"]
        verbose_name_plural = "aliases"
        constraints = [models.UniqueConstraint(fields=["kind", "target_id"], name="one_alias_row_per_thing")]

    def __str__(self) -> str:
        return f"{self.target_id}: {self.words}"
