"""Who is calling: the tokens of the account and what each may do.

Source: PagerDuty, "Authentication" and "Scoped OAuth".
"""

from dataclasses import dataclass

TOKEN = "sandbox-full-acc-key"  # noqa: S105  (opens nothing but the sandbox)
READ_ONLY_TOKEN = "sandbox-readonly-key"  # noqa: S105  (opens nothing but the sandbox)
USER_TOKEN = "sandbox-ada-user-key"  # noqa: S105  (opens nothing but the sandbox)
SCOPED_TOKEN = "pdus+_0SANDBOX_dfd3c718-4a46-400d-a8ec-45bab1fd417e"  # noqa: S105

READS = (
    "abilities.read custom_fields.read escalation_policies.read incident_types.read incidents.read oncalls.read "
    "priorities.read schedules.read services.read teams.read users.read"
)


@dataclass(frozen=True)
class Caller:
    """What a token stands for. `scopes` is None for keys, which have none; `email` is set for a person's own key."""

    token: str
    may_write: bool = True
    scopes: frozenset[str] | None = None
    email: str | None = None

    @property
    def needs_from(self) -> bool:
        """An account's key belongs to nobody in particular, so each write must name a person."""
        return self.email is None and self.scopes is None


CALLERS = {
    f"Token token={TOKEN}": Caller(TOKEN),
    f"Token token={READ_ONLY_TOKEN}": Caller(READ_ONLY_TOKEN, may_write=False),
    f"Token token={USER_TOKEN}": Caller(USER_TOKEN, email="ada@example.com"),
    f"Bearer {SCOPED_TOKEN}": Caller(SCOPED_TOKEN, scopes=frozenset(READS.split())),
}


def caller_of(authorization: str | None, *, any_token: bool) -> Caller | None:
    """The caller, or None if the header is missing or is not a token of the account."""
    header = (authorization or "").strip()
    if any_token:
        kind, _, token = header.partition(" ")
        secret = token.removeprefix("token=").strip()
        return Caller(secret) if kind in {"Token", "Bearer"} and secret else None
    return CALLERS.get(header)
