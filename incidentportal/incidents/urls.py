"""Addresses of the form and of submissions."""

from django.urls import path, re_path

from incidentportal.incidents.views import form, submissions

app_name = "incidents"
urlpatterns = [
    path("", submissions.list_, name="list"),
    path("new/", form.new, name="new"),
    path("new/check/<slug:name>/", form.check, name="check"),
    path("new/outlook/", form.show_outlook, name="outlook"),
    path("new/rehearse/", form.rehearse, name="rehearse"),
    path("new/draft/", form.draft, name="draft"),
    path("new/draft/<uuid:form_key>/discard/", form.discard, name="discard"),
    re_path(r"^new/note/(?P<incident_id>[A-Z0-9]{6,32})/$", submissions.note, name="note"),
    path("<uuid:pk>/", submissions.detail, name="detail"),
    path("<uuid:pk>/status/", submissions.status, name="status"),
    path("<uuid:pk>/cancel/", submissions.cancel, name="cancel"),
]
