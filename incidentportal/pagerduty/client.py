"""The HTTP client of PagerDuty's REST API: one method per call that we make, one attempt per call.

Source of every shape: developer.pagerduty.com, REST API v2.
"""

import json
import logging
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import requests
from django.conf import settings

from incidentportal.pagerduty import shared_state
from incidentportal.pagerduty.connections import clock
from incidentportal.pagerduty.errors import Busy, Rejected, Unavailable, problem_from, request_id_in
from incidentportal.pagerduty.reading import JSON
from incidentportal.pagerduty.resources import Incident, MaintenanceWindow, OnCall
from incidentportal.pagerduty.shared_state import LOOK_UPS
from incidentportal.pagerduty.transport import exchange
from incidentportal.pagerduty.waiting import place_for

log = logging.getLogger(__name__)

Query = Sequence[tuple[str, str]]
ACCEPT = "application/vnd.pagerduty+json;version=2"
PAGE = 100  # the most that PagerDuty gives at once
LIST_LIMIT = 10_000  # offset + limit may not exceed it
UNREADABLE = "PagerDuty's answer could not be read."


@dataclass(frozen=True)
class ListPage:
    """A part of a list.

    more   whether the list goes on; None where PagerDuty does not say
    total  None where PagerDuty gives none, as it mostly does
    """

    rows: list[JSON]
    more: bool | None
    total: int | None


