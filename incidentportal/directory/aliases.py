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
    aliases = aliases_in(text.removeprefix("\ufeff"))
    kept = [alias for alias in aliases if alias.words]
    with transaction.atomic():
        for alias in aliases:
            Alias.objects.filter(kind=alias.kind, target_id=alias.target_id).delete()
        Alias.objects.bulk_create(kept, batch_size=500)
        record(Event.ALIASES_IMPORTED, "aliases", actor=actor, kept=len(kept), removed=len(aliases) - len(kept))
    return len(aliases)


def aliases_in(text: str) -> list[Alias]:
    """The aliases in a file. Raises ValidationError with one sentence for each error."""
    lines = text.splitlines(keepends=True)
    rows = csv.reader(lines, delimiter=";" if lines and ";" in lines[0] else ",")
    if [name.strip().lower() for name in next(rows, [])] != COLUMNS:
        raise ValidationError("Line 1: The first line must be kind,id,words.")
    problems: list[str] = []
    found: dict[tuple[str, str], Alias] = {}
    try:
        for row in filter(None, rows):
            try:
                alias = alias_in(row)
                if found.setdefault((alias.kind, alias.target_id), alias) is not alias:
                    raise ValidationError(f"“{row[1][:80]}” appears twice.")
            except ValidationError as error:
                problems.append(f"Line {rows.line_num}: {' '.join(error.messages)}")
    except csv.Error as error:
        problems.append(f"Line {rows.line_num}: This is not comma-separated text ({error}).")
    if problems:
        raise ValidationError(problems)
    return list(found.values())


def alias_in(row: list[str]) -> Alias:
    """The alias of one row. Raises ValidationError with what is wrong with it."""
    if len(row) != len(COLUMNS):
        raise ValidationError(f"The row has {len(row)} columns instead of 3. Quote words that contain commas.")
    kind, words = row[0].strip(), row[2].strip()
    target_id = id_of(kind, row[1].strip())
    if len(words) > WORDS_LIMIT:
        raise ValidationError(f"The words are {len(words)} characters long. Use {WORDS_LIMIT} at most.")
    return Alias(kind=kind, target_id=target_id, words=one_line(words))


def id_of(kind: str, name: str) -> str:
    """The id of the thing with this id or exact name. Raises ValidationError where there is none."""
    if kind not in KINDS:
        raise ValidationError(f"“{kind[:80]}” is not a kind. Use {', '.join(KINDS)}.")
    rows: Any = KINDS[kind]._default_manager
    try:
        return str(rows.named(text(name)).pk)
    except KINDS[kind].DoesNotExist:
        raise ValidationError(f"Nothing in {kind} is called “{name[:80]}”.") from None
    except KINDS[kind].MultipleObjectsReturned:
        raise ValidationError(f"Several {kind} are called “{name[:80]}”. Use the id.") from None
