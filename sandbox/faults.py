"""The ways in which a call can fail, for tests and demos: queued for one call each, or at random."""

import random
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from typing import Any

from sandbox.api.errors import Refusal, access_denied, invalid, missing_ability, missing_scopes, refusal
from sandbox.api.messages import Answer

GATEWAY = (
    b"<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n"
    b"<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
)

# Whether the call takes effect although its answer is lost, late, cut, replaced or untrue.
WITH_EFFECT = {
    *("drop after", "late", "429 after", "500 after", "502 after", "409 after", "in use after", "cut off", "garbage"),
    *("slow body", "drip headers", "continue", "half surrogate", "nul", "wrong types"),
    *("other service", "other key", "filter ignored", "other rows", "empty list"),
}
WITHOUT_EFFECT = {
    *("drop before", "late before", "429", "429 bare", "500", "502", "503", "409", "in use"),
    *("408", "401", "401 json", "403", "403 denied", "402", "redirect"),
    *("other service before", "other key before"),
}
KINDS = WITH_EFFECT | WITHOUT_EFFECT
HANG_UP = {"drop before", "drop after", "late before"}
LATE = {"late", "late before"}
PACED = {"drip headers", "continue"}


@dataclass
class Fault:
    """One call fails: the next one that matches `call`, e.g. "POST /incidents", "GET /incidents/*" or "*".

    "drop before", "late before", "cut off" and the like end the connection. `seconds` is how long the late ones wait,
    how long "slow body" takes, how long a "429" tells the caller to wait, and the time from line to line of
    "drip headers" and from one "100 Continue" to the next. `api/lies.py` says what is untrue in the others' answers.
    """

    kind: str
    call: str = "POST /incidents"
    seconds: float = 1.0

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"no fault is called {self.kind!r}; the kinds are {', '.join(sorted(KINDS))}")

    @property
    def takes_effect(self) -> bool:
        return self.kind in WITH_EFFECT

    def matches(self, method: str, path: str) -> bool:
        """ "GET /incidents" is the list alone, "GET /incidents/" everything below it; "*" matches anything."""
        wanted_method, _, wanted_path = self.call.partition(" ")
        if not wanted_path:
            return self.call in {"*", method}
        if wanted_path.endswith("/"):
            wanted_path += "*"
        return wanted_method in {"*", method} and fnmatchcase(path, wanted_path)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


class Chaos:
    """Makes a share of all calls fail, each in one of several ways. The same seed fails the same calls.

    `pace` is the time from one sign of life to the next where an answer comes line by line, in seconds.
    """

    def __init__(self, share: float, kinds: list[str], seconds: float, seed: int, pace: float = 0.2) -> None:
        self.share = share
        self._faults = [Fault(kind, "*", pace if kind in PACED else seconds) for kind in kinds]
        self._dice = random.Random(seed)

    def next(self) -> Fault | None:
        return self._dice.choice(self._faults) if self._faults and self._dice.random() < self.share else None


def fault_answer(fault: Fault) -> Answer | None:
    """What is answered instead; None if the true answer is sent, only late, slowly or in part."""
    kind = fault.kind.removesuffix(" after")
    if kind == "502":
        return Answer(status=502, raw=GATEWAY, content_type="text/html")
    if kind in {"503", "401"}:
        return Answer(status=int(kind), raw=b"", content_type="text/html; charset=utf-8")
    if kind == "429 bare":
        return Answer(status=429, raw=b"Too many requests", content_type="text/plain")
    if kind == "garbage":
        return Answer(
            raw=b"<!doctype html><title>Welcome</title><p>Log in to the guest network", content_type="application/json"
        )
    if kind == "redirect":
        return Answer(
            status=302, raw=b"", headers={"location": "https://elsewhere.example/login"}, content_type="text/html"
        )
    refused = _REFUSALS.get(kind)
    return Answer(refused.body, refused.status) if refused else None


_REFUSALS: dict[str, Refusal] = {
    "429": refusal(429, 2020, "Rate Limit Exceeded"),
    "500": refusal(500, 2000, "An internal error has occurred. PagerDuty team has been notified."),
    # An incident key that is in use, in other words than those of `errors.DUPLICATE`.
    "409": refusal(409, 2001, "Conflict", "An open incident already uses this incident key"),
    "in use": invalid("Incident key is already in use."),
    "408": refusal(408, 2016, "The request took too long to process"),
    "401 json": refusal(401, 2006, "Authentication failed"),
    "403": missing_scopes("incidents.write", "services.read users.read"),
    "403 denied": access_denied(),
    "402": missing_ability(),
}
