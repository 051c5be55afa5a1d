"""Builds the account: a company of 40 people and 64 services, with the odd cases of a real account.

Odd on purpose: a disabled service, one in maintenance, one that is never urgent, one whose urgency follows the
severity of alerts, two with support hours; a policy whose first level is empty, one with nobody on call, a round robin,
one that pages several people at once; a disabled incident type; two read-only people.
"""

import unicodedata
from datetime import datetime, timedelta
from typing import Any

from sandbox.account import Account, Row, company_data, reference, rows
from sandbox.account.ids import Ids
from sandbox.clock import stamp

_WORKDAYS = [1, 2, 3, 4, 5]
_BY_HOURS = {
    "type": "use_support_hours",
    "during_support_hours": {"type": "constant", "urgency": "high"},
    "outside_support_hours": {"type": "constant", "urgency": "low"},
}

# name: time zone, team, people; nobody is on call on a schedule without people
_SCHEDULES: dict[str, tuple[str, str | None, list[str]]] = {
    "Payments primary": ("Europe/Madrid", "Payments", ["José Álvarez", "Zoë Müller"]),
    "Payments secondary": ("Europe/Berlin", "Payments", ["Zoë Müller", "José Álvarez"]),
    "Identity": ("Europe/Paris", "Identity", ["Kwame Mensah", "François Lefèvre"]),
    "Data, office hours": ("Europe/Vienna", "Data", ["Hannah Weiß", "Tomáš Dvořák", "Aiko Tanaka"]),
    "Network": ("America/Sao_Paulo", "Network", ["João da Conceição", "Mehmet Yıldız"]),
    "Support nights": ("Europe/London", "Customer Support", []),
    "Logistics": ("Europe/Rome", "Logistics", ["Matteo D'Angelo", "Katarzyna Żak"]),
    "Security": ("Pacific/Auckland", "Security", ["Aroha Ngata", "Jürgen Groß"]),
    "Supplier partners": ("Asia/Singapore", "Logistics", []),
    "Incident managers": ("Etc/UTC", None, ["Olumide Adeyemi", "Sofía Núñez", "Lucas Martin"]),
}

# name, team, loops, then the levels: minutes until the next one, and who; names of schedules or of people
_POLICIES: list[tuple[str, str | None, int, list[tuple[int, list[str]]]]] = [
    ("Payments", "Payments", 2, [(10, ["Payments primary"]), (15, ["Payments secondary"]), (30, ["Grace Okafor"])]),
    ("Storefront", "Storefront", 1, [(15, ["Łukasz Wójcik", "Priya Raghunathan"]), (30, ["Søren Ångström"])]),
    ("Identity", "Identity", 1, [(10, ["Identity"]), (20, ["Siân ap Rhys"])]),
    (
        "Platform, in turns",
        "Platform",
        3,
        [(5, ["Miguel Ángel Ruiz Peña", "李伟 Li Wei", "Ольга Иванова"]), (15, ["Thomas O'Brien"])],
    ),
    ("Data", "Data", 0, [(60, ["Data, office hours"])]),
    ("Network", "Network", 2, [(10, ["Network"]), (30, ["Ingrid Sørbø"])]),
    ("Mobile", "Mobile", 0, [(20, ["Chloé Bergeron", "Daniel Kim"]), (30, ["Noa Ben-David"])]),
    ("Customer Support", "Customer Support", 1, [(30, ["Support nights"]), (30, ["Björk Jónsdóttir"])]),
    ("Logistics", "Logistics", 0, [(15, ["Logistics"]), (30, ["Sam Tan"])]),
    ("Security", "Security", 4, [(5, ["Security", "Valentina Ríos"]), (10, ["Peter van den Berg"])]),
    ("Suppliers (nobody on call)", "Logistics", 0, [(30, ["Supplier partners"])]),
    ("Support, daytime", "Customer Support", 0, [(30, ["Emily Carter", "Rashid Al-Farsi"])]),
    ("Incident Managers", None, 9, [(5, ["Incident managers"]), (10, ["Peter van den Berg"])]),
    ("Default", None, 0, [(30, ["Ada Byron"])]),
    ("Management", None, 0, [(30, ["Peter van den Berg"])]),
]

_OTHER_POLICY = {
    "Supplier Portal": "Suppliers (nobody on call)",
    "Help Desk": "Support, daytime",
    "Status Page": "Incident Managers",
    "Office Wi-Fi": "Default",
    "Badge Readers": "Default",
    "Kubernetes Staging": "Default",
}

