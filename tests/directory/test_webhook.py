"""Events of PagerDuty: only signed ones, each once, and the mirror follows."""

import hashlib
import hmac
import json
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from incidentportal.directory.models import Service
from incidentportal.directory.views import webhook
from sandbox import Fault, Sandbox
from tests.directory.conftest import synced

SECRET = "a-webhook-secret"
PATH = "/directory/webhook/"


@pytest.fixture(autouse=True)
def _secret(settings: Any) -> None:
    settings.PAGERDUTY_WEBHOOK_SECRET = SECRET


def signature(body: bytes, secret: str = SECRET) -> str:
    return "v1=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def send(client: Client, kind: str, pk: str | None = None, *, name: str = "", sign: Any = signature) -> Any:
    event = {
        "id": "01EVENT",
        "event_type": kind,
        "resource_type": "service",
        "data": pk and {"id": pk, "type": "service"},
    }
    body = json.dumps({"event": event}).encode()
    headers = {"X-PagerDuty-Signature": sign(body), "X-Webhook-Id": name or str(uuid4())}
    return client.post(PATH, body, content_type="application/json", headers=headers)


def vpn(directory: Sandbox) -> dict[str, Any]:
    return directory.account.named("services", "VPN")


@pytest.mark.parametrize("kind", ["service.updated", "service.created", "service.custom_field_values.updated"])
def test_a_change_is_read_at_once(client: Client, directory: Sandbox, kind: str) -> None:
    vpn(directory)["status"] = "disabled"
    assert send(client, kind, vpn(directory)["id"]).status_code == 202
    assert Service.objects.get(name="VPN").status == "disabled"
    assert directory.counts() == {f"GET /services/{vpn(directory)['id']}": 1}


def test_a_new_service_appears(client: Client, directory: Sandbox) -> None:
    Service.objects.filter(name="VPN").delete()
    send(client, "service.created", vpn(directory)["id"])
    assert Service.objects.current().get(name="VPN").team_names == "Network"


def test_a_deleted_service_is_gone_without_asking(client: Client, directory: Sandbox) -> None:
    assert send(client, "service.deleted", vpn(directory)["id"]).status_code == 202
    assert Service.objects.get(name="VPN").is_gone
    assert directory.requests == []


@pytest.mark.parametrize(
    "kind", ["pagey.ping", "incident.triggered", "service.unheard_of", "", None, 7, [], {"a": 1}, ["service.deleted"]]
)
@pytest.mark.parametrize("pk", ["PX", None])
def test_other_events_are_thanked_for(client: Client, directory: Sandbox, kind: Any, pk: Any) -> None:
    assert send(client, kind, pk).status_code == 202
    assert directory.requests == []


def test_an_event_that_comes_twice_is_followed_once(client: Client, directory: Sandbox) -> None:
    for _ in range(2):
        assert send(client, "service.updated", vpn(directory)["id"], name="event-1").status_code == 202
    assert len(directory.requests) == 1
    send(client, "service.updated", vpn(directory)["id"], name="event-2")
    assert len(directory.requests) == 2


@pytest.mark.parametrize("fault", ["500", "late", "429", "403"])
def test_what_cannot_be_read_is_answered_in_time_and_corrected_by_the_next_sync(
    client: Client, directory: Sandbox, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook, "READ_TIMEOUT", 0.2)
    directory.faults = [Fault(fault, "GET /services/*", seconds=86_400 if fault == "late" else 1)]
    assert send(client, "service.updated", vpn(directory)["id"]).status_code == 202
    assert Service.objects.get(name="VPN").digest == ""
    synced()
    assert Service.objects.get(name="VPN").digest != ""


def test_an_unknown_service_is_gone(client: Client, directory: Sandbox) -> None:
    assert send(client, "service.updated", "PNOTHERE").status_code == 202


ACCEPTED = [
    lambda body: f"v1={'0' * 64},{signature(body)}",
    lambda body: f"{signature(body, 'old secret')},{signature(body)}",
    lambda body: f" v2=x , {signature(body)} ",
]
REFUSED = [
    lambda body: "",
    lambda body: "v1=",
    lambda body: signature(body, "another secret"),
    lambda body: signature(body + b" "),
    lambda body: signature(body).replace("v1=", "v2="),
    lambda body: signature(body).removeprefix("v1="),
    lambda body: signature(body).upper(),
    lambda body: "v1=" + "\u00e9" * 64,
]


@pytest.mark.parametrize("sign", ACCEPTED)
def test_one_signature_that_fits_is_enough(client: Client, directory: Sandbox, sign: Any) -> None:
    assert send(client, "pagey.ping", sign=sign).status_code == 202


@pytest.mark.parametrize("sign", REFUSED)
def test_without_a_signature_that_fits_nothing_happens(client: Client, directory: Sandbox, sign: Any) -> None:
    assert send(client, "service.deleted", vpn(directory)["id"], sign=sign).status_code == 401
    assert not Service.objects.get(name="VPN").is_gone


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b'"x"', b"null", b"[" * 100_000, b"\xff", b'{"event": [{"id": 1}]}']
)
def test_signed_nonsense_breaks_nothing(client: Client, directory: Sandbox, body: bytes) -> None:
    headers = {"X-PagerDuty-Signature": signature(body)}
    answer = client.post(PATH, body, content_type="application/json", headers=headers)
    assert answer.status_code in {202, 400}


def test_a_body_that_is_too_long_is_not_read(client: Client, db: None) -> None:
    body = b" " * (webhook.BODY_LIMIT + 1)
    headers = {"X-PagerDuty-Signature": signature(body)}
    assert client.post(PATH, body, content_type="application/json", headers=headers).status_code == 413


@pytest.mark.parametrize("length", ["²", "-1", "1e3", "9" * 5000, " "])
def test_a_length_that_is_none_is_refused(client: Client, db: None, length: str) -> None:
    assert client.post(PATH, b"{}", content_type="application/json", CONTENT_LENGTH=length).status_code in {401, 413}


def test_parts_of_a_form_are_no_event(client: Client, directory: Sandbox) -> None:
    answer = client.post(PATH, {"event": "x"}, headers={"X-PagerDuty-Signature": signature(b"")})
    assert (answer.status_code, answer.content) == (415, b"The body must be JSON.")


def test_without_a_secret_there_is_no_such_address(client: Client, directory: Sandbox, settings: Any) -> None:
    settings.PAGERDUTY_WEBHOOK_SECRET = ""
    assert send(client, "pagey.ping", sign=lambda body: signature(body, "")).status_code == 404


def test_it_takes_posts_only_and_needs_neither_log_in_nor_token(directory: Sandbox) -> None:
    client = Client(enforce_csrf_checks=True)
    assert send(client, "pagey.ping").status_code == 202
    assert client.get(PATH).status_code == 405
