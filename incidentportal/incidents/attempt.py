"""One attempt to send a submission: what it asks of PagerDuty, and what it comes to. `delivery.py` writes that down.

PagerDuty refuses a key only while its incident is open, and its look-ups may lag. So a request that may have been
heard is not repeated, and nothing is said to be absent, before it was looked for long enough.
"""

import html
import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Max, QuerySet
from django.utils.timezone import now

from incidentportal.incidents.models import SETTLING, Attempt, State, Submission
from incidentportal.pagerduty import Client, Incident, Rejected, Unavailable

# Where PagerDuty could not be asked for so long, we send again without having looked: better two pages than none.
BLIND, BLIND_LOOKS = timedelta(minutes=5), 4
# By which PagerDuty's clock may differ from ours, where we must compare them.
CLOCK_SKEW = timedelta(minutes=15)
CUT = 100  # bytes: so much of a title that was cut must be left to know it by


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


@dataclass(frozen=True)
class InUse:
    """PagerDuty refused our key: an open incident has it, which is not shown yet."""

    error: Rejected


class Unclear(Unavailable):
    """PagerDuty answered a look, but not what it was asked."""


@dataclass(frozen=True)
class Unseen:
    """PagerDuty does not show what an earlier attempt may have created, yet. `at` is its own time of the look."""

    at: datetime


class Over:
    """Nothing will be created now, and there is no incident of ours to be seen."""


Outcome = Created | Refused | InUse | Unseen | Over | Unavailable  # the last: another attempt must tell