class Client:
    """One account, seen through one token.

    read_timeout  seconds in which PagerDuty must have answered a call, once it was asked
    within        seconds from now that all calls of this client may take together: after that, nothing is sent
    lane          LOOK_UPS step back for SUBMISSIONS when the rate limit comes near, or when too many wait

    Every method raises Rejected or Unavailable; nothing is ever repeated here.
    """

    def __init__(
        self, url: str, token: str, *, read_timeout: float = 10.0, within: float = 3600.0, lane: str = LOOK_UPS
    ) -> None:
        self.url, self.token, self.read_timeout, self.lane = url, token, read_timeout, lane
        self.until = clock() + within
        self.told_at: datetime | None = None  # PagerDuty's own time of its latest answer

    def create_incident(self, incident: JSON, *, from_email: str) -> Incident:
        """Page people. `from_email` must be a user of the account."""
        answer = self._send(self.prepare_incident(incident, from_email=from_email))
        return Incident.read(object_of(answer, "incident"))

    def prepare_incident(self, incident: JSON, *, from_email: str) -> requests.PreparedRequest:
        """The very request that `create_incident` sends."""
        return self._prepare("POST", "/incidents", body={"incident": incident}, from_email=from_email)

    def try_incident(self, incident: JSON, *, from_email: str) -> tuple[int, str, list[tuple[str, str]], str]:
        """Send a creation and return whatever comes: status, reason, headers, text. Only for a rehearsal address."""
        answer, text = self._exchange(self.prepare_incident(incident, from_email=from_email))
        return answer.status_code, str(answer.reason or ""), list(answer.headers.items()), text

    def find_incidents(self, incident_key: str, *, service_id: str = "") -> list[Incident]:
        """The incidents under this key, of a service or of all, open or resolved, newest first, of all times."""
        services = [("service_ids[]", service_id)] if service_id else []
        return self._incidents([("incident_key", incident_key), *services, ("limit", "25")])

    def open_incidents(self, service_ids: list[str]) -> list[Incident]:
        """The newest 100 open incidents of these services."""
        services = [("service_ids[]", service_id) for service_id in service_ids]
        statuses = [("statuses[]", "triggered"), ("statuses[]", "acknowledged")]
        return self._incidents([*services, *statuses, ("limit", "100")])

    def get_incident(self, incident_id: str) -> Incident:
        incident = Incident.read(object_of(self._get(f"/incidents/{incident_id}"), "incident"))
        if incident.id != incident_id:
            raise Unavailable(UNREADABLE, status=200)
        return incident

    def add_note(self, incident_id: str, content: str, *, from_email: str) -> None:
        body = {"note": {"content": content}}
        request = self._prepare("POST", f"/incidents/{incident_id}/notes", body=body, from_email=from_email)
        if not isinstance(self._send(request).get("note"), dict):  # an id is not needed
            raise Unavailable(UNREADABLE, status=200)

    def oncalls(self, policy_ids: list[str]) -> list[OnCall]:
        """Who is on call now in these policies: one row per policy, level and person."""
        query = [("escalation_policy_ids[]", policy_id) for policy_id in policy_ids]
        return [OnCall.read(row) for row in self.rows("oncalls", query)]

    def maintenance_windows(self, service_id: str) -> list[MaintenanceWindow]:
        """The ongoing and the coming maintenance windows of a service."""
        query = [("service_ids[]", service_id), ("filter", "open")]
        found = map(MaintenanceWindow.read, self.rows("maintenance_windows", query))
        return [window for window in found if window]

    def get_service(self, service_id: str) -> JSON:
        return object_of(self._get(f"/services/{service_id}"), "service")

    def incident_types(self) -> list[JSON]:
        """All incident types, disabled ones too. This list has no pages."""
        return rows_of(self._get("/incidents/types", [("filter", "all")]), "incident_types")

    def page(self, name: str, query: Query) -> ListPage:
        """One page of a list, such as `services`; `query` says which, by `limit` and `offset`."""
        answer = self._get(f"/{name}", query)
        more, total = answer.get("more"), answer.get("total")
        is_clear = isinstance(more, bool) and (total is None or type(total) is int)
        return ListPage(rows_of(answer, name), more if is_clear else None, total if type(total) is int else None)

    def rows(self, name: str, query: Query = ()) -> Iterator[JSON]:
        """Every row of a list, however many PagerDuty gives at a time.

        Raises Rejected if the list is longer than PagerDuty gives, 10,000 rows; Unavailable if it does not end.
        """
        offset, page = 0, ListPage([], True, None)
        while page.more:
            if offset >= LIST_LIMIT:
                raise Rejected(f"There are more than {LIST_LIMIT:,} {name.replace('_', ' ')} in this list.")
            before, limit = page.rows, min(PAGE, LIST_LIMIT - offset)
            page = self.page(name, [*query, ("limit", str(limit)), ("offset", str(offset))])
            if page.more and page.rows == before:  # nothing, or the same once more
                raise Unavailable(UNREADABLE, status=200)
            yield from page.rows
            offset += len(page.rows)

    def _incidents(self, query: Query) -> list[Incident]:
        answer = self._get("/incidents", [*query, ("date_range", "all"), ("sort_by", "created_at:desc")])
        return [Incident.read(row) for row in rows_of(answer, "incidents")]

    def _get(self, path: str, query: Query = ()) -> JSON:
        return self._send(self._prepare("GET", path, query=query))

    def _prepare(
        self, method: str, path: str, *, query: Query = (), body: JSON | None = None, from_email: str | None = None
    ) -> requests.PreparedRequest:
        # An API key has 20 characters, an OAuth token more.
        kind = "Token token=" if len(self.token) == 20 else "Bearer "
        headers = {"Accept": ACCEPT, "Content-Type": "application/json", "Authorization": f"{kind}{self.token}"}
        if from_email is not None:
            if not from_email.isascii():
                raise Rejected(f"{from_email} cannot be named as the sender: PagerDuty takes only ASCII there.")
            headers["From"] = from_email
        try:
            data = None if body is None else json.dumps(body, ensure_ascii=False).encode()
            return requests.Request(method, f"{self.url}{path}", headers, params=query, data=data).prepare()
        except (requests.RequestException, ValueError) as error:
            raise Rejected(f"This request cannot be sent ({error}).") from None

    def _send(self, request: requests.PreparedRequest) -> JSON:
        """One attempt: the JSON object of a 200 or 201, or the problem."""
        shared_state.refuse_early(self.lane)
        if clock() >= self.until:
            raise Unavailable("There was no time left to ask PagerDuty.", is_sent=False)
        try:
            answer, text = self._exchange(request)
        except Busy:
            raise
        except Unavailable:
            shared_state.learn(0, {}, self.lane)
            raise
        shared_state.learn(answer.status_code, answer.headers, self.lane)
        self.told_at = time_of(answer.headers.get("date", ""))
        if answer.status_code not in {200, 201}:
            raise problem_from(answer.status_code, answer.headers, text)
        with suppress(ValueError, RecursionError):
            found = json.loads(text)
            if isinstance(found, dict):
                return found
        raise Unavailable(UNREADABLE, status=200)

    def _exchange(self, request: requests.PreparedRequest) -> tuple[requests.Response, str]:
        """Send it and read the whole answer, within the time that this client has left."""
        started = clock()
        what = f"{request.method} {str(request.path_url).partition('?')[0]}"
        try:
            with place_for(self.lane):
                answer, text = exchange(request, until=self.until, patience=self.read_timeout)
        except Unavailable as problem:
            cause = problem.__cause__
            # A ValueError quotes the value, such as a proxy's address, which may hold a password.
            shown = type(cause).__name__ if isinstance(cause, ValueError) else repr(cause)
            log.warning("%s: %s (%s)", what, problem, shown)
            raise
        request_id, took = request_id_in(answer.headers) or "-", clock() - started
        log.info("%s: %s in %.2f s, x-request-id %s", what, answer.status_code, took, request_id)
        return answer, text


def time_of(header: str) -> datetime | None:
    """The time in a `Date` header; None where there is none that can be read."""
    with suppress(ValueError, TypeError, OverflowError):
        return parsedate_to_datetime(header[:100]).replace(tzinfo=UTC)  # HTTP's dates are all in UTC
    return None


def object_of(answer: JSON, name: str) -> JSON:
    """The object that an answer is about, which has an id."""
    found = answer.get(name)
    if isinstance(found, dict) and isinstance(found.get("id"), str):
        return found
    raise Unavailable(UNREADABLE, status=200)


def rows_of(answer: JSON, name: str) -> list[JSON]:
    found = answer.get(name)
    if isinstance(found, list) and all(isinstance(row, dict) for row in found):
        return found
    raise Unavailable(UNREADABLE, status=200)


def connect(*, read_timeout: float = 10.0, within: float = 3600.0, lane: str = LOOK_UPS) -> Client:
    """The account of the settings, read late so that they can change."""
    url, token = settings.PAGERDUTY_API_URL, settings.PAGERDUTY_API_TOKEN
    return Client(url, token, read_timeout=read_timeout, within=within, lane=lane)
