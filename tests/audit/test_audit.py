"""The audit trail: written with the change that it records, and never changed."""

from django.contrib.auth.models import User
from django.db import transaction
from django.test import Client

from incidentportal.audit.models import Entry, Event, record
from incidentportal.directory.models import Alias

ENTRY = "/admin/audit/entry/"


def test_an_entry_says_what_happened_to_what_and_by_whom(ada: User) -> None:
    record(Event.NOTE_ADDED, "incident:Q1", actor=ada, problem="")
    assert Entry.objects.values_list("event", "subject", "actor", "facts").get() == (
        "note added",
        "incident:Q1",
        ada.pk,
        {"problem": ""},
    )


def test_an_entry_is_undone_with_the_change_that_it_records(db: None) -> None:
    with transaction.atomic():
        Alias.objects.create(kind="services", target_id="P1", words="shop")
        record(Event.ALIASES_IMPORTED, "aliases", kept=1, removed=0)
        transaction.set_rollback(True)
    assert (Alias.objects.count(), Entry.objects.count()) == (0, 0)


def test_the_events_are_those_that_are_stored() -> None:
    assert set(Event) == {
        "submission stored",
        "submission unavailable",
        "submission created",
        "submission rejected",
        "submission expired",
        "submission corrected",
        "submission cancelled",
        "cancellation asked for",
        "note added",
        "note rejected",
        "note unknown",
        "aliases imported",
    }


def test_every_event_fits_its_column() -> None:
    assert max(map(len, Event)) <= (Entry._meta.get_field("event").max_length or 0)


def test_the_admin_shows_entries_also_of_events_of_the_past(admin_client: Client) -> None:
    entry = Entry.objects.create(event="something that happens no more", subject="submission:1")
    assert "something that happens no more" in admin_client.get(ENTRY).content.decode()
    assert "something that happens no more" in admin_client.get(f"{ENTRY}{entry.pk}/change/").content.decode()


def test_nobody_changes_an_entry_in_the_admin(admin_client: Client) -> None:
    entry = Entry.objects.create(event=Event.NOTE_ADDED, subject="incident:Q1")
    forged = {"event": "note rejected", "subject": "incident:Q2"}
    assert [
        admin_client.post(f"{ENTRY}{entry.pk}/change/", forged).status_code,
        admin_client.post(f"{ENTRY}{entry.pk}/delete/", {"post": "yes"}).status_code,
        admin_client.post(f"{ENTRY}add/", forged).status_code,
    ] == [403, 403, 403]
    admin_client.post(ENTRY, {"action": "delete_selected", "_selected_action": entry.pk, "post": "yes"})
    assert list(Entry.objects.values_list("event", "subject")) == [("note added", "incident:Q1")]
