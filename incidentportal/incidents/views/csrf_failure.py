"""What is shown if a CSRF token is missing or foreign."""

from django.contrib.auth.views import redirect_to_login
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import now

from incidentportal.http import PortalRequest, beside_the_form
from incidentportal.incidents.drafts import keep_for_log_in
from incidentportal.incidents.views.form import (
    SenderRequest,
    earlier_submission,
    for_sender,
    is_sent_again,
    sent_form,
    show_changed,
    show_form,
)


def csrf_failure(request: PortalRequest, reason: str = "") -> HttpResponse:
    """Nothing is sent. What was typed comes back, to be sent from a sound page."""
    if request.htmx:
        return beside_the_form(render(request, "too_old.html"))
    if not request.path.startswith(reverse("incidents:new")):
        return render(request, "403_csrf.html", status=403)
    if not request.user.is_authenticated:
        keep_for_log_in(request)
        return redirect_to_login(reverse("incidents:new"))
    return show_refused(request)


@for_sender
def show_refused(request: SenderRequest) -> HttpResponse:
    """The form that came without a sound token, as it was typed. Its key stays, so that it is still the same form."""
    form, earlier = sent_form(request), earlier_submission(request)
    if earlier:
        return redirect(earlier) if is_sent_again(form, earlier) else show_changed(request, earlier)
    form.add_error(None, f"Nothing was sent: this page was too old, or did not come from here ({now():%H:%M} UTC).")
    return show_form(request, form, status=403)
