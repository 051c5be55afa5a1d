"""Aliases: kept in the admin, taken out and brought back as a table."""

from io import BytesIO
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.core.exceptions import ValidationError
from django.test import Client

from incidentportal.audit.models import Entry
from incidentportal.directory.aliases import export_csv, import_csv
from incidentportal.directory.lookup import search
from incidentportal.directory.models import KINDS, MIRROR, Alias, Service
from sandbox import Sandbox

LIST = "/admin/directory/alias/"


@pytest.fixture
def admin_page(directory: Sandbox, admin_client: Client) -> Client:
    return admin_client


def upload(client: Client, content: bytes) -> Any:
    file = BytesIO(content)
    file.name = "aliases.csv"
    return client.post(f"{LIST}import/", {"table": file})


def test_what_is_taken_out_can_be_brought_back(directory: Sandbox, ada: User) -> None:
    lines = ["kind,id,words", 'services,VPN,"tunnel, Fernzugriff"', "people,ada@example.com,countess"]
    table = "\n".join([*lines, "services,Refunds,Geld zurück", ""])
    assert import_csv(table, actor=ada) == 3
    taken_out = export_csv()
    Alias.objects.all().delete()
    assert import_csv(taken_out, actor=ada) == 3
    assert export_csv() == taken_out
    assert [row.name for row in search("services", "geld zuruck").rows] == ["Refunds"]
    assert [row.name for row in search("people", "countess").rows] == ["Ada Byron"]
    entry = Entry.objects.first()
    assert entry is not None
    assert (entry.event, entry.actor, entry.facts) == ("aliases imported", ada, {"kept": 3, "removed": 0})


def test_a_line_replaces_the_words_of_its_thing_and_others_stay(directory: Sandbox) -> None:
    import_csv("kind,id,words\nservices,VPN,one\nservices,Refunds,two\n", actor=None)
    import_csv("kind,id,words\nservices,VPN,three\n", actor=None)
    assert sorted(Alias.objects.values_list("words", flat=True)) == ["three", "two"]
    import_csv("kind,id,words\nservices,VPN,\n", actor=None)
    assert list(Alias.objects.values_list("words", flat=True)) == ["two"]


@pytest.mark.parametrize(
    "table",
    [
        "\ufeffkind,id,words\r\nservices,VPN,a b\r\n",
        "Kind;ID;Words\nservices;VPN;a b\n\n",
        'kind,id,words\nservices,vpn,"a\nb"',
    ],
)
def test_tables_as_spreadsheets_write_them(directory: Sandbox, table: str) -> None:
    import_csv(table, actor=None)
    assert Alias.objects.get().words == "a b"


WRONG = [
    ("", ["Line 1: The first line must be kind,id,words."]),
    ("id,words\nVPN,x", ["Line 1: The first line must be kind,id,words."]),
    (
        "kind,id,words\nservices,VPN",
        ["Line 2: The row has 2 columns instead of 3. Quote words that contain commas."],
    ),
    ("kind,id,words\nservice,VPN,x", [f"Line 2: “service” is not a kind. Use {', '.join(KINDS)}."]),
    ("kind,id,words\nservices,Nothing,x", ["Line 2: Nothing in services is called “Nothing”."]),
    ("kind,id,words\nservices,,x", ["Line 2: Nothing in services is called “”."]),
    ("kind,id,words\nservices,VPN,x\nservices,vpn,y", ["Line 3: “vpn” appears twice."]),
    ("kind,id,words\nservices,VPN," + "x" * 2001, ["Line 2: The words are 2001 characters long. Use 2000 at most."]),
    (
        "kind,id,words\nservices,VPN,good\nx,y,z\nservices,Gone,x",
        [
            f"Line 3: “x” is not a kind. Use {', '.join(KINDS)}.",
            "Line 4: Nothing in services is called “Gone”.",
        ],
    ),
]


