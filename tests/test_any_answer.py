"""Whatever stands anywhere in an answer of PagerDuty: pages are shown, and what came can be stored."""

import json
import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client

from incidentportal import pagerduty
from incidentportal.directory.models import Service
from incidentportal.directory.sync.directory import sync
from incidentportal.directory.sync.list_reader import Limits
from incidentportal.incidents.delivery import deliver_due
from incidentportal.incidents.models import Submission
from sandbox import TOKEN, Sandbox
from sandbox.api.messages import Answer, Request
from sandbox.faults import Fault
from tests.incidents.base import least
from tests.sandbox.base import create

JSON = Any
Twist = Callable[[Request, JSON], JSON]
LONG = "the text is a megabyte long"
DEEP = "the list is very deep"
HOSTILE: list[Any] = [
    *(None, True, False, 0, -1, 1.5, 2**31 - 1, 10**30, float("inf"), float("nan"), LONG, DEEP),
    *("", " ", "text", "\x00", "a\x00b", "\ud83d", "Ada \ud83d", "\udcff\ud800", "\u202e\u2028"),
    *("9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "2026-02-30", "javascript:alert(1)", "http://["),
    *([], [None], ["text"], [[]], [{}], [1, "a", None, {}], {}, {"id": "text"}, {"id": 7}, {"": None}, {"\ud83d": 1}),
    {"type": [], "id": None, "summary": {}},
]
SPELLED = {LONG: json.dumps("é" * 500_000), DEEP: "[" * 900 + "]" * 900}


class Twisted(Sandbox):
    """A sandbox whose answers are twisted on their way out. `twists` counts them."""

    twist: Twist | None = None

    def handle(self, request: Request) -> tuple[Answer, Fault | None]:
        answer, fault = super().handle(request)
        if self.twist and answer.raw and answer.content_type == "application/json":
            text = json.dumps(self.twist(request, json.loads(answer.raw)))
            for name, spelled in SPELLED.items():
                text = text.replace(json.dumps(name), spelled)
            answer.raw = text.encode()
        return answer, fault


@pytest.fixture
def account(settings: Any, db: None) -> Iterator[Twisted]:
    with Twisted() as running:
        settings.PAGERDUTY_API_URL = running.url
        settings.PAGERDUTY_API_TOKEN = TOKEN
        synced()
        yield running


@pytest.fixture
def visitor(account: Twisted, ada: User, client: Client) -> Client:
    client.force_login(ada)
    return client


def synced() -> None:
    """Bring the mirror up to date, as far as that is possible."""
    cache.clear()
    with suppress(pagerduty.Problem):
        sync(pagerduty.connect(), report=lambda line: None, limits=Limits(calls_a_minute=60_000))


def visit(visitor: Client, answers: dict[str, Any], *, chosen: Service) -> None:
    """What a person does with a report, page by page, and what the worker does after it."""
    pages = [visitor.get("/incidents/new/", {"service": chosen.pk, "title": "Card payments fail"})]
    for path in ("outlook/", "check/service/", "check/urgency/", "draft/", "rehearse/", ""):
        pages.append(visitor.post(f"/incidents/new/{path}", answers))
    cache.clear()
    deliver_due()
    for submission in Submission.objects.all():
        pages.append(visitor.get(submission.get_absolute_url()))
        cache.clear()
        pages.append(visitor.get(f"{submission.get_absolute_url()}status/"))
        pages.append(visitor.get("/incidents/new/", {"again": str(submission.pk)}))
        pages.append(visitor.post(f"/incidents/new/note/{submission.incident_id or 'Q0123456789ABC'}/", answers))
    for kind in ("services", "escalation-policies", "people"):
        pages.append(visitor.get(f"/directory/{kind}/", {"q": "a"}))
        pages.append(visitor.get(f"/directory/{kind}/", headers={"HX-Request": "true"}))
    pages.append(visitor.get("/incidents/"))
    assert [page.request["PATH_INFO"] for page in pages if page.status_code >= 500] == []
    assert visitor.get("/readyz").status_code in {200, 503}


def nodes(value: JSON, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to each part of some JSON; of a list to its first three."""
    yield path
    inside = value.items() if isinstance(value, dict) else enumerate(value[:3]) if isinstance(value, list) else ()
    for key, item in inside:
        yield from nodes(item, (*path, key))


def replaced(value: JSON, path: tuple[Any, ...], new: Any, *, everywhere: bool) -> JSON:
    """The JSON with another value there; in every row of a list, or in that one."""
    if not path:
        return new
    key, *rest = path
    if isinstance(value, list) and everywhere:
        return [replaced(item, tuple(rest), new, everywhere=everywhere) for item in value]
    if isinstance(value, list) and isinstance(key, int) and key < len(value):
        return [*value[:key], replaced(value[key], tuple(rest), new, everywhere=everywhere), *value[key + 1 :]]
    if isinstance(value, dict) and key in value:
        return {**value, key: replaced(value[key], tuple(rest), new, everywhere=everywhere)}
    return value


def at_random(dice: random.Random) -> Twist:
    def twist(request: Request, body: JSON) -> JSON:
        ways = list(nodes(body))
        return replaced(body, dice.choice(ways), dice.choice(HOSTILE), everywhere=dice.random() < 0.6)

    return twist


INCIDENT = ("incidents", 0)
CREATED = ("incident",)
RULE = ("escalation_policies", 0, "escalation_rules", 0)
CASES: list[tuple[str, tuple[Any, ...], Any]] = [
    ("GET /incidents", (*INCIDENT, "service"), "text"),
    ("GET /incidents", (*INCIDENT, "assignments"), [["text"], {"assignee": "text"}, None]),
    ("GET /incidents", (*INCIDENT, "title"), {"text": [1]}),
    ("GET /incidents", (*INCIDENT, "created_at"), "0001-01-01T00:00:00+14:00"),
    ("GET /incidents", INCIDENT, {}),
    ("POST /incidents", (*CREATED, "assignments", 0, "assignee", "summary"), "Ada \ud83d"),
    ("POST /incidents", (*CREATED, "title"), "\x00\ud83d"),
    ("POST /incidents", (*CREATED, "service"), ["text"]),
    ("POST /incidents", (*CREATED, "html_url"), DEEP),
    ("POST /incidents", (*CREATED, "incident_number"), True),
    ("GET /escalation_policies", (*RULE, "escalation_delay_in_minutes"), 2**31 - 1),
    ("GET /escalation_policies", (*RULE, "targets"), "text"),
    ("GET /escalation_policies", RULE, None),
    ("GET /services", ("services", 0, "escalation_policy"), "text"),
    ("GET /services", ("services", 0, "support_hours"), {"days_of_week": [[]], "time_zone": "../x"}),
    ("GET /users", ("users", 0, "time_zone"), "\ud83d"),
    ("GET /users", ("users", 0, "email"), ["ada@example.com"]),
    ("GET /oncalls", ("oncalls", 0, "escalation_level"), "text"),
    ("GET /oncalls", ("oncalls", 0, "user"), {"id": "P1", "summary": LONG}),
    ("GET /priorities", ("priorities", 0, "order"), 10**30),
    ("GET /teams", ("teams", 0, "id"), {}),
    ("GET /incidents/types", ("incident_types", 0, "name"), 7),
]


@pytest.mark.parametrize(("call", "path", "new"), CASES)
def test_a_value_of_the_wrong_kind_breaks_no_page(
    account: Twisted, visitor: Client, call: str, path: tuple[Any, ...], new: Any
) -> None:
    def twist(request: Request, body: JSON) -> JSON:
        is_it = f"{request.method} {request.path}" == call
        return replaced(body, path, new, everywhere=True) if is_it else body

    create(account)
    account.twist = twist
    synced()
    visit(visitor, least(account), chosen=Service.objects.get(name="Checkout API"))


@pytest.mark.parametrize("seed", range(16))
def test_no_value_anywhere_breaks_a_page(account: Twisted, visitor: Client, seed: int) -> None:
    dice = random.Random(seed)
    for _ in range(2):
        account.twist = at_random(dice)
        synced()
    service = dice.choice([*Service.objects.current()] or [*Service.objects.all()])
    refusals = ["429", "500", "408", "401 json", "403", "403 denied", "402"]
    account.faults = [Fault(kind, "*") for kind in dice.sample(refusals, dice.choice([0, 0, 1, 3]))]
    visit(visitor, least(account, service=service.pk), chosen=service)
