"""What people add to the directory: other names for things, and which of them they like."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db import connection, models
from django.utils.timezone import now

from incidentportal.directory.models.kinds import kind_choices
from incidentportal.directory.models.mirrored import Mirrored

# In SQL, because it is asked at every keystroke, and the ORM takes longer to write it than the database to answer it.
FAVORITES = """
    SELECT target_id, is_starred FROM directory_favorite WHERE user_id = %s AND kind = %s
    ORDER BY is_starred DESC, used_at IS NULL, used_at DESC
"""
USES_KEPT = 100  # of a person and kind; all stars are kept


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


class FavoriteQuerySet(models.QuerySet["Favorite"]):
    def remember_use(self, user: Any, things: Iterable[Mirrored]) -> None:
        """Note that this person used these services, policies and people just now."""
        rows = [self.model(user=user, kind=thing.kind, target_id=thing.pk, used_at=now()) for thing in things]
        keys = ["user", "kind", "target_id"]
        self.bulk_create(rows, update_conflicts=True, unique_fields=keys, update_fields=["used_at"])
        for kind in {row.kind for row in rows}:
            old = self.filter(user=user, kind=kind, is_starred=False).values_list("pk", flat=True)[USES_KEPT:]
            self.filter(pk__in=list(old)).delete()

    def toggle_star(self, user: Any, thing: Mirrored) -> bool:
        """Star a thing for this person, or take the star away. Returns whether it is starred now."""
        row, _ = self.get_or_create(user=user, kind=thing.kind, target_id=thing.pk)
        row.is_starred = not row.is_starred
        row.save(update_fields=["is_starred"])
        return row.is_starred

    def of(self, user: Any, kind: str) -> dict[str, bool]:
        """The ids of this person's favorites, starred ones first, then the last used first; True for starred ones."""
        if user is None or not user.is_authenticated:
            return {}
        with connection.cursor() as cursor:
            cursor.execute(FAVORITES, [user.pk, kind])
            return {target_id: bool(is_starred) for target_id, is_starred in cursor.fetchall()}


class Favorite(models.Model):
    """That a person starred a thing, or used it, and when: it comes first in their look-ups."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=40, choices=kind_choices)
    target_id = models.CharField(max_length=64)
    is_starred = models.BooleanField(default=False)
    used_at = models.DateTimeField(null=True, blank=True)

    objects = FavoriteQuerySet.as_manager()

    class Meta:
        ordering = ["-is_starred", models.F("used_at").desc(nulls_last=True)]
        constraints = [models.UniqueConstraint(fields=["user", "kind", "target_id"], name="one_favorite_per_thing")]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.kind} {self.target_id}"
