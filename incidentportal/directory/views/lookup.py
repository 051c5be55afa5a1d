"""The look-up: the options of a combobox, and a page of its own."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_GET

from incidentportal.directory.lookup import QUERY_LIMIT, look_up
from incidentportal.directory.models import KINDS, Sync
from incidentportal.http import PortalRequest
from incidentportal.pagerduty.reading import text

SHOWN, SHOWN_ON_PAGE = 20, 50


@require_GET
def lookup(request: PortalRequest, kind: str) -> HttpResponse:
    """What matches ?q=: the options of a combobox, or a page of its own for a browser that asks for one."""
    if kind not in KINDS:
        raise Http404("This kind cannot be looked up.")
    model = KINDS[kind]
    is_page = not request.htmx
    q = text(request.GET.get("q", "")[:QUERY_LIMIT])
    found = look_up(kind, q, user=request.user, limit=SHOWN_ON_PAGE if is_page else SHOWN)
    context = {"kind": kind, "q": q, "found": found, "rows": found.rows, "is_page": is_page}
    tabs = [(tab, tab_model.label_plural()) for tab, tab_model in KINDS.items()]
    context |= {"label": model.label_plural(), "tabs": tabs, "form_field": model.form_field}
    context["back"] = reverse("directory:lookup", args=[kind], query={"q": q} if q else None)
    context["problems"] = Sync.objects.problems() if is_page else []
    response = render(request, "directory/lookup.html" if is_page else "directory/options.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response
