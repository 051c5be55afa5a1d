"""How PagerDuty refuses a call. Source of the texts: PagerDuty, "Errors" and "Incident Creation API"."""

from typing import Any


class Refusal(Exception):
    """An answer that is not a success. `body` is sent as JSON; None is an empty page, as for a wrong token."""

    def __init__(self, status: int, body: dict[str, Any] | None) -> None:
        super().__init__(status, body)
        self.status = status
        self.body = body


def refusal(status: int, code: int, message: str, *details: str, empty: bool = False) -> Refusal:
    """PagerDuty's envelope. Without details, their list is left out or, for some errors, sent empty."""
    error: dict[str, Any] = {"message": message, "code": code}
    if details or empty:
        error["errors"] = list(details)
    return Refusal(status, {"error": error})


def invalid(*details: str) -> Refusal:
    return refusal(400, 2001, "Invalid Input Provided", *details)


def arguments(*details: str) -> Refusal:
    return refusal(400, 2002, "Arguments Caused Error", *details)


def not_found() -> Refusal:
    return refusal(404, 2100, "Not Found")


def access_denied() -> Refusal:
    return refusal(403, 2010, "Access Denied")


def missing_ability() -> Refusal:
    return refusal(402, 2014, "Missing Account Ability")


def missing_scopes(required: str, granted: str) -> Refusal:
    """This error has neither a code nor a list of details."""
    error = {"message": "Token missing required scopes", "required_scopes": required, "token_scopes": granted}
    return Refusal(403, {"error": error})


def unauthorized() -> Refusal:
    return Refusal(401, None)


def rate_limited() -> Refusal:
    return refusal(429, 2020, "Rate Limit Exceeded")


NOT_A_HASH = "params must be a Hash"
NO_TITLE = "Title cannot be empty."
NO_SERVICE = "Service not found"
DUPLICATE = "Open incident with matching dedup key already exists on this service"
TOO_FAR = (
    "Offset+limit exceeds maximum allowed value of 10000. Please try to refine your search to reduce the returned set "
    "of records below this number, like adding a date range."
)
NO_FROM = 'You must specify a user\'s email address in the "From" header to perform this action'
MALFORMED_FROM = 'Malformed "From" header'
NO_IDENTITY = (
    "Because this request was made using an account-level access token, we were unable to determine the user's "
    "identity. Please use a user-level token."
)
