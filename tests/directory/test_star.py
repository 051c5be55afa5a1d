"""Stars: one's own, and nobody is led elsewhere by one."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils.encoding import iri_to_uri

from incidentportal.directory.lookup import look_up
from incidentportal.directory.models import KINDS, Favorite, Service
from sandbox import Sandbox

HTMX = {"HX-Request": "true"}


def is_starred(user: User) -> bool:
    rows = look_up("services", "VPN", user=user, limit=5).rows
    return any(row.is_starred for row in rows if row.label == "VPN")


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_can_be_starred(page_of_ada: Client, ada: User, kind: str) -> None:
    row = KINDS[kind]._default_manager.filter(is_gone=False).first()
    assert row is not None
    assert page_of_ada.post(f"/directory/{kind}/{row.pk}/star/", headers=HTMX).status_code == 200
    assert Favorite.objects.of(ada, kind) == {row.pk: True}


def test_a_star_is_one_s_own_and_is_taken_away_again(page_of_ada: Client, ada: User, directory: Sandbox) -> None:
    service = Service.objects.get(name="VPN")
    path = f"/directory/services/{service.pk}/star/"
    answer = page_of_ada.post(path, {"next": "/directory/services/?q=vpn"}, headers=HTMX)
    assert 'name="next" value="/directory/services/?q=vpn"' in answer.content.decode()
    assert (answer.context["is_starred"], 'aria-pressed="true"' in answer.content.decode()) == (True, True)
    assert is_starred(ada)
    assert not is_starred(User.objects.create_user("bob"))
    answer = page_of_ada.post(path, {"next": "/directory/services/?q=vpn"})
    assert (answer.status_code, answer["Location"]) == (302, "/directory/services/?q=vpn")
    assert not is_starred(ada)


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""])
def test_a_star_leads_nowhere_else(page_of_ada: Client, directory: Sandbox, back: str) -> None:
    service = Service.objects.get(name="VPN")
    answer = page_of_ada.post(f"/directory/services/{service.pk}/star/", {"next": back})
    assert answer["Location"] == "/directory/services/"


@pytest.mark.parametrize("back", ["services", "x y", "é", "a,b", "incidents"])
def test_a_word_is_an_address_and_not_a_view(page_of_ada: Client, directory: Sandbox, back: str) -> None:
    service = Service.objects.get(name="VPN")
    answer = page_of_ada.post(f"/directory/services/{service.pk}/star/", {"next": ["", back]})
    assert (answer.status_code, answer["Location"]) == (302, iri_to_uri(back))


@pytest.mark.parametrize("path", ["/directory/services/PNOTHERE/star/", "/directory/teams/P1/star/"])
def test_what_is_not_there_has_no_star(page_of_ada: Client, path: str) -> None:
    assert page_of_ada.post(path).status_code == 404
    assert not Favorite.objects.exists()


def test_a_star_needs_the_form_s_token(directory: Sandbox, ada: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ada)
    service = Service.objects.get(name="VPN")
    assert strict.post(f"/directory/services/{service.pk}/star/").status_code == 403
    assert strict.get(f"/directory/services/{service.pk}/star/").status_code == 405
