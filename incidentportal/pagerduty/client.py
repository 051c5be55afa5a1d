"""The HTTP client of PagerDuty's REST API: one method per call that we make, one attempt per call.

Source of every shape: developer.pagerduty.com, REST API v2.
"""

import json
import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, NoReturn

import requests
import urllib3
from django.conf import settings
from requests.adapters import HTTPAdapter

from incidentportal.pagerduty import outage, rate_limit
from incidentportal.pagerduty.availability import MaintenanceWindow, OnCall
from incidentportal.pagerduty.errors import Rejected, Unavailable, problem_from
from incidentportal.pagerduty.incident import Incident
from incidentportal.pagerduty.reading import JSON

log = logging.getLogger(__name__)

ACCEPT = "application/vnd.pagerduty+json;version=2"
CONNECT_TIMEOUT = 3.05
PAGE = 100  # the most that PagerDuty gives at once
LIST_LIMIT = 10_000  # offset + limit may not exceed it
ANSWER_LIMIT = 20_000_000  # bytes; no answer that we ask for is near it


class ListTooLong(Exception):
    """PagerDuty gives no more than 10,000 rows of one list: ask for it in parts."""


@dataclass(frozen=True)
class ListPage:
    """A part of a list. `total` is None where PagerDuty gives none, as it mostly does."""

    rows: list[JSON]
    more: bool
    total: int | None


