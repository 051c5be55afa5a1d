"""The sandbox as a server: what tests hold in their hands, on a port of its own."""

import threading
from collections import Counter
from typing import Self

from sandbox.access import caller_of
from sandbox.errors import Refusal, not_found, rate_limited, unauthorized
from sandbox.faults import Chaos, Fault, answer_of
from sandbox.paging import catch_up
from sandbox.routes import RateLimits, check_rights, limit_headers, route_of
from sandbox.transport import Server
from sandbox.wire import Answer, Call, Request
from sandbox.world import World


class Sandbox(World):
    """A PagerDuty account that answers on 127.0.0.1. `port=0` takes any free one; `url` says which.

    `account`, `incidents`, `clock`: see `World`. `requests` are the API calls so far, in order. `faults` are the ways
    in which calls to come will fail, in order; each is used up by the next call that it matches.
    """

    def __init__(
        self,
        port: int = 0,
        *,
        rehearsal: bool = False,
        services: int | None = None,
        people: int | None = None,
        policies: int | None = None,
        speed: float = 1.0,
    ) -> None:
        super().__init__(rehearsal=rehearsal, services=services, people=people, policies=policies, speed=speed)
        self.requests: list[Request] = []
        self.faults: list[Fault] = []
        self.chaos: Chaos | None = None
        self.rate_limits = False
        self._limits = RateLimits()
        self._server = Server(port, self)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.005}, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> Self:
        """Serve in the background until `stop`."""
        return self.__enter__()

    def stop(self) -> None:
        """End at once, and every open connection with it."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join(timeout=5)
        self._server.close()

    def reset(self) -> None:
        """Begin again: the same account, nothing queued, nothing remembered."""
        with self.lock:
            super().reset()
            self.faults, self.chaos = [], None
            self.requests.clear()

    def counts(self) -> dict[str, int]:
        """How often each call was made, by method and path."""
        return dict(Counter(f"{request.method} {request.path}" for request in self.requests))

    def answer(self, request: Request) -> tuple[Answer, Fault | None]:
        """Answer an API call. The order of the checks: path, token, fault, rate, rights, then the call's own."""
        with self.lock:
            self.requests.append(request)
            headers: dict[str, str] = {}
            fault = None
            try:
                found = route_of(request)
                if found is None:
                    raise not_found()
                caller = caller_of(request.headers.get("Authorization"), any_token=self.rehearsal)
                if caller is None:
                    raise unauthorized()
                route, args = found
                fault = self._next_fault(request)
                headers, is_kept = self._limits.count(self, caller, route.limit)
                if fault and not fault.takes_effect:
                    return self._broken(fault, Answer(), headers), fault
                if self.rate_limits and not is_kept:
                    raise rate_limited()
                check_rights(route, caller)
                catch_up(self)
                answer = route.handler(self, Call(request, caller, args))
                content = answer.content()
            except Refusal as refused:
                answer = _refused(refused)
                content = answer.content()
            answer.raw, answer.headers = content, {**headers, **answer.headers}
            return (self._broken(fault, answer, headers), fault) if fault else (answer, None)

    def _next_fault(self, request: Request) -> Fault | None:
        for fault in self.faults:
            if fault.matches(request.method, request.path):
                self.faults.remove(fault)
                return fault
        return self.chaos.next() if self.chaos else None

    def _broken(self, fault: Fault, answer: Answer, headers: dict[str, str]) -> Answer:
        """The answer that a fault sends in place of the true one, or the true one."""
        instead = answer_of(fault)
        if instead is None:
            return answer
        if fault.kind == "429":
            headers = limit_headers(int(headers["ratelimit-limit"]), 0, fault.seconds)
        elif fault.kind == "429 bare":
            headers = {}
        instead.headers = {**headers, **instead.headers}
        return instead


def _refused(refused: Refusal) -> Answer:
    """A wrong token gets an empty page, all else JSON."""
    if refused.body is None:
        return Answer(status=refused.status, raw=b"", content_type="text/html; charset=utf-8")
    return Answer(refused.body, refused.status)
