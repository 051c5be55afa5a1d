"""The phases of a submission that has no incident of its own: it is still being sent, or it ended without one."""

from dataclasses import replace

from django.utils.html import format_html

from incidentportal.incidents.phases.phase import Case, Phase
from incidentportal.incidents.templatetags.portal import local_time
from incidentportal.pagerduty import reading


def pending(case: Case) -> Phase:
    return Phase(
        "pending",
        label="Not confirmed",
        icon="loader-circle",
        tone="waiting",
        headline="Not confirmed yet",
        lead=format_html(
            "We keep trying until {}. You can close this page: the outcome appears here.",
            local_time(case.submission.expires_at),
        ),
        polls_every=2,
        tools=("cancel", "copy_text", "cancel_hint"),
        body="pending",
        shows_contact=True,
        is_undecided=True,
    )


def overdue(case: Case) -> Phase:
    return replace(
        pending(case),
        name="overdue",
        label="Not known",
        icon="circle-question-mark",
        tone="danger",
        headline="Not known yet",
        lead="PagerDuty did not answer in time. We no longer send it, and only check whether PagerDuty received it:"
        " perhaps nobody was paged.",
        tools=("copy_text",),
    )


def cancelling(case: Case) -> Phase:
    attempt = "An attempt is under way" if case.submission.is_under_way else "An attempt was made"
    return replace(
        pending(case),
        name="cancelling",
        label="Cancelling",
        headline="Cancelling",
        lead=f"Nothing more is sent. {attempt}: we are checking whether PagerDuty received it.",
        tools=("copy_text",),
    )


def already_open(case: Case) -> Phase:
    opened_at = reading.moment(case.submission.incident.get("created_at"))
    since = format_html("has been open since {}", local_time(opened_at)) if opened_at else "is open"
    by = format_html(", raised by <bdi>{}</bdi>", case.raised_by) if case.raised_by else ""
    return Phase(
        "already_open",
        label="Already open",
        icon="layers-2",
        tone="waiting",
        headline=f"Already open: {case.number}" if case.number else "Already open",
        lead=format_html("An incident with this key {}{}. No second one was created.", since, by),
        tools=(*(["open_other"] if case.submission.incident_url else []), "add_note", "change_key"),
    )


def rejected(case: Case) -> Phase:
    return Phase(
        "rejected",
        label="Rejected",
        icon="x",
        tone="danger",
        headline="Rejected. No incident was created.",
        lead="PagerDuty did not accept this, and nobody was paged. Fix what it says and resend.",
        tools=("fix_and_resend", "copy_text"),
        body="rejected",
        shows_contact=True,
    )


def expired(case: Case) -> Phase:
    return Phase(
        "expired",
        label="Expired",
        icon="x",
        tone="danger",
        headline="Expired. No incident was created.",
        lead="PagerDuty could not be reached in time. Nobody was paged by this, and we have stopped trying.",
        tools=("try_again", "copy_text"),
        shows_contact=True,
    )


def cancelled(case: Case) -> Phase:
    lead = "No attempt to send it created an incident. Nobody was paged by this."
    return Phase(
        "cancelled",
        label="Cancelled",
        icon="ban",
        tone="quiet",
        headline="Cancelled. No incident was created.",
        lead=lead if case.submission.attempts else "It was cancelled before it was sent. Nobody was paged.",
        tools=("start_again", "new"),
    )
