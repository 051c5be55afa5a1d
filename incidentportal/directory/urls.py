"""Addresses of the directory."""

from django.urls import path

from incidentportal.directory import views, webhooks

app_name = "directory"
urlpatterns = [
    path("webhook/", webhooks.webhook, name="webhook"),
    path("<slug:kind>/", views.lookup, name="lookup"),
    path("<slug:kind>/<slug:pk>/star/", views.star, name="star"),
]
