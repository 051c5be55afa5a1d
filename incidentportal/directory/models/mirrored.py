"""What every kind of thing in the directory has in common, and what each of them declares of itself.

Only the columns that a model declares are stored: the addresses of calendars and pictures of people are secrets, and
stay out.
"""

import hashlib
import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.text import capfirst
from django.utils.timezone import now

from incidentportal.directory.text import fold, key_of, without_case
from incidentportal.pagerduty.reading import (
    ID_LENGTH,
    JSON,
    LINE_LIMIT,
    id_in,
    objects_in,
    one_line,
    text,
    web_address,
)

SEARCHED_LIMIT = 2000  # characters of a column that can be searched
SEARCH_PART = 16  # characters of a digest that stand for what can be searched


@dataclass(frozen=True)
class PagerDutyList:
    """How PagerDuty lists a kind.

    query        what else to ask for
    is_optional  paging does without it; 402 or 404 means that the account does, too
    is_paged     False for a list that always comes whole
    is_sortable  by name, up and down
    has_teams    its rows belong to teams, and can be listed team by team
    """

    name: str
    query: tuple[tuple[str, str], ...] = ()
    is_optional: bool = False
    is_paged: bool = True
    is_sortable: bool = False
    has_teams: bool = False


class MirroredQuerySet[Row: "Mirrored"](models.QuerySet[Row]):
    def current(self) -> Self:
        """What PagerDuty still has."""
        return self.filter(is_gone=False)

    def called(self, values: Collection[str]) -> Self:
        """All that may be meant by one of these ids or names, gone or not: `named_in` tells which one is."""
        condition = Q(pk__in={text(value[:ID_LENGTH]) for value in values})
        for key in self.model.NAME_KEYS.values():
            condition |= Q(**{f"{key}__in": set(map(key_of, values))})
        return self.filter(condition)

    def named(self, value: str) -> Row:
        """The current row with this id or exact name (`named_in`)."""
        return named_in(self.model, self.current().called([value]), value)


def named_in[Row: "Mirrored"](model: type[Row], rows: Iterable[Row], value: str) -> Row:
    """Of these, the current row with this id, or with this exact name; case counts only between several.

    Raises the model's DoesNotExist or MultipleObjectsReturned.
    """
    if len(value) > LINE_LIMIT:  # no name is
        raise model.DoesNotExist
    candidates, plain = [row for row in rows if not row.is_gone], without_case(value)
    for found in (
        [row for row in candidates if row.pk == value],
        [row for row in candidates if value in row.names],
        # The keys are cut, so names that are longer are compared in full.
        [row for row in candidates if plain in map(without_case, row.names)],
    ):
        if len(found) == 1:
            return found[0]
        if found:
            raise model.MultipleObjectsReturned(f"{len(found)} rows are called {value!r}.")
    raise model.DoesNotExist(f"Nothing is called {value!r}.")


class Mirrored(models.Model):
    """A row of PagerDuty's, under PagerDuty's id. It is marked gone, never deleted.

    `synced_at` is when this row last changed here. That it is still true, the Sync of its kind says.
    """

    kind: ClassVar[str]  # the word for it in addresses
    source: ClassVar[PagerDutyList]
    NAME_KEYS: ClassVar[dict[str, str]] = {"name": "name_key"}  # columns that name a row, and where their keys are
    SEARCHED: ClassVar[tuple[str, ...]] = ("description",)  # columns that can be searched, beside the name
    SHOWN: ClassVar[tuple[str, ...]] = ()  # in SQL: what a look-up reads of each row, beside the name
    form_field: ClassVar[str] = ""  # which field of the form a look-up fills; empty where it fills none

    id = models.CharField(max_length=ID_LENGTH, primary_key=True)
    name = models.TextField()
    name_key = models.CharField(max_length=200, db_index=True, editable=False)
    html_url = models.TextField(blank=True)
    is_gone = models.BooleanField(default=False)
    synced_at = models.DateTimeField(default=now)
    searched = models.TextField(blank=True, editable=False)  # all that a query is compared with, folded
    digest = models.CharField(max_length=32, blank=True, editable=False)  # of all that came from PagerDuty

    class Meta:
        abstract = True
        ordering = ["name_key", "id"]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def label(cls) -> str:
        """One of them, as people read it: "Escalation policy"."""
        return str(capfirst(cls._meta.verbose_name))

    @classmethod
    def label_plural(cls) -> str:
        """Several of them: "Escalation policies"."""
        return str(capfirst(cls._meta.verbose_name_plural))

    @property
    def names(self) -> list[str]:
        """All that it can be named by, beside its id."""
        return [getattr(self, column) for column in self.NAME_KEYS]

    @classmethod
    def read(cls, raw: JSON) -> JSON | None:
        """The columns of a row, from PagerDuty's JSON; None for what has no usable id."""
        pk = id_in(raw)
        if not pk:
            return None
        columns = {"id": pk, "name": name_in(raw), "html_url": web_address(raw.get("html_url")), **cls.read_own(raw)}
        for column, key in cls.NAME_KEYS.items():
            columns[key] = key_of(columns[column])
        # Line breaks separate the parts, so that no word runs over two of them.
        parts = [columns["name"], *(columns[column][:SEARCHED_LIMIT] for column in cls.SEARCHED)]
        columns["searched"] = "\n".join(fold(part) for part in parts if part)
        return {**columns, "digest": digest_of(columns)}

    @classmethod
    def read_own(cls, raw: JSON) -> JSON:
        """The columns that only this kind has."""
        return {"description": text(raw.get("description"))}

    def facts(self, at: datetime) -> list[str]:
        """What a look-up says of it, to tell rows apart that look alike. Empty ones are not shown."""
        return []

    @property
    def disabled_reason(self) -> str:
        """Why it cannot be chosen, as a sentence; empty where it can."""
        return ""

    @property
    def oncall_policy_id(self) -> str | None:
        """The escalation policy whose people on call a look-up shows beside it."""
        return None


def digest_of(columns: JSON) -> str:
    """Tells whether a row changed, and by its first half whether what can be searched did."""
    search, rest = columns["name"] + "\n" + columns["searched"], json.dumps(columns, sort_keys=True)
    return "".join(hashlib.blake2b(part.encode(), digest_size=8).hexdigest() for part in (search, rest))


def name_in(raw: JSON) -> str:
    return one_line(raw.get("name")) or one_line(raw.get("summary")) or id_in(raw)


def read_teams(raw: JSON) -> dict[str, Any]:
    """The teams that a row belongs to."""
    teams = [team for team in objects_in(raw.get("teams")) if id_in(team)]
    names = [one_line(team.get("summary")) or one_line(team.get("name")) for team in teams]
    return {"team_ids": [id_in(team) for team in teams], "team_names": ", ".join(filter(None, names))}
