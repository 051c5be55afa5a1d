"""One service, looked at again when it matters."""

from typing import Any

import pytest
from django.core.cache import cache

from incidentportal.directory.lookup import search
from incidentportal.directory.models import Service
from incidentportal.directory.sync.refresh import refresh_service
from sandbox import Fault, Sandbox


def vpn(directory: Sandbox) -> dict[str, Any]:
    return directory.account.named("services", "VPN")


def test_what_changed_since_the_sync_is_seen(directory: Sandbox) -> None:
    vpn(directory)["status"] = "maintenance"
    found = refresh_service(vpn(directory)["id"])
    assert found is not None and found.is_in_maintenance
    assert Service.objects.get(name="VPN").status == "maintenance"


def test_it_is_asked_once_in_half_a_minute(directory: Sandbox) -> None:
    for _ in range(3):
        refresh_service(vpn(directory)["id"])
    assert len(directory.requests) == 1


def test_what_went_away_is_none_and_marked_gone(directory: Sandbox) -> None:
    pk = vpn(directory)["id"]
    directory.account.services.remove(vpn(directory))
    assert refresh_service(pk) is None
    assert Service.objects.get(pk=pk).is_gone
    assert "VPN" not in [row.name for row in search("services", "vpn").rows]


@pytest.mark.parametrize("fault", ["500", "429", "drop before", "403", "garbage"])
def test_without_an_answer_it_is_as_we_knew_it(directory: Sandbox, fault: str) -> None:
    vpn(directory)["status"] = "disabled"
    directory.faults = [Fault(fault, "GET /services/*")]
    found = refresh_service(vpn(directory)["id"])
    assert found is not None and found.status == "active"
    cache.clear()
    found = refresh_service(vpn(directory)["id"])
    assert found is not None and found.status == "disabled"


def test_a_new_name_is_found(directory: Sandbox) -> None:
    assert search("services", "tunnel").total == 0
    vpn(directory)["name"] = "Tunnel"
    refresh_service(directory.account.named("services", "Tunnel")["id"])
    assert [row.name for row in search("services", "tunnel").rows] == ["Tunnel"]


@pytest.mark.parametrize("pk", ["", "../users/P1", "P1?x=1", "P 1", "x" * 65, "\x00"])
def test_what_is_no_id_is_never_asked_for(directory: Sandbox, pk: str) -> None:
    assert refresh_service(pk) is None
    assert directory.requests == []


def test_an_unknown_id_is_none(directory: Sandbox) -> None:
    assert refresh_service("PNOTHERE") is None
