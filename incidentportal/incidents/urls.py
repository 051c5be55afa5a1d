"""Addresses of submissions."""

from django.urls import path

from incidentportal.incidents import views

app_name = "incidents"
urlpatterns = [
    path("", views.list_, name="list"),
    path("new/", views.new, name="new"),
    path("new/check/<slug:name>/", views.check, name="check"),
    path("new/rehearse/", views.rehearse, name="rehearse"),
    path("<uuid:pk>/", views.detail, name="detail"),
    path("<uuid:pk>/status/", views.status, name="status"),
]
