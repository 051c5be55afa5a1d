"""What every kind of thing in the directory has in common, and what each of them declares of itself.

Only the columns that a model declares are stored: the addresses of calendars and pictures of people are secrets, and
stay out.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils.text import capfirst
from django.utils.timezone import now

from incidentportal.directory.text import fold, key_of
from incidentportal.pagerduty.reading import ID_LENGTH, JSON, id_in, objects_in, one_line, text, web_address

SEARCHED_LIMIT = 2000  # characters of a column that can be searched


@dataclass(frozen=True)
class PagerDutyList:
    """How PagerDuty lists a kind.

    query        what else to ask for
    is_optional  402 or 404 means that the account does without
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


@dataclass(frozen=True)
class LookUp:
    """That people can look up, star and give other names to a kind.

    position    among the kinds, on the page of the directory
    columns     what a look-up reads of each row, in SQL: the rest stays in the database
    form_field  which field of the form it fills; empty where it fills none
    """

    position: int
    columns: tuple[str, ...] = ()
    form_field: str = ""


class MirroredQuerySet[Row: "Mirrored"](models.QuerySet[Row]):
    def current(self) -> Self:
        """What PagerDuty still has."""
        return self.filter(is_gone=False)

    def named(self, value: str) -> Row:
        """The current row with this id, or with this exact name; upper and lower case count only between several.

        Raises the model's DoesNotExist or MultipleObjectsReturned.
        """
        key = key_of(value)
        condition = Q(pk=text(value)[:ID_LENGTH])
        for column in self.model.NAME_KEYS.values():
            condition |= Q(**{column: key})
        candidates = list(self.current().filter(condition))
        for is_match in (is_id_of, is_name_of, is_folded_name_of):
            rows = [row for row in candidates if is_match(row, value)]
            if len(rows) == 1:
                return rows[0]
            if rows:
                raise self.model.MultipleObjectsReturned(f"{len(rows)} rows are called {value!r}.")
        raise self.model.DoesNotExist(f"Nothing is called {value!r}.")


class Mirrored(models.Model):
    """A row of PagerDuty's, under PagerDuty's id. It is marked gone, never deleted.

    `synced_at` is when this row last changed here. That it is still true, the Sync of its kind says.
    """

    kind: ClassVar[str]  # the word for it in addresses
    source: ClassVar[PagerDutyList]
    look_up: ClassVar[LookUp | None] = None
    NAME_KEYS: ClassVar[dict[str, str]] = {"name": "name_key"}  # columns that name a row, and where their keys are
    SEARCHED: ClassVar[tuple[str, ...]] = ("description",)  # columns that can be searched, beside the name

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

    @classmethod
    def read(cls, raw: JSON) -> JSON | None:
        """The columns of a row, from PagerDuty's JSON; None for what has no usable id."""
        pk = id_in(raw)
        if not pk:
            return None
        columns = {"id": pk, "name": name_in(raw), "html_url": web_address(raw.get("html_url")), **cls.read_own(raw)}
        for column, key in cls.NAME_KEYS.items():
            columns[key] = key_of(columns[column])
        columns["searched"] = searched_text(columns["name"], [columns[column] for column in cls.SEARCHED])
        return columns

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


def is_id_of(row: Mirrored, value: str) -> bool:
    return str(row.pk) == value


def is_name_of(row: Mirrored, value: str) -> bool:
    return any(getattr(row, column) == value for column in row.NAME_KEYS)


def is_folded_name_of(row: Mirrored, value: str) -> bool:
    # The keys are cut, so names that are longer are compared in full.
    folded = " ".join(value.casefold().split())
    return any(" ".join(getattr(row, column).casefold().split()) == folded for column in row.NAME_KEYS)


def name_in(raw: JSON) -> str:
    return one_line(raw.get("name")) or one_line(raw.get("summary")) or id_in(raw)


def searched_text(name: str, others: list[str]) -> str:
    """All that a query is compared with. Line breaks separate the parts, so that no word runs over two of them."""
    parts = [name, *(other[:SEARCHED_LIMIT] for other in others)]
    return "\n".join(fold(part) for part in parts if part)


def read_teams(raw: JSON) -> dict[str, Any]:
    """The teams that a row belongs to."""
    teams = [team for team in objects_in(raw.get("teams")) if id_in(team)]
    names = [one_line(team.get("summary")) or one_line(team.get("name")) for team in teams]
    return {"team_ids": [id_in(team) for team in teams], "team_names": ", ".join(filter(None, names))}
