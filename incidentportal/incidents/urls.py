"""Addresses of the form and of submissions."""

from django.urls import path, re_path

from incidentportal.incidents.views import check, detail, draft, new, note, outlook, rehearse
from incidentportal.incidents.views import list as list_page

app_name = "incidents"
urlpatterns = [
    path("", list_page.list_, name="list"),
    path("new/", new.new, name="new"),
    path("new/check/<slug:name>/", check.check, name="check"),
    path("new/outlook/", outlook.outlook, name="outlook"),
    path("new/rehearse/", rehearse.rehearse, name="rehearse"),
    path("new/draft/", draft.draft, name="draft"),
    path("new/draft/<uuid:form_key>/discard/", draft.discard, name="discard"),
    re_path(r"^new/note/(?P<incident_id>[A-Z0-9]{6,32})/$", note.note, name="note"),
    path("<uuid:pk>/", detail.detail, name="detail"),
    path("<uuid:pk>/status/", detail.detail, {"part": "#status"}, name="status"),
    path("<uuid:pk>/cancel/", detail.cancel, name="cancel"),
]
