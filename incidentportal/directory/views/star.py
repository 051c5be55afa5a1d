"""Star a thing, so that it comes first in one's own look-ups."""

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from incidentportal.directory.models import KINDS, Favorite
from incidentportal.http import PortalRequest
from incidentportal.pagerduty.reading import text

BACK_LIMIT = 2000  # characters of an address


@require_POST
def star(request: PortalRequest, kind: str, pk: str) -> HttpResponse:
    """Star a thing or take the star away. Answers with the button as it is now, or goes back to where it was."""
    if kind not in KINDS:
        raise Http404("This kind cannot be starred.")
    row = get_object_or_404(KINDS[kind], pk=text(pk))
    is_starred = Favorite.objects.toggle_star(request.user, row)
    back = request.POST.get("next", "")[:BACK_LIMIT]
    if not url_has_allowed_host_and_scheme(back, allowed_hosts=None, require_https=request.is_secure()):
        back = reverse("directory:lookup", args=[kind])
    if request.htmx:
        context = {"kind": kind, "row": row, "is_starred": is_starred, "back": back}
        return render(request, "directory/star.html", context)
    return HttpResponseRedirect(back)  # `redirect` would take a word for the name of a view
