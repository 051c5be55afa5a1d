"""Submissions in the admin: to read, never to change."""

from django.contrib import admin
from django.http import HttpRequest

from incidentportal.incidents.models import Submission


@admin.register(Submission)
class SubmissionAdmin(admin.ModelAdmin):
    list_display = ("created_at", "state", "title", "service_name", "sender_email", "attempts")
    list_filter = ("state",)
    search_fields = ("title", "service_name", "sender_email", "incident_key", "incident_number")
    date_hierarchy = "created_at"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Submission | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Submission | None = None) -> bool:
        return False
