"""How many reports one person may send: far more than anybody writes, far fewer than a script that went wrong."""

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.utils.timezone import now

from incidentportal.wording import span

MOST, WITHIN = 60, timedelta(minutes=10)
TOO_MANY = (
    f"This was not sent: you have sent {MOST} reports in {span(WITHIN.total_seconds() / 60)},"
    " and the portal takes no more. Wait a few minutes, then press the button again."
)


def objection_to_another(user: User, form_key: UUID) -> tuple[None, str] | None:
    """Why this person may not send another report now; None if they may.

    This very form, stored a moment ago by the other half of a double click, is no other report.
    Reports that are being stored at this moment are not seen: as many more may come as requests are served at once.
    """
    if user.submissions.filter(created_at__gt=now() - WITHIN).exclude(form_key=form_key).count() < MOST:
        return None
    contact = settings.EMERGENCY_CONTACT
    return None, f"{TOO_MANY} If it cannot wait: {contact}" if contact else TOO_MANY
