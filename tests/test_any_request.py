"""Whatever is sent to whichever address, the answer says what is wrong: none is an error of ours."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote_plus
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from incidentportal.directory.models import Person, Service
from incidentportal.incidents.models import Submission
from incidentportal.incidents.report import FIELDS
from sandbox import Sandbox
from tests.incidents.base import least, send

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW")
NAMES = (*FIELDS, "form_key", "confirmed", "author", "next", "q", "page", "again", "draft", "key", "kind", "login", "")
VALUES = ("", " ", "x", "-1", "0", "9" * 400, "\x00", "a\x00b", "\udcff", "../..", "\u2028\u202e\u0301", "é" * 3000)
FORM = "application/x-www-form-urlencoded"
EMPTY_PART = b'--x\r\nContent-Disposition: form-data; name="title"\r\n\r\n\r\n--x--\r\n'
FILE = b'--x\r\nContent-Disposition: form-data; name="key"; filename="\x00.csv"\r\n\r\nid\r\n--x--\r\n'
BODIES: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", ""),
    "an empty form": (b"", FORM),
    "json": (b'{"event": {"data": {"id": "P1"}}}', "application/json"),
    "json that is none": (b'{"event": [', "application/json"),
    "deep json": (b"[" * 100_000, "application/json"),
    "a part": (EMPTY_PART, "multipart/form-data; boundary=x"),
    "a part that is cut off": (EMPTY_PART[:-20], "multipart/form-data; boundary=x"),
    "a file": (FILE, "multipart/form-data; boundary=x"),
    "parts without a boundary": (EMPTY_PART, "multipart/form-data"),
    "an unknown charset": (b"title=x", f"{FORM}; charset=nonsense"),
    "another charset": (b"title=x", f"{FORM}; charset=utf-16"),
    "bytes that are no text": (b"title=%ff%fe&service=\xff&q=%ed%a0%80", FORM),
    "an unknown type": (b"\x00\xff", "text/x-nothing; charset=\xff"),
    "one long name": (b"x" * 100_000 + b"=1", FORM),
    "too many names": (b"a=1&" * 1_001, FORM),
    "too long": (b"title=" + b"x" * 5_000_001, FORM),
}


def queries() -> Iterator[tuple[str, str]]:
    """Each value, once or thrice, in every parameter that anybody reads."""
    for number, value in enumerate(VALUES):
        text, times = quote_plus(value, errors="surrogatepass"), 3 if number % 2 else 1
        yield f"{value[:9]!a} {times} times", "&".join(f"{name}={text}" for name in NAMES for _ in range(times))
    yield "one name 900 times", "&".join(f"assignees={number}" for number in range(900))
    yield "a key of several values", "key=1&key=2&next=services&next=people"
    yield "a key of a person", "next=PUSER&key=PUSER&kind=people"
    yield "no name", "=&==&%00=%00&&&"


def patterns(resolver: URLResolver, prefix: str = "") -> Iterator[str]:
    for found in resolver.url_patterns:
        path = prefix + str(found.pattern)
        if isinstance(found, URLPattern):
            yield path
        elif path != "admin/":
            yield from patterns(found, path)


ADDRESSES = sorted({*patterns(get_resolver())})
ADMIN = ["admin/", "admin/directory/alias/import/", "admin/directory/alias/add/", "admin/incidents/submission/"]


def filled(address: str) -> str:
    """An address with something that is there in each of its places."""
    submission = str(Submission.objects.get().pk)
    places = {
        "<slug:kind>": "people",
        "<slug:pk>": Person.objects.current().first().pk,  # type: ignore[union-attr]
        "<uuid:pk>": submission,
        "<uuid:form_key>": submission,
        "<slug:name>": "service",
        "^": "",
        "$": "",
        "(?P<incident_id>[A-Z0-9]{6,32})": "Q0123456789ABC",
    }
    for place, thing in places.items():
        address = address.replace(place, thing)
    assert "<" not in address
    return f"/{address}"


@pytest.fixture
def anybody(page_of_ada: Client, ada: User, directory: Sandbox, settings: Any) -> Client:
    """Ada, who may do anything and has sent something already. An error of ours is answered, not raised."""
    settings.PAGERDUTY_WEBHOOK_SECRET = "a-webhook-secret"
    send(page_of_ada, least(directory))
    User.objects.update(is_staff=True, is_superuser=True)
    page_of_ada.raise_request_exception = False
    return page_of_ada


def log_in_again(client: Client, address: str) -> None:
    if address == "logout/":
        client.force_login(User.objects.get())


@pytest.mark.parametrize("address", [*ADDRESSES, *ADMIN])
def test_no_method_and_no_body_is_an_error_of_ours(anybody: Client, address: str) -> None:
    path = filled(address)
    wrong = {}
    for method in METHODS:
        for name, (body, kind) in BODIES.items() if method in {"POST", "PUT"} else [("nothing", (b"", ""))]:
            log_in_again(anybody, address)
            status = anybody.generic(method, path, body, content_type=kind).status_code
            if status >= 500:
                wrong[method, name] = status
    assert wrong == {}


@pytest.mark.parametrize("address", [*ADDRESSES, *ADMIN])
def test_no_parameter_is_an_error_of_ours(anybody: Client, address: str) -> None:
    path, service = filled(address), Service.objects.get(name="VPN").pk
    wrong = {}
    for name, query in queries():
        log_in_again(anybody, address)
        for answer in (
            anybody.get(f"{path}?{query}"),
            anybody.generic("POST", path, query.encode(), content_type=FORM),
            anybody.generic("POST", path, f"form_key={uuid4()}&{query}&title=x&service={service}", content_type=FORM),
        ):
            if answer.status_code >= 500:
                wrong[answer.request["REQUEST_METHOD"], name] = answer.status_code
    assert wrong == {}


@pytest.mark.parametrize(
    "path",
    [
        "/directory/people//star/",
        "/directory/people/PNOBODY/star/",
        f"/directory/people/{'x' * 5000}/star/",
        "/directory/people/a/b/star/",
        "/directory/x/",
        "/incidents/00000000-0000-0000-0000-000000000000/",
        "/incidents/new/check/form_key/",
        "/incidents/new/check/nothing/",
        "/%00",
        "/%ff",
        "/incidents/%F0%9F%94%A5/",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_address_of_nothing_is_not_found_and_no_error_of_ours(anybody: Client, path: str, method: str) -> None:
    assert anybody.generic(method, path).status_code < 500
