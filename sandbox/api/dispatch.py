"""Answers one API call: its checks in order, then the call itself, then the fault that is queued for it."""

from email.utils import format_datetime

from sandbox.api.access import caller_of
from sandbox.api.errors import Refusal, not_found, rate_limited, unauthorized
from sandbox.api.lies import answer_untruly, answer_without_doing, spoil_texts
from sandbox.api.messages import Answer, Call, Request
from sandbox.api.rate_limits import limit_headers
from sandbox.api.routes import check_rights, route_of
from sandbox.escalation import catch_up
from sandbox.faults import Fault, fault_answer
from sandbox.world import World


def answer_call(world: World, request: Request) -> tuple[Answer, Fault | None]:
    """The order of the checks: path, token, fault, rate limit, rights, then the call's own."""
    with world.lock:
        world.requests.append(request)
        world.has_been_called.notify_all()  # whoever waits goes on when the lock is free
        headers: dict[str, str] = {}
        fault = None
        try:
            found = route_of(request)
            if found is None:
                raise not_found()
            caller = caller_of(request.headers.get("Authorization"), any_token=world.rehearsal)
            if caller is None:
                raise unauthorized()
            route, args = found
            call, fault = Call(request, caller, args), world.next_fault(request)
            headers, is_within_limit = world.limits.count(world.clock.now(), caller, route.limit)
            if fault and not fault.takes_effect:
                return _spoilt(fault, answer_without_doing(world, call, fault.kind), headers), fault
            if world.rate_limits and not is_within_limit:
                raise rate_limited()
            check_rights(route, caller)
            catch_up(world)
            answer = answer_untruly(world, call, route.handler, fault.kind if fault else "")
            # Written out while nobody else can change the rows in it.
            answer.raw = answer.content()
        except Refusal as refused:
            answer = _refused(refused)
        answer.headers = {"date": format_datetime(world.clock.now(), usegmt=True), **headers, **answer.headers}
        return (_spoilt(fault, answer, headers) if fault else answer), fault


def _spoilt(fault: Fault, answer: Answer, headers: dict[str, str]) -> Answer:
    """What the fault answers instead, or the answer of the call where it only delays, cuts or spoils that."""
    instead = fault_answer(fault)
    if instead is None:
        answer.raw = spoil_texts(fault.kind, answer.content())
        return answer
    if fault.kind.removesuffix(" after") == "429":
        headers = limit_headers(int(headers["ratelimit-limit"]), 0, fault.seconds)
    elif fault.kind == "429 bare":
        headers = {}
    instead.headers = {**headers, **instead.headers}
    return instead


def _refused(refused: Refusal) -> Answer:
    """A wrong token gets an empty page, everything else JSON."""
    if refused.body is None:
        return Answer(status=refused.status, raw=b"", content_type="text/html; charset=utf-8")
    return Answer(refused.body, refused.status)
