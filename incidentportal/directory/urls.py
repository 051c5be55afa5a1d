"""Addresses of the directory."""

from django.urls import path

from incidentportal.directory import views

app_name = "directory"
urlpatterns = [
    path("<slug:kind>/", views.lookup, name="lookup"),
    path("<slug:kind>/<slug:pk>/star/", views.star, name="star"),
]
