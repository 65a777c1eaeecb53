"""What is asked of every request to the API, whatever it is about: who sends it, and in which form."""

from flask import request
from werkzeug.exceptions import HTTPException

from simulator.elements.errors import Refused

LARGEST = 2**26
"""The most bytes that a request may have."""
RAW = ("/download", "/assignments.tsv")
"""Ends of the paths that are answered with something else than JSON."""
CODES = {404: "NOT_FOUND", 413: "ENTITY_TOO_LARGE"}


READ = ("accept", "content-type")
"""Headers that decide, besides the key, whether a request is answered."""


def let_in(authorization: str, token: str | None) -> bool:
    """Whether a header holds the right token; any will do when there is none."""
    scheme, _, key = authorization.partition(" ")
    return scheme in ("OAuth", "ApiKey") and bool(key) and key == (token or key)


def admit(token: str | None) -> None:
    """Refuse a request without the right token (any will do when there is none), or that speaks anything but JSON.

    An account that it wants to act under (X-Act-Under-Account-ID) has always given its leave.
    """
    if not let_in(request.headers.get("Authorization", ""), token):
        raise Refused(401, "AUTHENTICATION_ERROR", "Authentication failed")
    accepted = request.accept_mimetypes
    if accepted and not accepted.accept_json and not request.path.endswith(RAW):
        raise Refused(406, "NOT_ACCEPTABLE", "Answers are application/json")
    if request.content_length and request.mimetype and not request.is_json:
        raise Refused(415, "UNSUPPORTED_MEDIA_TYPE", f"{request.mimetype} is not application/json")


def refused(error: HTTPException) -> Refused:
    """An error of HTTP itself, such as an unknown path or method, as the API tells it."""
    status, name = error.code or 500, error.name or "error"
    code = CODES.get(status, name.upper().replace(" ", "_"))
    return Refused(status, code, error.description or code)
