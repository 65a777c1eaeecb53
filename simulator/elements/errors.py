"""What the API refuses, in Toloka's words."""

from typing import Any

Flaw = dict[str, Any]
"""What is wrong with one field: {"code", "message", "params"?}."""


class Refused(Exception):
    """A request that the API answers with an error; `str` of it is the message."""

    def __init__(self, status: int, code: str, message: str, payload: Any = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.payload = payload


def flaw(code: str, message: str, **params: Any) -> Flaw:
    """One field's flaw; `params` are the bounds it broke."""
    return {"code": code, "message": message} | ({"params": params} if params else {})


def required() -> Flaw:
    """The flaw of a field that is missing."""
    return flaw("VALUE_REQUIRED", "May not be empty")


def not_allowed(message: str = "Unknown field") -> Flaw:
    """The flaw of a field or value that has no place here."""
    return flaw("VALUE_NOT_ALLOWED", message)


def invalid(payload: Any) -> Refused:
    """400 VALIDATION_ERROR: flaws by field path, in a batch by index and field path."""
    return Refused(400, "VALIDATION_ERROR", "Validation failed", payload)


def refuse(flaws: dict[str, Flaw]) -> None:
    """Raise VALIDATION_ERROR if there is any flaw."""
    if flaws:
        raise invalid(flaws)


def missing(what: str, identity: str) -> Refused:
    """404 DOES_NOT_EXIST: no object of this kind has this id."""
    return Refused(404, "DOES_NOT_EXIST", f"{what} {identity} does not exist")


def conflict(code: str, message: str, payload: Any = None) -> Refused:
    """409: the request is well formed but the object is not in a state for it."""
    return Refused(409, code, message, payload)


def wrong_status(message: str, *appropriate: str) -> Refused:
    """409 INAPPROPRIATE_STATUS: these statuses would do."""
    return conflict("INAPPROPRIATE_STATUS", message, {"appropriate_statuses": list(appropriate)})
