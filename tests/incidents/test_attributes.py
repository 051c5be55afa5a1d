"""The attributes of controls are written as Django writes them."""

from django import forms
from django.forms.renderers import DjangoTemplates, TemplatesSetting

ATTRS = {"rows": 25_000, "data-live": True, "autofocus": False, "title": '"<&>', "class": "form-control"}


def parts(html: str) -> set[str]:
    return set(html.replace("<textarea", "").partition(">")[0].split(" "))


def test_attributes_are_those_that_django_would_write() -> None:
    for widget in (forms.TextInput(ATTRS), forms.Textarea(ATTRS), forms.CheckboxInput(ATTRS)):
        ours, theirs = (
            widget.render("title", "x", renderer=renderer()) for renderer in (TemplatesSetting, DjangoTemplates)
        )
        assert parts(ours) == parts(theirs)
        assert "25000" in ours and "data-live" in ours and "autofocus" not in ours and "&quot;&lt;&amp;&gt;" in ours
