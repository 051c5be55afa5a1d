"""The biggest accounts: what they hold, and that their lists are indexed once rather than scanned for each call."""

from collections import Counter

import pytest

from sandbox import Sandbox
from sandbox.account.growth import SizeOutOfRange
from tests.sandbox.base import ask, create


def test_the_biggest_account() -> None:
    with Sandbox(services=25_000, people=30_000, policies=6_000) as sandbox:
        account = sandbox.account
        assert (len(account.services), len(account.users), len(account.escalation_policies)) == (25_000, 30_000, 6_000)
        for rows in (account.services, account.users, account.escalation_policies, account.teams):
            assert len({row["id"] for row in rows}) == len({row["name"] for row in rows}) == len(rows)
        of_team = Counter(row["teams"][0]["id"] if row["teams"] else None for row in account.services)
        assert max(of_team.values()) < 1000
        assert 10 < of_team.pop(None) < 1000
        assert 300 < len(of_team) < 500
        team, count = of_team.most_common(1)[0]
        paths = {
            "/services?limit=100&offset=9900": 100,
            f"/services?limit=100&team_ids[]={team}": min(count, 100),
            f"/services?query={account.services[-1]['name'].split()[-1]}": 1,
            "/users?limit=100&offset=9900": 100,
            "/escalation_policies?limit=100&offset=5900": 100,
            f"/oncalls?escalation_policy_ids[]={account.escalation_policies[-1]['id']}": 3,
        }
        for path, expected in paths.items():
            kind = path[1:].partition("?")[0]
            assert len(ask(sandbox, f"GET {path}").json[kind]) == expected, path
        indexes = dict(account.indexes)
        assert len(indexes) == 2  # of services and policies; people are neither filtered nor sorted here
        create(sandbox, account.services[-1]["name"])
        for path in paths:
            ask(sandbox, f"GET {path}")
        assert account.indexes == indexes


def test_a_big_list_that_changes_is_indexed_again() -> None:
    with Sandbox(services=3000) as sandbox:
        names = [row["name"] for row in ask(sandbox, "GET /services?limit=100").json["services"]]
        assert names == sorted((row["name"] for row in sandbox.account.services), key=str.casefold)[:100]
        gone = next(row for row in sandbox.account.services if row["name"] == names[0])
        sandbox.account.services.remove(gone)
        assert ask(sandbox, "GET /services?limit=100").json["services"][0]["name"] == names[1]
        assert ask(sandbox, f"GET /services/{gone['id']}").status == 404
        assert ask(sandbox, f"GET /services/{sandbox.account.services[-1]['id']}").status == 200


def test_the_number_of_services_is_enough() -> None:
    with Sandbox(services=3000) as sandbox:
        account = sandbox.account
        assert (len(account.services), len(account.escalation_policies), len(account.users)) == (3000, 600, 3000)
        assert len(account.teams) == 50


@pytest.mark.parametrize(
    ("sizes", "sentence"),
    [
        ({"services": 25_001}, "The number of services is 25001; it can be from 64 to 25000."),
        ({"services": 63}, "The number of services is 63; it can be from 64 to 25000."),
        ({"people": 30_001}, "The number of people is 30001; it can be from 40 to 30000."),
        ({"policies": 1}, "The number of policies is 1; it can be from 15 to 6000."),
        ({"services": 0}, "The number of services is 0; it can be from 64 to 25000."),
    ],
)
def test_what_is_too_big_or_too_small(sizes: dict[str, int], sentence: str) -> None:
    with pytest.raises(SizeOutOfRange) as caught:
        Sandbox(services=sizes.get("services"), people=sizes.get("people"), policies=sizes.get("policies"))
    assert str(caught.value) == sentence
