"""Each icon is drawn once, and looks as its package draws it."""

from django.template import Context, Template
from lucide.templatetags.lucide import lucide

from incidentportal.incidents.templatetags.lucide import draw

SHOWN = Template('{% load lucide %}{% lucide name size=18 aria_hidden="true" class=css %}')


def test_an_icon_is_drawn_once() -> None:
    before = draw.cache_info().misses
    shown = [SHOWN.render(Context({"name": "siren", "css": f"drawn-{turn % 2}"})) for turn in range(20)]
    assert draw.cache_info().misses - before == 2
    assert set(shown) == {lucide("siren", size=18, aria_hidden="true", **{"class": f"drawn-{turn}"}) for turn in (0, 1)}


def test_what_is_said_of_it_is_escaped() -> None:
    assert 'class="&quot;&gt;"' in SHOWN.render(Context({"name": "siren", "css": '">'}))
