"""A large directory, for measuring: invented rows in PagerDuty's shape, the same ones in every run."""

import random
from collections.abc import Iterator
from typing import Any

from incidentportal.directory.models import Sync
from incidentportal.directory.sync.mirror import Findings, write

JSON = dict[str, Any]
SERVICES, POLICIES, PEOPLE, TEAMS = 25_000, 6_000, 30_000, 400
SOUNDS = [
    "ba",
    "cor",
    "dek",
    "fi",
    "gal",
    "hum",
    "jo",
    "kra",
    "lin",
    "mes",
    "nor",
    "pe",
    "qua",
    "rol",
    "sen",
    "tu",
    "vas",
    "wy",
]
PARTS = ["api", "worker", "gateway", "database", "cache", "queue", "portal", "importer", "scheduler", "monitor"]
USES = ["takes", "sends", "stores", "checks", "counts", "prints", "routes", "finds"]
ZONES = ["Europe/Berlin", "America/New_York", "Asia/Tokyo", "Europe/London", "Asia/Kolkata"]


def word(number: int) -> str:
    """An invented word for each number: a few thousand different ones."""
    first, rest = number % len(SOUNDS), number // len(SOUNDS)
    second, third = rest % len(SOUNDS), rest // len(SOUNDS) % len(SOUNDS)
    return SOUNDS[first] + SOUNDS[second] + SOUNDS[third]


def team(number: int) -> JSON:
    return {"id": f"PT{number:05}", "type": "team_reference", "summary": f"{word(number * 7)} team".title()}


def services(count: int) -> Iterator[JSON]:
    chance = random.Random(1)
    for number in range(count):
        topic, part = word(chance.randrange(5000)), chance.choice(PARTS)
        yield {
            "id": f"PS{number:05}",
            "name": f"{topic} {part} {number % 90}".title(),
            "description": f"{chance.choice(USES)} the {word(chance.randrange(5000))} of {topic} for customers",
            "status": "active",
            "escalation_policy": {"id": f"PE{number % POLICIES:05}"},
            "incident_urgency_rule": {"type": "constant", "urgency": "high"},
            "teams": [team(number % TEAMS)],
        }


def policies(count: int) -> Iterator[JSON]:
    for number in range(count):
        targets = [{"id": f"PU{number % PEOPLE:05}", "type": "user_reference", "summary": "Somebody"}]
        rule = {"id": f"PR{number:05}", "escalation_delay_in_minutes": 30, "targets": targets}
        name = f"{word(number * 3)} on call {number}".title()
        yield {"id": f"PE{number:05}", "name": name, "escalation_rules": [rule] * 3, "teams": [team(number % TEAMS)]}


def people(count: int) -> Iterator[JSON]:
    for number in range(count):
        first, last = word(number % 700).title(), word(number * 11 % 5000).title()
        yield {
            "id": f"PU{number:05}",
            "name": f"{first} {last}",
            "email": f"{first}.{last}.{number}@example.com".lower(),
            "time_zone": ZONES[number % len(ZONES)],
            "role": "limited_user",
            "job_title": "Engineer",
            "teams": [team(number % TEAMS)],
        }


def fill(*, services_: int = SERVICES, policies_: int = POLICIES, people_: int = PEOPLE) -> None:
    """Fill the directory of this database."""
    rows = {"escalation-policies": policies(policies_), "services": services(services_), "people": people(people_)}
    for kind, raws in rows.items():
        Sync.objects.get_or_create(kind=kind)
        findings = Findings(kind)
        findings.add(findings.batch_of(list(raws)))
        write(findings)
