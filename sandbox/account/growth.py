"""Builds an account of a given size: the company first, then more of everything, spread over more teams."""

from datetime import datetime
from itertools import islice

from sandbox.account import Account, Row, reference, rows
from sandbox.account.company import build_company
from sandbox.account.ids import Ids

MOST = {"services": 25_000, "people": 30_000, "policies": 6_000}
_SERVICES_PER_TEAM = 60


def _words(text: str) -> list[str]:
    return text.split()


_AREAS = _words("""
    Orders Billing Pricing Catalogue Stock Carriers Customs Loyalty Vouchers Campaigns Surveys Leads Contracts
    Payroll Travel Expenses Training Fleet Energy Facilities Printing Archive Translation Maps Weather Tickets
    Events Streams
""")
_PARTS = _words("""
    API Worker Database Cache Queue Gateway Scheduler Importer Exporter Frontend Batch Monitor
""")
_FIRST_NAMES = _words("""
    Anna Ben Carla David Elif Farid Greta Hugo Inês Jack Kaori Lena Mateo Nadia Óscar Paula Quentin Rosa Stefan
    Tara Umar Věra Wanda Xavier Yara Zane
""")
_LAST_NAMES = _words("""
    Abbott Bauer Cohen Díaz Ekström Fischer Gupta Hernández Ito Jansen Kowalski Lindqvist Moreau Novák Okoye
    Petrov Quinn Rossi Šimić Tremblay Ueda Vargas Weber Xu Young Zhang
""")
_ZONES = ["Europe/London", "Europe/Berlin", "America/New_York", "America/Sao_Paulo", "Asia/Kolkata", "Asia/Tokyo"]


class SizeOutOfRange(ValueError):
    """A size that the sandbox cannot build; str() of it is a sentence."""


def build_account(
    now: datetime, services: int | None = None, people: int | None = None, policies: int | None = None
) -> tuple[Account, Ids]:
    """The company's account, grown to these numbers. What is not given follows from the number of services."""
    account, ids = build_company(now)
    least = {
        "services": len(account.services),
        "people": len(account.users),
        "policies": len(account.escalation_policies),
    }
    services = least["services"] if services is None else services
    if policies is None:
        policies = max(least["policies"], min(services // 5, MOST["policies"]) if services > least["services"] else 0)
    if people is None:
        people = max(least["people"], min(services, MOST["people"]) if services > least["services"] else 0)
    for name, wanted in (("services", services), ("people", people), ("policies", policies)):
        if not least[name] <= wanted <= MOST[name]:
            raise SizeOutOfRange(f"The number of {name} is {wanted}; it can be from {least[name]} to {MOST[name]}.")
    _add_teams(account, ids, services // _SERVICES_PER_TEAM)
    _add_people(account, ids, people)
    _add_policies(account, ids, policies)
    _add_services(account, ids, services, first=least["policies"])
    return account, ids


def _add_teams(account: Account, ids: Ids, wanted: int) -> None:
    for number in range(len(account.teams), wanted):
        area = _AREAS[number % len(_AREAS)]
        account.teams.append(rows.team(ids, f"{area} {number // len(_AREAS) + 1}", f"Looks after {area.lower()}."))


def _add_people(account: Account, ids: Ids, wanted: int) -> None:
    teams = [[reference(team)] for team in account.teams]
    for number in range(len(account.users), wanted):
        first = _FIRST_NAMES[number % len(_FIRST_NAMES)]
        last = _LAST_NAMES[number // len(_FIRST_NAMES) % len(_LAST_NAMES)]
        email, zone = f"person-{number}@example.com", _ZONES[number % len(_ZONES)]
        team = teams[number % len(teams)]
        account.users.append(rows.user(ids, f"{first} {last} {number}", email, zone, "limited_user", "Engineer", team))


def _add_policies(account: Account, ids: Ids, wanted: int) -> None:
    """One policy in 100 belongs to no team, and so do the services under it."""
    for number in range(len(account.escalation_policies), wanted):
        team = account.teams[number % len(account.teams)]
        teams: list[Row] = [] if number % 100 == 99 else [reference(team)]
        levels = [account.users[(number + step) % len(account.users)] for step in range(1 + number % 3)]
        rules = [rows.rule(ids, 15, [person]) for person in levels]
        name = f"{team['name']} on call {number}"
        account.escalation_policies.append(rows.policy(ids, name, rules, teams, num_loops=number % 4))


def _add_services(account: Account, ids: Ids, wanted: int, *, first: int) -> None:
    """Spread over the policies that were added, or over the company's own if none were."""
    of = account.escalation_policies[first:] or account.escalation_policies
    for number in islice(range(wanted), len(account.services), None):
        policy = of[number % len(of)]
        name = f"{_AREAS[number % len(_AREAS)]} {_PARTS[number // len(_AREAS) % len(_PARTS)]} {number}"
        account.services.append(rows.service(ids, name, f"Service number {number}.", policy))
