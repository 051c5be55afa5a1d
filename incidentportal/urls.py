"""All addresses: the table of contents."""

from allauth.account.views import LoginView, LogoutView
from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.generic import RedirectView

from incidentportal import health

handler500 = "incidentportal.errors.server_error"
urlpatterns = [
    path("", RedirectView.as_view(pattern_name="incidents:new", query_string=True)),
    path("incidents/", include("incidentportal.incidents.urls")),
    path("directory/", include("incidentportal.directory.urls")),
    # Of allauth's own addresses only these: an operator creates accounts, and nobody can sign up.
    path("login/", login_not_required(LoginView.as_view()), name="account_login"),
    path("logout/", LogoutView.as_view(), name="account_logout"),
    path("admin/", admin.site.urls),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
]
