"""What a person starred and used: it comes first in their look-ups."""

from collections.abc import Iterable
from typing import Any

from django.db import connection
from django.db.models import F
from django.utils.timezone import now

from incidentportal.directory.models import KINDS, Favorite, Mirrored

# In SQL, because it is asked at every keystroke, and the ORM takes longer to write it than the database to answer it.
FAVORITES = """
    SELECT target_id, is_starred FROM directory_favorite WHERE user_id = %s AND kind = %s
    ORDER BY is_starred DESC, used_at IS NULL, used_at DESC
"""
KEPT = 100  # things used that are remembered of a person and kind; stars are kept all


def remember_use(user: Any, things: Iterable[Mirrored]) -> None:
    """Note that this person used these services, policies and people just now."""
    kinds = {model: kind for kind, model in KINDS.items()}
    rows = [Favorite(user=user, kind=kinds[type(thing)], target_id=thing.pk, used_at=now()) for thing in things]
    keys = ["user", "kind", "target_id"]
    Favorite.objects.bulk_create(rows, update_conflicts=True, unique_fields=keys, update_fields=["used_at"])
    for kind in {row.kind for row in rows}:
        used = Favorite.objects.filter(user=user, kind=kind, is_starred=False)
        old = used.order_by(F("used_at").desc(nulls_last=True)).values_list("pk", flat=True)[KEPT:]
        Favorite.objects.filter(pk__in=list(old)).delete()


def toggle_star(user: Any, kind: str, target_id: str) -> bool:
    """Star a thing for this person, or take the star away. Returns whether it is starred now."""
    row, _ = Favorite.objects.get_or_create(user=user, kind=kind, target_id=target_id)
    row.is_starred = not row.is_starred
    row.save(update_fields=["is_starred"])
    return row.is_starred


def favorites_of(user: Any, kind: str) -> dict[str, bool]:
    """The ids of this person's things, the starred ones first, then the last used first; True for the starred ones."""
    if user is None or not user.is_authenticated:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(FAVORITES, [user.pk, kind])
        return {target_id: bool(is_starred) for target_id, is_starred in cursor.fetchall()}
