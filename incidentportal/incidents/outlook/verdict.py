"""The verdict: one sentence above the button that says what pressing it will do, the button itself, and notes. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, timedelta

from incidentportal.incidents.outlook import phrases
from incidentportal.incidents.outlook.cases import CASES, Verdict, said
from incidentportal.incidents.outlook.paging_path import Responder
from incidentportal.incidents.outlook.phrases import names_of, verb_for
from incidentportal.incidents.outlook.situation import Situation
from incidentportal.wording import fit

SOON = timedelta(hours=1)


def verdict_on(situation: Situation) -> Verdict:
    """Say what pressing the button will do."""
    verdict = said(next(case for case in CASES if case.applies(situation)), situation)
    if not verdict.can_submit or verdict.tone == "idle":
        return verdict
    if situation.assignees and not situation.is_self_assigned:
        verdict = with_doubts(situation, verdict)
    verdict = replace(verdict, notes=[*verdict.notes, *notes_on(situation, verdict)])
    if situation.is_in_maintenance:
        verdict = in_maintenance(situation, verdict)
    if verdict.needs_confirmation:
        verdict = replace(verdict, needs_confirmation=f"{verdict.needs_confirmation} Create it anyway?")
    return verdict


def with_doubts(s: Situation, verdict: Verdict) -> Verdict:
    """Picked by name: nobody else is ever told, and whoever is not on call may well sleep."""
    off = [person for person in s.assignees if person.person_id != s.sender_id and not s.known.has(person.person_id)]
    confirm = [phrases.ALSO_SELF_ASSIGNED] if s.is_self_included else []
    notes = []
    if off and s.known.is_known:
        confirm.append(not_on_call(off, s))
    elif off:
        notes.append(f"It is unknown whether {names_of(off, s)} {verb_for(off, s)} on call.")
    tone = "warning" if confirm or notes else verdict.tone
    return replace(verdict, tone=tone, needs_confirmation=" ".join(confirm), notes=notes)


def not_on_call(off: Sequence[Responder], s: Situation) -> str:
    nearest, is_past = s.known.nearest or s.known.first, s.is_last_known
    on = nearest.people
    instead = (
        f"{names_of(on, s, nearest.others)} {verb_for(on, s, is_past=is_past)}"
        if on
        else f"nobody {'was' if is_past else 'is'}"
    )
    when = "when last asked" if is_past else "now"  # no age: what was confirmed is still so a minute later
    return f"{names_of(off, s)} {verb_for(off, s, is_past=is_past)} not on call in {s.policy} {when}; {instead}."


def in_maintenance(s: Situation, verdict: Verdict) -> Verdict:
    """Whatever the verdict is, PagerDuty may create nothing."""
    sentence = phrases.maintenance(s.maintenance_until, s.zone, s.now)
    return replace(
        verdict,
        tone="danger" if verdict.tone == "danger" else "warning",
        sentence=sentence,
        button="Create it in maintenance",
        needs_confirmation=f"{sentence} {verdict.needs_confirmation}".strip(),
        notes=[f"If it is created: {verdict.sentence}", *verdict.notes],
    )


def notes_on(s: Situation, verdict: Verdict) -> Iterator[str]:
    """What else is worth knowing, whichever case spoke."""
    if not s.service_name:
        yield "The service is missing."
    if s.is_title_missing:
        yield "The title is missing."
    if s.is_policy_overridden and not s.assignees:
        own = f", {fit(s.own_policy_name)}" if s.own_policy_name else ""
        yield f"This goes to {s.policy} instead of the service's own policy{own}."
    if s.is_low and not s.assignees and not verdict.sentence.startswith(("Low", "Pages nobody")):
        yield phrases.LOW_URGENCY
    if not s.urgency and s.service_name:
        yield from notes_on_own_urgency(s)


def notes_on_own_urgency(s: Situation) -> Iterator[str]:
    """What the service makes of an urgency that was left to it, if that is unusual or about to change."""
    changes_at = s.own_urgency.until
    is_changing = changes_at is not None and s.now < changes_at <= s.now.astimezone(UTC) + SOON
    advice = " Choose high if this cannot wait." if s.is_low and not is_changing else ""
    if s.own_urgency.is_by_severity or is_changing or s.is_low:
        yield phrases.service_decides(s.own_urgency, s.zone, s.now) + advice
