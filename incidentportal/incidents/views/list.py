"""/incidents/: what was submitted through the portal, by everybody, newest first."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from incidentportal.http import PortalRequest
from incidentportal.incidents.models import Submission
from incidentportal.incidents.phases import listed_phase_of

PAGE_SIZE = 25


@require_safe
def list_(request: PortalRequest) -> HttpResponse:
    q = request.GET.get("q", "").strip()[:200]
    page = Paginator(Submission.objects.search(q).defer("request", "errors"), PAGE_SIZE).get_page(
        request.GET.get("page")
    )
    rows = [(submission, listed_phase_of(submission)) for submission in page]
    return render(request, "incidents/list.html", {"page": page, "rows": rows, "q": q})
