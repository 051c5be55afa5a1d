"""Audit entries in the admin: to read, never to change."""

from django.contrib import admin
from django.http import HttpRequest

from incidentportal.audit.models import Entry


@admin.register(Entry)
class EntryAdmin(admin.ModelAdmin):
    list_display = ("at", "event", "subject", "actor")
    list_filter = ("event",)
    search_fields = ("subject", "event")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Entry | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Entry | None = None) -> bool:
        return False
