"""One attempt to send a submission: what it asks of PagerDuty, and what it comes to. Nothing is written here."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.timezone import now

from incidentportal.incidents.models import State, Submission
from incidentportal.pagerduty import Client, Incident, Rejected, Unavailable

# A request that we gave up on may still take effect for this long: only after it does a look that finds nothing decide.
SETTLING = timedelta(seconds=20)
# PagerDuty's clock may differ from ours: an incident counts as ours from this long before the submission.
CLOCK_SKEW = timedelta(minutes=2)


@dataclass(frozen=True)
class Created:
    """The incident is there: by this attempt, or, where it was found, by an earlier one."""

    incident: Incident
    is_found: bool


@dataclass(frozen=True)
class Refused:
    """PagerDuty will say no again. `existing` is somebody else's incident where one is open under the same key."""

    error: Rejected
    existing: Incident | None = None


class Over:
    """Nothing will be created now, and there is no incident of ours."""


Outcome = Created | Refused | Over | Unavailable  # the last: another attempt must tell


@dataclass(frozen=True)
class Try:
    """One attempt, which the caller has claimed.

    may_exist  whether an attempt before this one may have created the incident without our hearing of it
    started    when it began
    """

    submission: Submission
    client: Client
    may_exist: bool
    started: datetime

    def outcome(self) -> Outcome:
        """Find or create the incident. Never raises a Problem."""
        unsettled = self.seconds_to_settle()
        try:
            outcome = self.find_or_create()
        except Unavailable as error:
            return error
        except Rejected as error:
            outcome = Refused(error)
        if unsettled > 0 and isinstance(outcome, Refused | Over):
            # No "no" is final while an earlier request may still take effect.
            sentence = "PagerDuty may still be working on an earlier attempt."
            return Unavailable(sentence, wait=unsettled, is_sent=False)
        return outcome

    def seconds_to_settle(self) -> float:
        """How long a request that we gave up on may still take effect; 0 where that time is over."""
        if not self.may_exist:
            return 0.0
        last = self.submission.attempt_set.filter(is_sent=True).order_by("-ended_at").first()
        return max(0.0, (last.ended_at + SETTLING - now()).total_seconds()) if last else 0.0

    def find_or_create(self) -> Outcome:
        """After the window, and once the author cancels, it only looks. Raises Rejected or Unavailable."""
        submission = self.submission
        is_over = submission.cancel_asked_at is not None or now() >= submission.expires_at
        if is_over:
            found = self.look() if self.may_exist else None
            return found if isinstance(found, Created) else Over()
        if submission.attempts > 1 or submission.is_key_typed:
            found = self.look()
            if found:
                return found
        try:
            incident = self.client.create_incident(submission.request, from_email=submission.sender_email)
            return Created(incident, is_found=False)
        except Rejected as error:
            if not error.is_key_in_use:
                raise
        # The key is in use: by an attempt of ours that we did not hear of, or by somebody else.
        sentence = "PagerDuty says that this incident key is in use, but does not show the incident yet."
        return self.look() or Unavailable(sentence)

    def look(self) -> Created | Refused | None:
        """What is there under our key: an incident of ours, or somebody else's that is open. None: neither.

        A look that fails decides nothing while an incident of ours may exist.
        """
        key, service_id = self.submission.incident_key, self.submission.service_id
        try:
            found = self.client.find_incidents(key, service_id=service_id)
        except Unavailable as error:
            raise Unavailable(str(error), wait=error.wait, is_sent=False, **error.facts) from None
        except Rejected as error:
            if not self.may_exist:
                raise
            raise Unavailable(str(error), is_sent=False, **error.facts) from None
        ours = next((incident for incident in found if self.is_ours(incident)), None)
        if ours:
            return Created(ours, is_found=True)
        other = next((incident for incident in found if incident.is_open), None)
        return already_open(other) if other else None

    def is_ours(self, incident: Incident) -> bool:
        """Whether this incident, found by its key, was created by this submission."""
        submission = self.submission
        if incident.service.id != submission.service_id:
            return False
        if not submission.is_key_typed:
            return True  # nobody else knows the key that we made
        if not self.may_exist:
            return False  # nothing that we sent can have been heard, so nothing is ours, however alike it is
        is_since = incident.created_at is not None and incident.created_at >= submission.created_at - CLOCK_SKEW
        return is_since and incident.title == submission.title and not self.is_taken(incident)

    def is_taken(self, incident: Incident) -> bool:
        """Whether it is the incident of another submission."""
        others = Submission.objects.filter(incident_id=incident.id, state=State.CREATED).exclude(pk=self.submission.pk)
        return bool(incident.id) and others.exists()


def already_open(incident: Incident) -> Refused:
    """Somebody else's incident is open under this key: it stands instead of ours, and ours was not created."""
    title = incident.title[:200]
    sentence = f"Already open under this key: #{incident.number} “{title}”. No incident was created."
    return Refused(Rejected(sentence, field_errors={"incident_key": [sentence]}, status=400), incident)
