"""Look-ups and stars."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST

from incidentportal.directory.models import KINDS
from incidentportal.directory.search.favorites import toggle_star
from incidentportal.directory.search.lookups import look_up
from incidentportal.directory.search.results import QUERY_LIMIT
from incidentportal.directory.text import clean

SHOWN, SHOWN_ON_PAGE = 20, 50


@require_GET
def lookup(request: HttpRequest, kind: str) -> HttpResponse:
    """What matches ?q=: the options of a combobox, or a page of its own for a browser that asks for one."""
    refuse_unknown(kind)
    is_page = not getattr(request, "htmx", False)
    q = clean(request.GET.get("q", ""))[:QUERY_LIMIT]
    found = look_up(kind, q, user=request.user, limit=SHOWN_ON_PAGE if is_page else SHOWN)
    context = {"kind": kind, "q": q, "found": found, "rows": found.rows, "is_page": is_page}
    response = render(request, "directory/list.html" if is_page else "directory/options.html", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


@require_POST
def star(request: HttpRequest, kind: str, pk: str) -> HttpResponse:
    """Star a thing or take the star away. Answers with the button as it is now, or goes back to where it was."""
    refuse_unknown(kind)
    row = get_object_or_404(KINDS[kind], pk=clean(pk))
    is_starred = toggle_star(request.user, kind, row.pk)
    if getattr(request, "htmx", False):
        return render(request, "directory/star.html", {"kind": kind, "row": row, "is_starred": is_starred})
    back = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(back, allowed_hosts=None, require_https=request.is_secure())
    return redirect(back) if is_ours else redirect("directory:lookup", kind)


def refuse_unknown(kind: str) -> None:
    if kind not in KINDS:
        raise Http404("There is no such kind.")
