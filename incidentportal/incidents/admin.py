"""Submissions in the admin: to read, never to change."""

from django.contrib import admin

from incidentportal.audit.admin import ReadOnlyAdmin
from incidentportal.incidents.models import Submission


@admin.register(Submission)
class SubmissionAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "state", "title", "service_name", "sender_email", "attempts")
    list_filter = ("state",)
    search_fields = ("title", "service_name", "sender_email", "incident_key", "incident_number")
    date_hierarchy = "created_at"