_SPECIAL: dict[str, dict[str, Any]] = {
    "Legacy SOAP Bridge": {"status": "disabled"},
    "Data Warehouse": {"status": "maintenance"},
    "Newsletter": {"incident_urgency_rule": {"type": "constant", "urgency": "low"}},
    "Monitoring": {"incident_urgency_rule": {"type": "constant", "urgency": "severity_based"}},
    "Help Desk": {
        "incident_urgency_rule": _BY_HOURS,
        "support_hours": {
            "type": "fixed_time_per_day",
            "time_zone": "Europe/Berlin",
            "days_of_week": _WORKDAYS,
            "start_time": "08:00:00",
            "end_time": "18:00:00",
        },
    },
    "Barcode Scanners": {
        "incident_urgency_rule": _BY_HOURS,
        "support_hours": {
            "type": "fixed_time_per_day",
            "time_zone": "America/New_York",
            "days_of_week": _WORKDAYS,
            "start_time": "06:00:00",
            "end_time": "22:00:00",
        },
    },
}


def build_company(now: datetime) -> tuple[Account, Ids]:
    """The same account each time; only its maintenance windows depend on `now`."""
    account, ids = Account(), Ids()
    account.abilities = list(company_data.ABILITIES)
    account.teams = [rows.team(ids, *row) for row in company_data.TEAMS]
    _add_people(account, ids)
    _add_policies(account, ids)
    for team, name, description in company_data.SERVICES:
        of = account.named("escalation_policies", _OTHER_POLICY.get(name, _policy_of(team)))
        account.services.append(rows.service(ids, name, description, of, **_SPECIAL.get(name, {})))
    account.priorities = [
        rows.priority(ids, *row, order=(5 - place) * 100_000_000) for place, row in enumerate(company_data.PRIORITIES)
    ]
    _add_types(account, ids)
    _add_windows(account, ids, now)
    return account, ids


def email_of(name: str) -> str:
    """jose.alvarez@example.com for José Álvarez: the name in ASCII."""
    plain = unicodedata.normalize("NFKD", name.translate(_TO_ASCII)).encode("ascii", "ignore").decode().split()
    return f"{'.'.join(plain).lower()}@example.com".replace("'", "")


_TO_ASCII = str.maketrans({"Ł": "L", "ł": "l", "ø": "o", "Ø": "O", "ð": "d", "ı": "i", "ß": "ss", "đ": "d", "Ž": "Z"})
_EMAILS = {
    "Ada Byron": "ada@example.com",
    "Ольга Иванова": "olga.ivanova@example.com",
    "Wiki Bot": "wiki@example.com",
}


def _add_people(account: Account, ids: Ids) -> None:
    for name, time_zone, role, title, team in company_data.PEOPLE:
        email = _EMAILS.get(name) or email_of(name)
        account.users.append(rows.user(ids, name, email, time_zone, role, title, _teams(account, team)))


def _policy_of(team: str) -> str:
    return next(name for name, owner, *_ in _POLICIES if owner == team)


def _teams(account: Account, name: str | None) -> list[Row]:
    return [reference(account.named("teams", name))] if name else []


def _add_policies(account: Account, ids: Ids) -> None:
    for name, (time_zone, team, people) in _SCHEDULES.items():
        members = [account.named("users", person) for person in people]
        account.schedules.append(rows.schedule(ids, name, time_zone, members, _teams(account, team)))
    for name, team, loops, levels in _POLICIES:
        rules = [
            rows.rule(
                ids, delay, [_target(account, who) for who in people], round_robin="in turns" in name and level == 0
            )
            for level, (delay, people) in enumerate(levels)
        ]
        policy = rows.policy(ids, name, rules, _teams(account, team), num_loops=loops)
        account.escalation_policies.append(policy)
        for schedule in {who for _, people in levels for who in people} & set(_SCHEDULES):
            account.named("schedules", schedule)["escalation_policies"].append(reference(policy))


def _target(account: Account, name: str) -> Row:
    return account.named("schedules" if name in _SCHEDULES else "users", name)


def _add_types(account: Account, ids: Ids) -> None:
    base: Row | None = None
    for name, display_name, description, enabled in company_data.INCIDENT_TYPES:
        account.incident_types.append(rows.incident_type(ids, name, display_name, description, enabled, base))
        base = base or account.incident_types[0]
    major = account.named("incident_types", "major_incident")
    account.custom_fields = [rows.custom_field(ids, major, row) for row in company_data.MAJOR_INCIDENT_FIELDS]


def _add_windows(account: Account, ids: Ids, now: datetime) -> None:
    """One that is ongoing, one that is over, one in the future."""
    ada = account.users[0]
    plan = [
        ("Migration to the new storage", "Data Warehouse", -1.0, 3.0),
        ("Renewal of the root certificate", "Certificates", -50.0, -48.0),
        ("New firmware", "Load Balancers", 24.0, 26.0),
    ]
    for number, (about, name, start, end) in enumerate(plan, start=1):
        times = (stamp(now + timedelta(hours=start)), stamp(now + timedelta(hours=end)))
        services = [account.named("services", name)]
        account.maintenance_windows.append(rows.maintenance_window(ids, number, times, about, services, ada))