class Client:
    """One account, seen through one token.

    read_timeout  seconds that PagerDuty may be silent
    within        seconds from now that all calls of this client may take together
    lane          rate_limit.SUBMISSIONS or rate_limit.LOOK_UPS: who steps back when the rate limit comes near

    Every method raises Rejected or Unavailable; nothing is ever repeated here.
    """

    def __init__(
        self,
        url: str,
        token: str,
        *,
        read_timeout: float = 10.0,
        within: float = 3600.0,
        lane: str = rate_limit.LOOK_UPS,
    ) -> None:
        self.url, self.token, self.read_timeout, self.lane = url, token, read_timeout, lane
        self.until = time.monotonic() + within

    # Incidents

    def create_incident(self, incident: JSON, *, from_email: str) -> Incident:
        """Page people. `from_email` must be a user of the account."""
        return self._incident(self._send(self.prepare_incident(incident, from_email=from_email)))

    def prepare_incident(self, incident: JSON, *, from_email: str) -> requests.PreparedRequest:
        """The very request that `create_incident` sends."""
        return self._prepare("POST", "/incidents", body={"incident": incident}, from_email=from_email)

    def find_incidents(self, incident_key: str, *, service_id: str) -> list[Incident]:
        """The incidents of a service under this key, open or resolved, newest first. Not only the last month's."""
        query = [("incident_key", incident_key), ("service_ids[]", service_id), ("date_range", "all"), ("limit", "25")]
        return self._incidents([*query, ("sort_by", "created_at:desc")])

    def open_incidents(self, service_ids: list[str]) -> list[Incident]:
        """The newest 100 open incidents of these services."""
        query = [("service_ids[]", service_id) for service_id in service_ids]
        query += [("statuses[]", "triggered"), ("statuses[]", "acknowledged"), ("date_range", "all")]
        return self._incidents([*query, ("limit", "100"), ("sort_by", "created_at:desc")])

    def get_incident(self, incident_id: str) -> Incident:
        return self._incident(self._call("GET", f"/incidents/{incident_id}"))

    def add_note(self, incident_id: str, content: str, *, from_email: str) -> None:
        body = {"note": {"content": content}}
        answer = self._call("POST", f"/incidents/{incident_id}/notes", body=body, from_email=from_email)
        self._dict(answer, "note")

    # Live look-ups

    def oncalls(self, policy_ids: list[str]) -> list[OnCall]:
        """Who is on call now in these policies: one row per policy, level and person."""
        query = [("escalation_policy_ids[]", policy_id) for policy_id in policy_ids]
        return [OnCall.read(row) for page in self.pages("oncalls", query) for row in page]

    def maintenance_windows(self, service_id: str) -> list[MaintenanceWindow]:
        """The ongoing and the coming maintenance windows of a service."""
        query = [("service_ids[]", service_id), ("filter", "open")]
        found = [MaintenanceWindow.read(row) for page in self.pages("maintenance_windows", query) for row in page]
        return [window for window in found if window]

    def get_service(self, service_id: str) -> JSON:
        return self._dict(self._call("GET", f"/services/{service_id}"), "service", needs="id")

    def check(self) -> None:
        """Check that PagerDuty accepts the token, with the smallest call that the portal may make."""
        self._list(self._call("GET", "/services", query=[("limit", "1")]), "services")

    # Lists

    def page(self, name: str, query: list[tuple[str, str]]) -> ListPage:
        """One page of a list, such as `services`; `query` says which, by `limit` and `offset`."""
        answer = self._call("GET", f"/{name}", query=query)
        rows, total = self._list(answer, name), answer.get("total")
        return ListPage(rows, answer.get("more") is True and bool(rows), total if isinstance(total, int) else None)

    def pages(self, name: str, query: list[tuple[str, str]] | None = None) -> Iterator[list[JSON]]:
        """Every row of a list, 100 at a time.

        Raises ListTooLong where there are more than PagerDuty gives: 10,000.
        """
        offset, more = 0, True
        while more:
            if offset + PAGE > LIST_LIMIT:
                raise ListTooLong(f"There are more than {LIST_LIMIT:,} {name.replace('_', ' ')} in this list.")
            page = self.page(name, [*(query or []), ("limit", str(PAGE)), ("offset", str(offset))])
            yield page.rows
            offset, more = offset + PAGE, page.more

    def incident_types(self) -> list[JSON]:
        """All incident types, disabled ones too. This list has no pages."""
        return self._list(self._call("GET", "/incidents/types", query=[("filter", "all")]), "incident_types")

    # Rehearsals

    def try_incident(self, incident: JSON, *, from_email: str) -> tuple[int, str, list[tuple[str, str]], str]:
        """Send a creation and return whatever comes: status, reason, headers, text. Only for a rehearsal address."""
        answer, text = self._exchange(self.prepare_incident(incident, from_email=from_email))
        return answer.status_code, str(answer.reason or ""), list(answer.headers.items()), text

    # One call

    def _prepare(
        self,
        method: str,
        path: str,
        *,
        query: list[tuple[str, str]] | None = None,
        body: JSON | None = None,
        from_email: str | None = None,
    ) -> requests.PreparedRequest:
        # An API key has 20 characters, an OAuth token more.
        kind = "Token token=" if len(self.token) == 20 else "Bearer "
        headers = {"Accept": ACCEPT, "Content-Type": "application/json", "Authorization": f"{kind}{self.token}"}
        if from_email is not None:
            if not from_email.isascii():
                raise Rejected(f"{from_email} cannot be named as the sender: PagerDuty takes only ASCII there.")
            headers["From"] = from_email
        data = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        try:
            return requests.Request(method, f"{self.url}{path}", headers=headers, params=query, data=data).prepare()
        except (requests.RequestException, ValueError) as error:
            raise Rejected(f"This request cannot be sent ({error}).") from None

    def _call(self, method: str, path: str, **parts: Any) -> JSON:
        return self._send(self._prepare(method, path, **parts))

    def _send(self, request: requests.PreparedRequest) -> JSON:
        """One attempt: the JSON object of a 200 or 201, or the problem."""
        rate_limit.refuse_if_spent(self.lane)
        if self.lane == rate_limit.LOOK_UPS:
            outage.refuse_if_silent()
        answer, text = self._exchange(request)
        rate_limit.adjust(self.lane, answer.status_code, answer.headers)
        outage.remember(answer.status_code)
        if answer.status_code not in {200, 201}:
            raise problem_from(answer.status_code, answer.headers, text)
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            self._unreadable()
        return found

    def _exchange(self, request: requests.PreparedRequest) -> tuple[requests.Response, str]:
        """Send it, and read the whole answer, however slowly it comes: no longer than this client may take."""
        started = time.monotonic()
        what = f"{request.method} {str(request.path_url).partition('?')[0]}"
        left = self.until - started
        if left <= 0:
            raise Unavailable("There was no time left to ask PagerDuty.", is_sent=False)
        connect_timeout = min(CONNECT_TIMEOUT, left / 3)
        timeout = (connect_timeout, min(self.read_timeout, left - connect_timeout))
        try:
            with session().send(request, timeout=timeout, allow_redirects=False, stream=True) as answer:
                text = self._read(answer, started + self.read_timeout)
        except requests.ConnectTimeout:
            raise self._silent(what, "PagerDuty could not be reached in time.", is_sent=False) from None
        except (requests.Timeout, urllib3.exceptions.TimeoutError):
            raise self._silent(what, f"PagerDuty did not answer within {timeout[1]:.0f} s.") from None
        except (requests.RequestException, urllib3.exceptions.HTTPError, UnicodeError) as error:
            is_sent, cause = not is_unconnected(error), type(error).__name__
            raise self._silent(what, "PagerDuty could not be reached.", is_sent=is_sent, cause=cause) from None
        request_id = str(answer.headers.get("x-request-id", "-"))[:100]
        took = time.monotonic() - started
        log.info("%s: %s in %.2f s, x-request-id %s", what, answer.status_code, took, request_id)
        return answer, text

    def _read(self, answer: requests.Response, until: float) -> str:
        content = bytearray()
        while chunk := answer.raw.read1(65_536, decode_content=True):
            content += chunk
            if time.monotonic() > until:
                raise requests.ReadTimeout
            if len(content) > ANSWER_LIMIT:
                raise requests.exceptions.ContentDecodingError
        return content.decode("utf-8", "replace")

    def _silent(self, what: str, sentence: str, *, is_sent: bool = True, cause: str = "") -> Unavailable:
        log.warning("%s: %s%s", what, sentence, f" ({cause})" if cause else "")
        outage.remember(0)
        return Unavailable(sentence, is_sent=is_sent)

    def _incident(self, answer: JSON) -> Incident:
        return Incident.read(self._dict(answer, "incident", needs="id"))

    def _incidents(self, query: list[tuple[str, str]]) -> list[Incident]:
        answer = self._call("GET", "/incidents", query=query)
        return [Incident.read(row) for row in self._list(answer, "incidents")]

    def _dict(self, answer: JSON, name: str, needs: str = "") -> JSON:
        found = answer.get(name)
        if not isinstance(found, dict) or (needs and not isinstance(found.get(needs), str)):
            self._unreadable()
        return found

    def _list(self, answer: JSON, name: str) -> list[JSON]:
        found = answer.get(name)
        if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
            self._unreadable()
        return found

    def _unreadable(self) -> NoReturn:
        raise Unavailable("PagerDuty's answer could not be read.", status=200)


def is_unconnected(error: Exception) -> bool:
    """Whether there was no connection at all, so that nothing can have been heard."""
    cause = error.args[0] if error.args else None
    return isinstance(getattr(cause, "reason", None), urllib3.exceptions.NewConnectionError)


@cache
def session() -> requests.Session:
    """Pooled connections for the whole process. It never repeats a request."""
    pooled = requests.Session()
    pooled.mount("https://", HTTPAdapter(pool_connections=4, pool_maxsize=16, max_retries=0))
    pooled.mount("http://", HTTPAdapter(pool_connections=4, pool_maxsize=16, max_retries=0))
    return pooled


def connect(*, read_timeout: float = 10.0, within: float = 3600.0, lane: str = rate_limit.LOOK_UPS) -> Client:
    """The account of the settings, read late so that they can change."""
    url, token = settings.PAGERDUTY_API_URL, settings.PAGERDUTY_API_TOKEN
    return Client(url, token, read_timeout=read_timeout, within=within, lane=lane)
