"""Aliases as a CSV file, to export, edit and import again."""

import csv
import io
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from incidentportal.audit.models import Event, record
from incidentportal.directory.models import KINDS, Alias
from incidentportal.pagerduty.reading import one_line, text

COLUMNS = ["kind", "id", "words"]
WORDS_LIMIT = 2000


def export_csv() -> str:
    """Every alias, one on each line."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    writer.writerows(Alias.objects.values_list("kind", "target_id", "words"))
    return out.getvalue()


def import_csv(text: str, *, actor: Any) -> int:
    """Import every row, or none. A row replaces the words of its thing; without words it removes them.

    Returns the number of rows. Raises ValidationError with one sentence for each error.
    """
    problems: list[str] = []
    aliases = aliases_in(text.removeprefix("\ufeff"), problems)
    if problems:
        raise ValidationError(problems)
    kept = [alias for alias in aliases if alias.words]
    with transaction.atomic():
        for alias in aliases:
            Alias.objects.filter(kind=alias.kind, target_id=alias.target_id).delete()
        Alias.objects.bulk_create(kept, batch_size=500)
        record(Event.ALIASES_IMPORTED, "aliases", actor=actor, kept=len(kept), removed=len(aliases) - len(kept))
    return len(aliases)


def aliases_in(text: str, problems: list[str]) -> list[Alias]:
    """The aliases in a file. Its errors are added to the problems."""
    lines = text.splitlines(keepends=True)
    head = lines[0] if lines else ""
    rows = csv.reader(lines, delimiter=";" if ";" in head else ",")
    columns = [name.strip().lower() for name in next(rows, [])]
    if columns != COLUMNS:
        problems.append("Line 1: The first line must be kind,id,words.")
        return []
    found: dict[tuple[str, str], Alias] = {}
    try:
        for row in filter(None, rows):
            alias = alias_in(row, rows.line_num, problems)
            if alias and (alias.kind, alias.target_id) in found:
                problems.append(f"Line {rows.line_num}: “{row[1][:80]}” appears twice.")
            elif alias:
                found[alias.kind, alias.target_id] = alias
    except csv.Error as error:
        problems.append(f"Line {rows.line_num}: This is not comma-separated text ({error}).")
    return list(found.values())


def alias_in(row: list[str], line: int, problems: list[str]) -> Alias | None:
    """The alias of one row; None, and a problem, where it has an error."""
    if len(row) != len(COLUMNS):
        problems.append(f"Line {line}: The row has {len(row)} columns instead of 3. Quote words that contain commas.")
        return None
    kind, name, words = row[0].strip(), row[1].strip(), one_line(row[2])
    try:
        return Alias(kind=kind, target_id=id_of(kind, name), words=checked(words))
    except ValidationError as error:
        problems.append(f"Line {line}: {' '.join(error.messages)}")
        return None


def id_of(kind: str, name: str) -> str:
    """The id of the thing with this id or exact name. Raises ValidationError where there is none."""
    if kind not in KINDS:
        raise ValidationError(f"“{kind[:80]}” is not a kind. Use {', '.join(KINDS)}.")
    rows: Any = KINDS[kind].objects
    try:
        return str(rows.named(text(name)).pk)
    except KINDS[kind].DoesNotExist:
        raise ValidationError(f"Nothing in {kind} is called “{name[:80]}”.") from None
    except KINDS[kind].MultipleObjectsReturned:
        raise ValidationError(f"Several {kind} are called “{name[:80]}”. Use the id.") from None


def checked(words: str) -> str:
    if len(words) > WORDS_LIMIT:
        raise ValidationError(f"The words are {len(words)} characters long. Use {WORDS_LIMIT} at most.")
    return words
