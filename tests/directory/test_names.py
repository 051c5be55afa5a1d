"""Things are named by id, by exact name, by e-mail; a log-in finds its person."""

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, User

from incidentportal.directory.models import IncidentType, Person, Service
from incidentportal.directory.sync.mirror import write_one
from sandbox import Sandbox

LONG = "a very long name " * 30


@pytest.fixture
def _services(db: None) -> None:
    names = {
        "P1": "Checkout",
        "P2": "checkout",
        "P3": "VPN",
        "P4": "Twin",
        "P5": "Twin",
        "P6": "Zoë's Straße",
        "P7": "P3",
    }
    for pk, name in {**names, "P8": f"{LONG}one", "P9": f"{LONG}two"}.items():
        write_one("services", {"id": pk, "name": name})
    write_one("services", {"id": "PGONE", "name": "Gone"})
    Service.objects.filter(pk="PGONE").update(is_gone=True)


FOUND = [
    ("P1", "P1"),
    ("Checkout", "P1"),
    ("checkout", "P2"),
    ("vpn", "P3"),
    (" vpn ", "P3"),
    ("P3", "P3"),
    ("p3", "P7"),
    ("ZOË'S STRASSE", "P6"),
    (f"{LONG}two", "P9"),
    (f"{LONG}TWO", "P9"),
]


@pytest.mark.usefixtures("_services")
@pytest.mark.parametrize(("value", "pk"), FOUND)
def test_an_id_then_an_exact_name_then_any_case(value: str, pk: str) -> None:
    assert Service.objects.named(value).pk == pk


@pytest.mark.usefixtures("_services")
@pytest.mark.parametrize(
    "value", ["", "Check", "Zoe's Strasse", "PGONE", "Gone", "\x00", "x" * 5000, LONG.strip(), "a\ud800"]
)
def test_what_is_not_exact_or_is_gone_is_nothing(value: str) -> None:
    with pytest.raises(Service.DoesNotExist):
        Service.objects.named(value)


@pytest.mark.usefixtures("_services")
@pytest.mark.parametrize("value", ["Twin", "twin", "CHECKOUT"])
def test_a_name_of_several_names_none(value: str) -> None:
    with pytest.raises(Service.MultipleObjectsReturned):
        Service.objects.named(value)


def test_people_are_named_by_e_mail_and_types_by_both_names(directory: Sandbox) -> None:
    assert Person.objects.named("ADA@example.com").name == "Ada Byron"
    assert Person.objects.named("zoë müller").email == "zoe.muller@example.com"
    for value in ("major_incident", "Major Incident", IncidentType.objects.get(name="major_incident").pk):
        assert IncidentType.objects.named(value).name == "major_incident"


@pytest.mark.parametrize(
    ("email", "name"),
    [
        ("ada@example.com", "Ada Byron"),
        ("ADA@Example.COM", "Ada Byron"),
        ("ada@example.co", None),
        ("", None),
        (" ", None),
    ],
)
def test_a_log_in_finds_its_person_by_the_whole_address(directory: Sandbox, email: str, name: str | None) -> None:
    person = Person.objects.for_login(User(email=email))
    assert (person.name if person else None) == name


def test_nobody_is_no_person(directory: Sandbox) -> None:
    assert Person.objects.for_login(AnonymousUser()) is None
    write_one("people", {"id": "PNOMAIL", "name": "Somebody without an address"})
    assert Person.objects.for_login(User(email="")) is None
    Person.objects.update(is_gone=True)
    assert Person.objects.for_login(User(email="ada@example.com")) is None


def test_names_of_one_question_cost_one_query(directory: Sandbox, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        Service.objects.named("checkout api")
