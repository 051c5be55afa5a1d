"""One exchange over HTTP: a request that is sent once, and the whole answer, or why there is none."""

import http.client
from typing import Any

import requests
import urllib3
from requests.utils import select_proxy

from incidentportal.pagerduty.connections import Exchange, TimedAdapter, current
from incidentportal.pagerduty.errors import Unavailable

ANSWER_LIMIT = 20_000_000  # bytes; no answer that we ask for is near it
BROKEN = (OSError, ValueError, urllib3.exceptions.HTTPError, http.client.HTTPException)
UNTRUSTED = "PagerDuty's certificate cannot be trusted. An operator must check the proxy and REQUESTS_CA_BUNDLE."
NO_PROXY = "The proxy does not lead to PagerDuty. An operator must check HTTPS_PROXY and NO_PROXY."

session = requests.Session()  # pooled connections for the whole process; it never repeats a request
session.mount("https://", TimedAdapter())
session.mount("http://", TimedAdapter())


def exchange(request: requests.PreparedRequest, *, until: float, patience: float) -> tuple[requests.Response, str]:
    """Send it, once, and read the whole answer. Raises Unavailable, which says whether it may have been heard."""
    this, url = Exchange(until, patience), request.url or ""
    # The environment may name a proxy, and the certificates to trust.
    environment: Any = session.merge_environment_settings(url, {}, None, None, None)
    token = current.set(this)
    try:
        with session.send(request, **environment | {"stream": True, "allow_redirects": False}) as answer:
            return answer, read(answer)
    except BROKEN as error:
        # The reason, because the text of requests' own error contains the whole address.
        reason = getattr(next(iter(error.args), None), "reason", None) or error
        is_proxied = select_proxy(url, environment["proxies"]) is not None
        raise no_answer(this, error, is_proxied=is_proxied) from reason
    finally:
        current.reset(token)


def read(answer: requests.Response) -> str:
    content = bytearray()
    while chunk := answer.raw.read1(65_536, decode_content=True):
        content += chunk
        if len(content) > ANSWER_LIMIT:
            raise requests.exceptions.ContentDecodingError
    return content.decode("utf-8", "replace")


def no_answer(this: Exchange, error: Exception, *, is_proxied: bool) -> Unavailable:
    """The problem that an exchange without an answer means."""
    if this.is_sent:
        late = f"PagerDuty did not answer within {this.patience:.0f} s."
        return Unavailable(late if this.is_over else "The connection to PagerDuty broke before it answered.")
    # A plain OSError says that REQUESTS_CA_BUNDLE names nothing.
    if isinstance(error, requests.exceptions.SSLError) or type(error) is OSError:
        return Unavailable(UNTRUSTED, is_sent=False)
    if is_proxied:
        return Unavailable(NO_PROXY, is_sent=False)
    is_late = this.is_over or isinstance(error, requests.Timeout)
    sentence = "PagerDuty could not be reached in time." if is_late else "PagerDuty could not be reached."
    return Unavailable(sentence, is_sent=False)
