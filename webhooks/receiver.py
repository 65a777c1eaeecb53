"""Where Toloka posts: read the raw body, verify, parse, store, and only then say that it is stored."""

import logging
from collections.abc import Callable, Sequence
from typing import Any

from flask import Blueprint, Request, request

from store.errors import CrowdhookError
from webhooks import notification, signature
from webhooks.appender import GroupCommit

LARGEST_BODY = 2**20  # bytes
LATE_SECONDS = 300.0

log = logging.getLogger(__name__)


class BodyTooLarge(CrowdhookError):
    """The body is larger than 1 MiB."""


class BodyIncomplete(CrowdhookError):
    """The body did not arrive as it was announced."""


class NotJson(CrowdhookError):
    """The body must be plain JSON: Content-Type application/json and no Content-Encoding."""


class Tally:
    """Counts what is worth a log line, and logs the 1st, 2nd, 4th, 8th … so that a flood cannot fill the log."""

    def __init__(self, message: str) -> None:
        self._message = message
        self._count = 0

    def add(self, **details: Any) -> None:
        """Count one more."""
        self._count += 1
        if self._count & (self._count - 1) == 0:
            log.warning(self._message, extra={"count": self._count, **details})


def receiver(
    appender: GroupCommit, secrets: Callable[[str], Sequence[str]], platform_clock: Callable[[], float]
) -> Blueprint:
    """Return `POST /webhooks/toloka/<tag>`: a tag names the secrets that may have signed what comes there."""
    blueprint = Blueprint("receiver", __name__, url_prefix="/webhooks")
    unsigned = Tally("notifications refused: no signature of ours")
    late = Tally("notifications signed more than five minutes from now: is a clock wrong?")

    @blueprint.post("/toloka/<tag>")
    def receive(tag: str) -> dict[str, Any]:
        """Store the events of one notification; what is not signed is refused before it is looked into."""
        body = read_body(request)
        try:
            ts_ms = signature.verify(request.headers.get(signature.HEADER), body, secrets(tag))
        except signature.BadSignature:
            unsigned.add()
            raise
        if abs(ts_ms / 1000 - platform_clock()) > LATE_SECONDS:
            late.add(signed_at_ms=ts_ms)
        new = appender.submit(body, notification.parse(body))
        return {"status": "stored", "events": len(new), "new": sum(new)}

    return blueprint


def read_body(request: Request) -> bytes:
    """Return a request's raw body; raises NotJson, BodyTooLarge, BodyIncomplete."""
    if request.mimetype != "application/json" or request.headers.get("Content-Encoding", "identity") != "identity":
        raise NotJson
    announced = request.content_length
    if announced is not None and announced > LARGEST_BODY:
        raise BodyTooLarge
    body = _read(request.environ["wsgi.input"], LARGEST_BODY + 1 if announced is None else announced)
    if len(body) > LARGEST_BODY:
        raise BodyTooLarge
    if announced is not None and len(body) < announced:
        raise BodyIncomplete
    return body


def _read(stream: Any, size: int) -> bytes:
    pieces: list[bytes] = []
    try:
        while size > 0 and (piece := stream.read(size)):
            pieces.append(piece)
            size -= len(piece)
    except Exception as error:  # each server has exceptions of its own for a broken body
        raise BodyIncomplete from error
    return b"".join(pieces)
