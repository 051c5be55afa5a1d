"""The directory in the admin: the mirror to read, the aliases to keep."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from incidentportal.directory.models import (
    Alias,
    EscalationPolicy,
    IncidentType,
    LastKnown,
    Person,
    Priority,
    Service,
    Sync,
    Team,
)


class ReadOnly(admin.ModelAdmin):
    """What comes from PagerDuty is changed there."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Team, EscalationPolicy, Service, Priority)
class MirroredAdmin(ReadOnly):
    list_display = ["name", "id", "is_gone", "synced_at"]
    list_filter = ["is_gone"]
    search_fields = ["name", "id"]


@admin.register(Person)
class PersonAdmin(MirroredAdmin):
    list_display = ["name", "email", "time_zone", "role", "is_gone", "synced_at"]
    search_fields = ["name", "email", "id"]


@admin.register(IncidentType)
class IncidentTypeAdmin(MirroredAdmin):
    list_display = ["display_name", "name", "enabled", "is_gone", "synced_at"]


@admin.register(Sync)
class SyncAdmin(ReadOnly):
    list_display = ["kind", "synced_at", "rows", "changed", "gone", "calls", "problem"]


@admin.register(LastKnown)
class LastKnownAdmin(ReadOnly):
    list_display = ["key", "fetched_at"]
    search_fields = ["key"]


@admin.register(Alias)
class AliasAdmin(admin.ModelAdmin):
    list_display = ["kind", "target_id", "words", "changed_at"]
    list_filter = ["kind"]
    search_fields = ["target_id", "words"]
