"""What people submitted, in the admin: to read, never to change."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from incidentportal.audit.admin import ReadOnlyAdmin
from incidentportal.incidents.models import Attempt, Draft, Note, Submission


class AttemptInline(admin.TabularInline):
    """The attempts to send a submission, below it. Whoever may not change the submission may not change them either."""

    model = Attempt
    fields = ("number", "started_at", "ended_at", "outcome", "problem", "request_id", "is_sent")


@admin.register(Submission)
class SubmissionAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "state", "title", "service_name", "sender_email", "attempts")
    list_filter = ("state",)
    search_fields = ("title", "service_name", "sender_email", "incident_key", "incident_number")
    date_hierarchy = "created_at"
    inlines = (AttemptInline,)


@admin.register(Note)
class NoteAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "outcome", "incident_id", "created_by", "problem")
    list_filter = ("outcome",)
    search_fields = ("incident_id", "content", "created_by__email")
    date_hierarchy = "created_at"


@admin.register(Draft)
class DraftAdmin(ReadOnlyAdmin):
    """Who is writing something, and since when. What they write is private: it is neither shown nor searched."""

    list_display = ("updated_at", "created_by")
    fields = ("created_by", "updated_at")

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        """Refuse every filter in the address: `?answers__icontains=` would give the text away word by word."""
        return False
