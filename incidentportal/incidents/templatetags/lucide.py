"""Icons. A page shows some twenty, always the same ones: each is drawn once per process."""

from functools import cache

from django import template
from lucide.templatetags.lucide import lucide

register = template.Library()
draw = register.simple_tag(cache(lucide), name="lucide")
