"""Images for performers' browsers: registered files, and ways to uploaded ones, at addresses that nobody can guess."""

import hashlib
import os
import stat
import threading
from collections.abc import Callable, Mapping
from io import FileIO
from typing import BinaryIO, cast

from flask import Blueprint, Response, abort, make_response, redirect, request
from werkzeug.exceptions import RequestedRangeNotSatisfiable
from werkzeug.wsgi import wrap_file

from store.contract import EventLog
from store.errors import CrowdhookError
from store.media import Media
from webhooks.receiver import Tally

Presign = Callable[[Media, str], str]  # (image, "GET" or "HEAD") -> address that works for an hour

MOST_AT_ONCE = 48  # downloads by one process; its other threads stay free for notifications
HEADERS: Mapping[str, str] = {
    "Access-Control-Allow-Origin": "*",  # Toloka's annotation field draws them on a canvas
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
}
UNCHANGING = "public, max-age=31536000, immutable"
FRESH = "public, max-age=300"  # seconds that a way may be kept; what it leads to works for much longer


class CannotPresign(CrowdhookError):
    """The way to this image cannot be signed now: are the storage's credentials there?"""

    temporary = True


class TooManyDownloads(CrowdhookError):
    """Too many images are being sent at this moment; ask again."""

    temporary = True


def media(log: EventLog, presign: Presign) -> Blueprint:
    """Return `GET /media/<token><ext>`: the file or, once it is uploaded, 302 to a fresh address of its object."""
    blueprint = Blueprint("media", __name__)
    blueprint.after_request(_with_headers)
    downloads = threading.BoundedSemaphore(MOST_AT_ONCE)
    gone = Tally("images not shown: the file is gone, or is not what it was when it was registered")
    refused = Tally("images not sent: too many downloads at once, let a caching proxy stand in front")
    unsigned = Tally("images not shown: no way to the storage could be signed")

    @blueprint.get("/media/<name>")
    def image(name: str) -> Response:
        """Show one image; what is not registered under exactly this name is not there."""
        found = log.media(name.partition(".")[0])
        if found is None or found.name != name:
            abort(404)
        return _way(found) if found.uploaded else _content(found)

    def _way(found: Media) -> Response:
        try:
            response = make_response(redirect(presign(found, request.method)))
        except CannotPresign as error:
            unsigned.add(reason=error.detail)
            raise
        response.headers["Cache-Control"] = FRESH
        return response

    def _content(found: Media) -> Response:
        if not downloads.acquire(blocking=False):
            refused.add()
            raise TooManyDownloads
        file = _opened(found, downloads.release)
        if file is None:
            gone.add(path=found.path)
            abort(404)
        return _sent(found, file)

    return blueprint


class _Download(FileIO):
    """A file that is being sent; closing it ends the download."""

    def __init__(self, path: os.PathLike[str], ended: Callable[[], None]) -> None:
        self._ended: Callable[[], None] | None = None
        super().__init__(os.fspath(path), opener=lambda name, flags: os.open(name, flags | os.O_NOFOLLOW))
        self._ended = ended

    def close(self) -> None:
        """Close it; the first time, tell that the download has ended."""
        super().close()
        if self._ended is not None:
            ended, self._ended = self._ended, None
            ended()


def _opened(media: Media, ended: Callable[[], None]) -> _Download | None:
    """Open an image's file if it still is what was registered; `ended` is called once, now or when it is closed."""
    try:
        file = _Download(media.path, ended)
    except OSError:
        ended()
        return None
    if _is_still(media, file):
        return file
    file.close()
    return None


def _is_still(media: Media, file: FileIO) -> bool:
    """Tell whether a file has the size, and the time or else the content, of what was registered."""
    now = os.fstat(file.fileno())
    if not stat.S_ISREG(now.st_mode) or now.st_size != media.bytes:
        return False
    if now.st_mtime_ns == media.mtime_ns:
        return True
    same = hashlib.file_digest(file, "sha256").hexdigest() == media.sha256
    file.seek(0)
    return same


def _sent(media: Media, file: FileIO) -> Response:
    response = Response(
        wrap_file(request.environ, cast(BinaryIO, file)), mimetype=media.content_type, direct_passthrough=True
    )
    response.content_length = media.bytes
    response.headers["Cache-Control"] = UNCHANGING
    response.set_etag(media.sha256)
    try:
        return cast(Response, response.make_conditional(request, accept_ranges=True, complete_length=media.bytes))
    except RequestedRangeNotSatisfiable:
        file.close()
        raise


def _with_headers(response: Response) -> Response:
    response.headers.update(HEADERS)
    return response
