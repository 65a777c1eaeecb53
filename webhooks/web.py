"""The web application: receiver, images, pages, metrics, two probes; the one table that turns errors into answers."""

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from flask import Blueprint, Flask, Response, jsonify, make_response, request
from werkzeug.exceptions import HTTPException

from store.contract import EventLog
from store.errors import CrowdhookError, StoreBusy, StoreFull, StoreSlow
from store.media import Media
from webhooks.access import LoopbackOnly, PasswordNeeded, TooManyWrong, guard
from webhooks.appender import GroupCommit
from webhooks.media import CannotPresign, Presign, TooManyDownloads, media
from webhooks.metrics import metrics
from webhooks.notification import BadNotification
from webhooks.pages import not_found_page, pages
from webhooks.receiver import BodyIncomplete, BodyTooLarge, NotJson, receiver
from webhooks.signature import BadSignature

logger = logging.getLogger(__name__)

LEAST_FREE_BYTES = 200 * 2**20  # below this the database has no room left to tidy up in


class DiskNearlyFull(CrowdhookError):
    """Less than 200 MiB are free where the database is: make room."""

    temporary = True


@dataclass(frozen=True, slots=True)
class Answer:
    """What an error is to an HTTP client: the same for every error of a kind."""

    status: int
    code: str
    headers: Mapping[str, str] = field(default_factory=dict)


_LATER = {"Retry-After": "5"}
_LOGIN = {"WWW-Authenticate": 'Basic realm="Crowdhook", charset="UTF-8"'}

ANSWERS: Mapping[type[CrowdhookError], Answer] = {
    BadSignature: Answer(401, "bad_signature"),
    BadNotification: Answer(400, "bad_notification"),
    BodyIncomplete: Answer(400, "body_incomplete"),
    BodyTooLarge: Answer(413, "body_too_large"),
    NotJson: Answer(415, "not_json"),
    PasswordNeeded: Answer(401, "password_needed", _LOGIN),
    TooManyWrong: Answer(429, "too_many_wrong", {"Retry-After": "60"}),
    LoopbackOnly: Answer(403, "loopback_only"),
    StoreBusy: Answer(503, "store_busy", _LATER),
    StoreFull: Answer(503, "store_full", _LATER),
    StoreSlow: Answer(503, "store_slow", _LATER),
    DiskNearlyFull: Answer(503, "disk_nearly_full", _LATER),
    CannotPresign: Answer(503, "cannot_presign", _LATER),
    TooManyDownloads: Answer(503, "too_many_downloads", {"Retry-After": "1"}),
}
_FAILED = Answer(500, "failed")

_CONTENT_SECURITY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": _CONTENT_SECURITY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def _no_storage(media: Media, method: str) -> str:
    raise CannotPresign("(this application has no storage)")


def create_app(
    log: EventLog,
    *,
    secrets: Callable[[str], Sequence[str]],
    page_password: str | None,
    free_bytes: Callable[[], int],
    machine_clock: Callable[[], float],
    platform_clock: Callable[[], float],
    presign: Presign = _no_storage,
) -> Flask:
    """Return the WSGI application over a log.

    `secrets` gives the live secrets of a tag, none for an unknown one. `free_bytes` tells how much room is left where
    the log is kept. The clocks give UNIX seconds. `presign` gives fresh addresses of uploaded images.
    """
    app = Flask(__name__, static_folder=None)
    app.url_map.merge_slashes = False  # a sender does not follow redirects
    appender = GroupCommit(log)
    app.register_blueprint(receiver(appender, secrets, platform_clock))
    app.register_blueprint(media(log, presign))
    check = guard(page_password, machine_clock)
    app.register_blueprint(pages(log, check, machine_clock, platform_clock))
    app.register_blueprint(metrics(log, check, free_bytes, machine_clock, platform_clock))
    app.register_blueprint(_probes(log, appender, free_bytes, platform_clock))
    app.register_error_handler(CrowdhookError, _answer)
    app.register_error_handler(HTTPException, _http_answer)
    app.after_request(_with_headers)
    return app


def _probes(
    log: EventLog, appender: GroupCommit, free_bytes: Callable[[], int], platform_clock: Callable[[], float]
) -> Blueprint:
    blueprint = Blueprint("probes", __name__)

    @blueprint.get("/healthz")
    def healthz() -> dict[str, str]:
        """Answer: the process lives."""
        return {"status": "alive"}

    @blueprint.get("/readyz")
    def readyz() -> dict[str, str]:
        """Answer whether a notification could be stored now: readable, writable, and room left."""
        log.workload(platform_clock())
        appender.submit(b"", [])
        if free_bytes() < LEAST_FREE_BYTES:
            raise DiskNearlyFull
        return {"status": "ready"}

    return blueprint


def _answer(error: CrowdhookError) -> Response:
    """Answer an error with its kind's constant JSON; nothing that was sent is repeated."""
    answer = ANSWERS.get(type(error), _FAILED)
    if answer is _FAILED:
        logger.error("a request failed", exc_info=error)
    return _json(answer.status, answer.code, _summary(type(error)), answer.headers)


def _summary(kind: type[Exception]) -> str:
    return (kind.__doc__ or "").strip()


def _http_answer(error: HTTPException) -> Response:
    """Answer what the framework refuses: a page for people who look for one, JSON for programs."""
    status, name = error.code or 500, error.name
    if status == 404 and not request.path.startswith(("/webhooks/", "/media/")):
        return make_response(not_found_page(), 404)
    kept = {key: value for key, value in error.get_headers() if key in {"Allow", "Retry-After", "Content-Range"}}
    return _json(status, re.sub(r"\W+", "_", name).lower(), name, kept)


def _json(status: int, code: str, message: str, headers: Mapping[str, str]) -> Response:
    response = jsonify(error=code, message=message)
    response.status_code = status
    response.headers.update(headers)
    return response


def _with_headers(response: Response) -> Response:
    """Give every answer the headers that keep it harmless; images, which other sites show, have some of their own."""
    own = set(response.headers.keys()) if request.blueprint == "media" else set()
    response.headers.update({name: value for name, value in HEADERS.items() if name not in own})
    return response
