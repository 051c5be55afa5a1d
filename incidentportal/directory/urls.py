"""Addresses of the directory."""

from django.urls import path

from incidentportal.directory.views import lookup, star, webhook

app_name = "directory"
urlpatterns = [
    path("webhook/", webhook.webhook, name="webhook"),
    path("<slug:kind>/", lookup.lookup, name="lookup"),
    path("<slug:kind>/<slug:pk>/star/", star.star, name="star"),
]
