"""Audit entries in the admin: to read, never to change."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from incidentportal.audit.models import Entry


class ReadOnlyAdmin(admin.ModelAdmin):
    """Rows that nobody adds, changes or deletes by hand."""

    def nobody(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    has_add_permission = has_change_permission = has_delete_permission = nobody


@admin.register(Entry)
class EntryAdmin(ReadOnlyAdmin):
    list_display = ("at", "event", "subject", "actor")
    list_filter = ("event",)
    search_fields = ("subject", "event")
