"""The verdict: one sentence above the button that says what pressing it will do, and the button itself.

Pure. `CASES` is the table: the first case that applies speaks. What PagerDuty does is stated as certain only if it is
documented, and a name is said to be paged only if PagerDuty has just said that this person is on call.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, timedelta

from incidentportal.incidents.outlook import cases, facts
from incidentportal.incidents.outlook.cases import Verdict
from incidentportal.incidents.outlook.situation import Situation
from incidentportal.wording import fit

SOON = timedelta(hours=1)
CASES: tuple[tuple[Callable[[Situation], object], Callable[[Situation], Verdict]], ...] = (
    (lambda s: s.disabled_reason, cases.disabled),
    (lambda s: s.is_both, cases.both),
    (lambda s: not (s.service_name or s.assignees or s.path), cases.nothing_chosen),
    (lambda s: s.is_self_assigned, cases.to_yourself),
    (lambda s: s.assignees, cases.to_people),
    (lambda s: s.path is None, cases.without_policy),
    (lambda s: not s.known.is_known, cases.never_asked),
    (lambda s: s.is_last_known, cases.last_known),
    (lambda s: s.known.nearest is None, cases.nobody),
    (lambda s: not s.known.first.people and s.is_low, cases.nobody_for_low),
    (lambda s: not s.known.first.people, cases.nobody_now),
    (lambda s: all(person.is_over for person in s.known.first.people), cases.changing_hands),
    (lambda s: s.known.first.is_round_robin, cases.one_of_them),
    (lambda s: s.is_low, cases.quietly),
    (lambda s: len(s.known.people) == 1 and len(s.known.levels) > 1, cases.alone),
    (lambda s: True, cases.at_once),
)


def verdict_on(situation: Situation) -> Verdict:
    """Say what pressing the button will do."""
    verdict = next(says(situation) for applies, says in CASES if applies(situation))
    if not verdict.can_submit or verdict.level == "idle":
        return verdict
    verdict = replace(verdict, notes=[*verdict.notes, *notes_on(situation, verdict)])
    if situation.is_in_maintenance:
        verdict = in_maintenance(situation, verdict)
    if verdict.needs_confirmation:
        verdict = replace(verdict, needs_confirmation=f"{verdict.needs_confirmation} Create it anyway?")
    return verdict


def in_maintenance(s: Situation, verdict: Verdict) -> Verdict:
    """Whatever the verdict is, PagerDuty may create nothing."""
    sentence = facts.maintenance(s.maintenance_until, s.zone, s.now)
    return replace(
        verdict,
        level="danger" if verdict.level == "danger" else "warning",
        sentence=sentence,
        button="Create it in maintenance",
        needs_confirmation=f"{sentence} {verdict.needs_confirmation}".strip(),
        notes=[f"If it is created: {verdict.sentence}", *verdict.notes],
    )


def notes_on(s: Situation, verdict: Verdict) -> Iterable[str]:
    """What else is worth knowing, whichever case spoke."""
    if not s.service_name:
        yield "The service is missing."
    if s.is_title_missing:
        yield "The title is missing."
    if s.is_policy_overridden and not s.assignees:
        own = f", {fit(s.own_policy_name)}" if s.own_policy_name else ""
        yield f"This goes to {s.policy} instead of the service's own policy{own}."
    if s.is_low and not s.assignees and not verdict.sentence.startswith(("Low", "Pages nobody")):
        yield facts.LOW_URGENCY
    if not s.urgency and s.service_name:
        yield from notes_on_own_urgency(s)


def notes_on_own_urgency(s: Situation) -> Iterable[str]:
    """What the service makes of an urgency that was left to it, if that is unusual or about to change."""
    changes_at = s.own_urgency.until
    is_changing = changes_at is not None and s.now < changes_at <= s.now.astimezone(UTC) + SOON
    advice = " Choose high if this cannot wait." if s.is_low and not is_changing else ""
    if s.own_urgency.is_by_severity or is_changing or s.is_low:
        yield facts.service_decides(s.own_urgency, s.zone, s.now) + advice
