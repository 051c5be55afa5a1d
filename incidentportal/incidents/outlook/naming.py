"""How people are named in a sentence and on the button. Pure."""

from collections.abc import Iterable, Sequence

from incidentportal.incidents.outlook.paging_path import Responder
from incidentportal.incidents.outlook.situation import Situation
from incidentportal.wording import counted, fit, plain_line

BUTTON_LIMIT = 40  # what a phone shows on one line


def names_of(people: Sequence[Responder], s: Situation) -> str:
    """Their names within a sentence: up to three in full; of more, two and how many others."""
    names = ["you" if person.person_id == s.sender_id else fit(person.name) for person in you_first(people, s)]
    if len(names) > 3:
        names = [*names[:2], counted(len(names) - 2, "other")]
    return " and ".join(part for part in (", ".join(names[:-1]), *names[-1:]) if part)


def you_first(people: Iterable[Responder], s: Situation) -> list[Responder]:
    return sorted(people, key=lambda person: person.person_id != s.sender_id)


def verb_for(people: Sequence[Responder], s: Situation, *, is_past: bool = False) -> str:
    """The form of "be" that follows `names_of`."""
    if len(people) == 1 and people[0].person_id != s.sender_id:
        return "was" if is_past else "is"
    return "were" if is_past else "are"


def shift_of(people: Sequence[Responder], s: Situation) -> str:
    """ "your shift", "Ada Byron's shift"."""
    is_yours = [person.person_id for person in people] == [s.sender_id]
    return "your shift" if is_yours else f"{names_of(people, s)}'s shift"


def button_for(people: Sequence[Responder], s: Situation, verb: str = "Page") -> str:
    """What the button says, short enough for a phone: a long name loses its middle, then all but its first word."""
    first, *others = you_first(people, s)
    rest = f" and {counted(len(others), 'other')}" if others else ""
    if first.person_id == s.sender_id:
        return f"{verb} yourself{rest}"
    room = BUTTON_LIMIT - len(f"{verb} {rest}") - 2  # two invisible characters isolate a right-to-left name
    words = plain_line(first.name).split() or ["somebody"]
    shorter = (" ".join(words), f"{words[0]} {words[-1]}", words[0])
    return f"{verb} {next((fit(name) for name in shorter if len(name) <= room), fit(words[0], room))}{rest}"