@dataclass(frozen=True)
class Try:
    """An attempt that the caller has claimed, and whom to ask."""

    attempt: Attempt
    client: Client

    @property
    def submission(self) -> Submission:
        """The row, as it was when the attempt was claimed."""
        return self.attempt.submission

    @property
    def may_exist(self) -> bool:
        """Whether an earlier attempt may have created the incident without our hearing of it."""
        return self.doubted_since is not None

    @property
    def doubted_since(self) -> datetime | None:
        """When an earlier attempt may last have been heard, or was told that the key is in use: perhaps by us."""
        return max(filter(None, (self.attempt.heard_before, self.submission.key_in_use_at)), default=None)

    def outcome(self) -> Outcome:
        """Find or create the incident. After the window, and once the author cancels, only find. Raises no Problem."""
        submission = self.submission
        is_over = submission.cancel_asked_at is not None or now() >= submission.expires_at
        rows = self.rows_of_key() if self.must_look(is_over) else []
        found = rows if isinstance(rows, Unavailable) else self.judge(rows)
        if isinstance(found, Created):
            return found
        if is_over and not self.may_exist:
            return Over()
        if isinstance(found, Refused) and self.attempt.heard_before is None:
            return found
        if self.doubted_since is not None:
            return self.after_a_doubt(self.doubted_since, found, is_over)
        return self.create(seen=None if isinstance(rows, Unavailable) else [row.id for row in rows])

    def must_look(self, is_over: bool) -> bool:
        """Whether to look first. Nobody else has a key that we made: it needs no look before it was first sent."""
        return self.may_exist or (not is_over and (self.submission.is_key_typed or self.attempt.number > 1))

    def after_a_doubt(self, since: datetime, found: Refused | Unavailable | None, is_over: bool) -> Outcome:
        """What to do where we did not find our incident, and where it may be there, at the latest since this time."""
        submission = self.submission
        is_in_use = submission.key_in_use_at is not None
        # A key that was typed may be that of an alert, whose incident PagerDuty shows under another key.
        is_of_alert = isinstance(found, Unclear) and is_in_use and submission.is_key_typed and now() >= since + BLIND
        if isinstance(found, Unavailable) and not is_of_alert:
            is_stuck = not (is_over or is_in_use) and now() >= since + BLIND and self.has_looked_often()
            return self.create(is_blind=True) if is_stuck else found
        looked_at = self.client.told_at or now()
        if not is_of_alert and not (now() >= since + SETTLING and self.is_unseen_for_long(looked_at)):
            return Unseen(looked_at)
        if is_over and (submission.cancel_asked_at or not is_in_use):
            return Over()
        if isinstance(found, Refused):
            return found
        return in_use_unseen(submission.errors) if is_in_use else self.create()

    def is_unseen_for_long(self, looked_at: datetime) -> bool:
        """Whether, by PagerDuty's clock too, our looks have seen nothing for long enough.

        Ours may have been set, or be that of another machine than the one which sent the request.
        """
        first = self.submission.unseen_since
        return first is not None and looked_at - first >= SETTLING

    def has_looked_often(self) -> bool:
        """Whether several attempts after the last one that may have been heard could not look: time may be wrong."""
        earlier = self.submission.attempt_set.filter(number__lt=self.attempt.number)
        heard = earlier.filter(is_sent=True).aggregate(last=Max("number"))["last"] or 0
        return self.attempt.number - heard > BLIND_LOOKS

    def rows_of_key(self) -> list[Incident] | Unavailable:
        """The incidents under our key, open or resolved, or why they are not known.

        PagerDuty may leave out a filter. Where it returns what was not asked for, it may also leave out what was.
        """
        submission = self.submission
        service_id = submission.service_id if submission.is_key_typed else ""  # ours is ours, wherever it was moved
        try:
            found = self.client.find_incidents(submission.incident_key, service_id=service_id)
        except (Rejected, Unavailable) as error:
            wait = error.wait if isinstance(error, Unavailable) else None
            return Unavailable(str(error), wait=wait, is_sent=False, **error.facts)
        asked = [incident for incident in found if self.is_asked_for(incident)]
        if len(asked) < len(found) and not self.judge(asked):
            return Unclear("PagerDuty did not answer what it was asked.", is_sent=False)
        return asked

    def is_asked_for(self, incident: Incident) -> bool:
        """Whether it has our key and service. Where somebody moved ours to another one, the incident itself tells."""
        submission = self.submission
        if incident.key != submission.incident_key or incident.service.id == submission.service_id:
            return incident.key == submission.incident_key
        try:
            return not submission.is_key_typed and self.client.get_incident(incident.id).key == submission.incident_key
        except (Rejected, Unavailable):
            return False

    def judge(self, rows: list[Incident]) -> Created | Refused | None:
        """What these incidents under our key are: one of ours, or somebody else's that is open. None: neither."""
        ours = next((incident for incident in rows if self.is_ours(incident)), None)
        if ours:
            return Created(ours, is_found=True)
        other = next((incident for incident in rows if incident.is_open), None)
        return already_open(other) if other else None

    def is_ours(self, incident: Incident) -> bool:
        """Whether this incident under our key was created by this submission."""
        submission = self.submission
        if not submission.is_key_typed:
            return True  # nobody else knows the key that we made
        if not self.may_exist:
            return False  # nothing that we sent can have been heard, so nothing is ours, however alike it is
        if self.attempt.heard_before is None and self.rivals().exists():
            return False  # we were only ever refused, and another one was not
        if submission.seen_before is not None:
            is_new = incident.id not in submission.seen_before
        else:
            is_new = incident.created_at is not None and incident.created_at >= submission.created_at - CLOCK_SKEW
        return is_new and is_alike(submission.title, incident.title) and not self.is_taken(incident)

    def rivals(self) -> QuerySet[Submission]:
        """Other submissions with our key that may have been heard."""
        alike = Submission.objects.filter(incident_key=self.submission.incident_key, state=State.PENDING)
        return alike.exclude(pk=self.submission.pk).exclude(heard_at=None)

    def is_taken(self, incident: Incident) -> bool:
        """Whether it is the incident of another submission."""
        others = Submission.objects.filter(incident_id=incident.id, state=State.CREATED).exclude(pk=self.submission.pk)
        return bool(incident.id) and others.exists()

    def create(self, *, is_blind: bool = False, seen: list[str] | None = None) -> Outcome:
        """Send it. `is_blind`: nobody could see whether an earlier attempt created it, so a refusal decides nothing."""
        submission = self.submission
        if not self.may_send(seen):
            return Unavailable("Another attempt went on with this, or it was cancelled.", is_sent=False)
        try:
            incident = self.client.create_incident(submission.request, from_email=submission.sender_email)
        except Unavailable as error:
            return error
        except Rejected as error:
            if error.is_key_in_use:
                return self.find_who_has_the_key(error)
            return Unavailable(str(error), is_sent=False, **error.facts) if is_blind else Refused(error)
        if self.is_created(incident, seen or []):
            return Created(incident, is_found=False)
        return Unavailable("PagerDuty's answer is about another incident.")

    def is_created(self, incident: Incident, seen: list[str]) -> bool:
        """Whether what PagerDuty says that it created can be what was asked for, and was not there before."""
        submission, is_titled = self.submission, is_alike(self.submission.title, incident.title)
        is_of_key = incident.key == submission.incident_key
        is_unnamed = not incident.key and (is_titled or not incident.title)
        is_asked = (is_of_key or is_unnamed) and incident.service.id in {"", submission.service_id}
        return is_asked and incident.id not in seen and (is_titled or not self.is_taken(incident))

    def may_send(self, seen: list[str] | None) -> bool:
        """Whether the claim still holds, in the database, at the last moment; what was there before is written down."""
        self.submission.follow_the_clock()
        claimed = Submission.objects.filter(
            pk=self.submission.pk,
            state=State.PENDING,
            attempts=self.attempt.number,
            leased_until__gt=now(),
            cancel_asked_at=None,
        )
        known = {"seen_before": seen} if self.submission.is_key_typed and not self.may_exist else {}
        return claimed.update(touched_at=now(), **known) == 1

    def find_who_has_the_key(self, error: Rejected) -> Outcome:
        """Who has the key: an attempt of ours that we did not hear of, or, where it was typed, somebody else."""
        rows = self.rows_of_key()
        found = None if isinstance(rows, Unavailable) else self.judge(rows)
        return found or InUse(error)


