"""The directory in the admin: the mirror to read, the aliases to keep."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.defaultfilters import pluralize
from django.urls import URLPattern, path

from incidentportal.audit.admin import ReadOnlyAdmin
from incidentportal.directory.aliases import export_csv, id_of, import_csv
from incidentportal.directory.models import (
    KINDS,
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

FILE_LIMIT = 2_000_000
# What comes from PagerDuty is changed there: its rows can only be read here.


@admin.register(Team, EscalationPolicy, Service, Priority)
class MirroredAdmin(ReadOnlyAdmin):
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
class SyncAdmin(ReadOnlyAdmin):
    list_display = ["kind", "synced_at", "rows", "changed", "gone", "calls", "problem"]


@admin.register(LastKnown)
class LastKnownAdmin(ReadOnlyAdmin):
    list_display = ["key", "fetched_at"]
    search_fields = ["key"]


class AliasForm(forms.ModelForm):
    """An alias of a thing that is named by id or by exact name."""

    class Meta:
        model = Alias
        fields = ("kind", "target_id", "words")
        labels = {"target_id": "Id or exact name"}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("kind") and cleaned.get("target_id"):
            try:
                cleaned["target_id"] = id_of(cleaned["kind"], cleaned["target_id"])
            except ValidationError as error:
                self.add_error("target_id", error)
        return cleaned


class ImportForm(forms.Form):
    table = forms.FileField(label="File", help_text="CSV, UTF-8. The first line must be kind,id,words.")


@admin.register(Alias)
class AliasAdmin(admin.ModelAdmin):
    form = AliasForm
    list_display = ["thing", "kind", "target_id", "words", "changed_at"]
    list_filter = ["kind"]
    search_fields = ["target_id", "words"]
    change_list_template = "admin/directory/alias/list.html"

    @admin.display(description="Name")
    def thing(self, alias: Alias) -> str:
        row = KINDS[alias.kind]._default_manager.filter(pk=alias.target_id).first()
        return row.name if row else "(not in the directory)"

    def get_urls(self) -> list[URLPattern]:
        own = [
            path("export/", self.admin_site.admin_view(self.export_file), name="directory_alias_export"),
            path("import/", self.admin_site.admin_view(self.import_file), name="directory_alias_import"),
        ]
        return [*own, *super().get_urls()]

    def export_file(self, request: HttpRequest) -> HttpResponse:
        """Every alias as a file."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        headers = {"Content-Disposition": 'attachment; filename="aliases.csv"'}
        return HttpResponse(export_csv(), content_type="text/csv; charset=utf-8", headers=headers)

    def import_file(self, request: HttpRequest) -> HttpResponse:
        """Import a file, or say what is wrong with each of its lines."""
        if not (self.has_add_permission(request) and self.has_change_permission(request)):
            raise PermissionDenied
        form = ImportForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            try:
                count = import_csv(text_of(form.cleaned_data["table"]), actor=request.user)
            except ValidationError as error:
                form.add_error("table", error)
            else:
                messages.success(request, f"{count} row{pluralize(count)} imported.")
                return redirect("admin:directory_alias_changelist")
        context = {
            **self.admin_site.each_context(request),
            "form": form,
            "title": "Import aliases",
            "opts": Alias._meta,
        }
        return render(request, "admin/directory/alias/import.html", context)


def text_of(file: UploadedFile) -> str:
    """The text of an uploaded file. Raises ValidationError where it is too large or not text."""
    if (file.size or 0) > FILE_LIMIT:
        raise ValidationError(f"The file is too large: at most {FILE_LIMIT:,} bytes.")
    try:
        return str(file.read(), "utf-8")
    except UnicodeDecodeError:
        raise ValidationError("The file is not UTF-8 text. Save it as CSV UTF-8.") from None
