"""Addresses of the form and of submissions."""

from django.urls import path, re_path

from incidentportal.incidents.views.check import check
from incidentportal.incidents.views.detail import cancel, detail, status
from incidentportal.incidents.views.draft import discard, draft
from incidentportal.incidents.views.list import list_
from incidentportal.incidents.views.new import new
from incidentportal.incidents.views.note import note
from incidentportal.incidents.views.outlook import outlook
from incidentportal.incidents.views.rehearse import rehearse

app_name = "incidents"
urlpatterns = [
    path("", list_, name="list"),
    path("new/", new, name="new"),
    path("new/check/<slug:name>/", check, name="check"),
    path("new/outlook/", outlook, name="outlook"),
    path("new/rehearse/", rehearse, name="rehearse"),
    path("new/draft/", draft, name="draft"),
    path("new/draft/<uuid:form_key>/discard/", discard, name="discard"),
    re_path(r"^new/note/(?P<incident_id>[A-Z0-9]{6,32})/$", note, name="note"),
    path("<uuid:pk>/", detail, name="detail"),
    path("<uuid:pk>/status/", status, name="status"),
    path("<uuid:pk>/cancel/", cancel, name="cancel"),
]