def is_alike(ours: str, theirs: str) -> bool:
    """Whether PagerDuty's title is the one that we sent, which it may have cut, or freed of some characters."""
    sent, kept = letters_of(ours), letters_of(theirs)
    return kept == sent or (len(theirs.encode()) >= CUT and sent.startswith(kept))


def letters_of(text: str) -> str:
    """What is left of a title by any change that we know of, without the number that a summary begins with."""
    text = re.sub(r"^\[#\d+\]", "", text)
    plain = unicodedata.normalize("NFKC", html.unescape(text)).casefold()
    return "".join(char for char in plain if char.isalnum())


def already_open(incident: Incident) -> Refused:
    """Somebody else's incident is open under this key: it stands instead of ours, and ours was not created."""
    title = incident.title[:200]
    sentence = f"Already open under this key: #{incident.number} “{title}”. No second one was created."
    return Refused(Rejected(sentence, field_errors={"incident_key": [sentence]}, status=400), incident)


def in_use_unseen(said: dict[str, list[str]]) -> Refused:
    """PagerDuty refused our key as in use, and has shown no incident under it for long enough.

    What it said is shown as well: it may have meant something else.
    """
    sentence = (
        "PagerDuty says that an open incident has this incident key, but does not show it. Look in PagerDuty first."
    )
    errors = {"incident_key": [sentence]} | said
    errors["incident_key"] = [sentence, *said.get("incident_key", [])]
    shown = " ".join(sentence for sentences in errors.values() for sentence in sentences)
    return Refused(Rejected(shown, field_errors=errors, status=409))