@pytest.mark.parametrize(("table", "sentences"), WRONG)
def test_each_wrong_line_is_said_and_nothing_is_taken_over(
    directory: Sandbox, table: str, sentences: list[str]
) -> None:
    Alias.objects.create(kind="services", target_id=Service.objects.get(name="VPN").pk, words="before")
    with pytest.raises(ValidationError) as raised:
        import_csv(table, actor=None)
    assert raised.value.messages == sentences
    assert Alias.objects.get().words == "before"


def test_a_name_of_several_asks_for_the_id(directory: Sandbox) -> None:
    Service.objects.filter(name="Refunds").update(name="VPN", name_key="vpn")
    with pytest.raises(ValidationError, match=r"Several services are called “VPN”\. Use the id"):
        import_csv("kind,id,words\nservices,VPN,x", actor=None)


def test_the_admin_imports_and_exports(admin_page: Client) -> None:
    assert "Import CSV" in admin_page.get(LIST).content.decode()
    assert admin_page.get(f"{LIST}import/").status_code == 200
    answer = upload(admin_page, b"kind,id,words\nservices,VPN,Fernzugriff\n")
    assert (answer.status_code, answer["Location"]) == (302, LIST)
    assert "VPN" in admin_page.get(LIST).content.decode()
    table = admin_page.get(f"{LIST}export/")
    assert table["Content-Type"] == "text/csv; charset=utf-8"
    assert table.content.decode().splitlines()[1].endswith(",Fernzugriff")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"kind,id,words\nservices,Nothing,x", "Line 2: Nothing in services is called “Nothing”."),
        (b"\xff\xfe\x00", "The file is not UTF-8 text."),
        (b"x" * 2_000_001, "The file is too large"),
        (b"", "The submitted file is empty."),
    ],
)
def test_the_admin_says_what_is_wrong_with_a_file(admin_page: Client, content: bytes, sentence: str) -> None:
    answer = upload(admin_page, content)
    assert (answer.status_code, Alias.objects.count()) == (200, 0)
    assert sentence in answer.content.decode()


def test_the_admin_takes_a_name_and_keeps_the_id(admin_page: Client) -> None:
    answer = admin_page.post(f"{LIST}add/", {"kind": "services", "target_id": "vpn", "words": "tunnel"})
    assert answer.status_code == 302
    assert Alias.objects.get().target_id == Service.objects.get(name="VPN").pk
    answer = admin_page.post(f"{LIST}add/", {"kind": "services", "target_id": "nothing", "words": "x"})
    assert "Nothing in services is called" in answer.content.decode()


def test_who_may_only_look_cannot_import(directory: Sandbox, client: Client) -> None:
    reader = User.objects.create_user("reader", is_staff=True)
    reader.user_permissions.add(Permission.objects.get(codename="view_alias"))
    client.force_login(reader)
    assert client.get(f"{LIST}export/").status_code == 200
    assert upload(client, b"kind,id,words\nservices,VPN,x\n").status_code == 403
    client.force_login(User.objects.create_user("nobody", is_staff=True))
    assert client.get(f"{LIST}export/").status_code == 403


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_that_can_be_looked_up_can_have_an_alias(admin_page: Client, kind: str) -> None:
    row = KINDS[kind]._default_manager.filter(is_gone=False).first()
    assert row is not None
    answer = admin_page.post(f"{LIST}add/", {"kind": kind, "target_id": row.pk, "words": "quite another word"})
    assert answer.status_code == 302
    assert [found.pk for found in search(kind, "quite another word").rows] == [row.pk]


@pytest.mark.parametrize("name", [*(model._meta.model_name for model in MIRROR.values()), "sync", "lastknown"])
def test_what_comes_from_pagerduty_is_read_only_in_the_admin(admin_page: Client, name: str) -> None:
    assert admin_page.get(f"/admin/directory/{name}/", {"q": "a"} if name != "sync" else {}).status_code == 200
    assert admin_page.get(f"/admin/directory/{name}/add/").status_code == 403
    row = Service.objects.get(name="VPN")
    assert admin_page.post(f"/admin/directory/service/{row.pk}/change/", {"name": "x"}).status_code == 403
