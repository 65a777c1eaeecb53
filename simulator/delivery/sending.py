"""One envelope over the wire: written, signed, posted on a connection that stays open, and what came of it."""

import http.client
import json
import socket
import ssl
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from simulator.elements.clock import iso
from simulator.records.notices import Notice
from webhooks.signature import HEADER, sign

HUNG_UP = (ConnectionError, ssl.SSLEOFError, ssl.SSLZeroReturnError)
"""What is raised on a connection that the other side has closed."""


@dataclass(frozen=True, slots=True, order=True)
class Way:
    """How an envelope goes: signed with another secret, half of its body missing, its dates `skew` seconds ahead."""

    wrongly_signed: bool = False
    truncated: bool = False
    skew: float = 0.0


STRAIGHT = Way()


@dataclass(frozen=True, slots=True)
class _Request:
    """What is posted, and when (time.monotonic()) it is given up."""

    address: SplitResult
    headers: dict[str, str]
    body: bytes
    truncated: bool
    deadline: float


class Sender:
    """Posts envelopes on connections that stay open; `clock` is machine time in epoch seconds; thread-safe.

    One is given up when `timeout` machine seconds have passed since it was begun, however much of an answer came.
    """

    def __init__(self, clock: Callable[[], float], timeout: float) -> None:
        self._clock, self._timeout = clock, timeout
        self._lock = threading.Lock()
        self._kept: defaultdict[tuple[str, str], list[http.client.HTTPConnection]] = defaultdict(list)
        self._in_use: set[socket.socket] = set()
        self._closed = False

    def post(self, notices: Sequence[Notice], way: Way = STRAIGHT) -> int:
        """Send these (one address, one secret) as one envelope and return the HTTP status.

        Raises OSError for whatever is wrong with the address, the connection or the answer; what is truncated is never
        answered: an OSError, too.
        """
        body = envelope(notices, way.skew)
        headers = {"Content-Type": "application/json"}
        if notices[0].secret:
            secret = f"not {notices[0].secret}" if way.wrongly_signed else notices[0].secret
            headers[HEADER] = sign(secret, body, int((self._clock() + way.skew) * 1000))
        if way.truncated:
            headers["Content-Length"], body = str(len(body)), body[: len(body) // 2]
        deadline = time.monotonic() + self._timeout
        try:
            return self._posted(_Request(urlsplit(notices[0].url), headers, body, way.truncated, deadline))
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise OSError(f"{notices[0].url}: {error!r}") from error

    def _posted(self, request: _Request) -> int:
        """The status of the answer. A kept connection that the receiver has closed meanwhile is no attempt."""
        kept = None if request.truncated else self._taken(request.address)
        if kept:
            with suppress(*HUNG_UP):
                return self._exchanged(kept, request)
        kind = http.client.HTTPSConnection if request.address.scheme == "https" else http.client.HTTPConnection
        left = max(0.001, request.deadline - time.monotonic())
        return self._exchanged(kind(request.address.netloc, timeout=left), request)

    def _exchanged(self, connection: http.client.HTTPConnection, request: _Request) -> int:
        with self._used(connection, request):
            address = request.address
            path = (address.path or "/") + (f"?{address.query}" if address.query else "")
            connection.request("POST", path, request.body, request.headers)
            if request.truncated:
                raise ConnectionAbortedError("broken off")
            with connection.getresponse() as response:
                try:
                    response.read()
                except HUNG_UP as error:
                    raise http.client.IncompleteRead(b"") from error
                return response.status

    @contextmanager
    def _used(self, connection: http.client.HTTPConnection, request: _Request) -> Iterator[None]:
        """Connect, watch over the time, and keep the connection afterwards if nothing went wrong."""
        try:
            if connection.sock is None:
                connection.connect()
            with self._in_sight(connection.sock), _until(request.deadline, connection.sock):
                yield
        except BaseException:
            connection.close()
            raise
        with self._lock:
            if connection.sock is None or self._closed:
                connection.close()
            else:
                self._kept[request.address.scheme, request.address.netloc].append(connection)

    @contextmanager
    def _in_sight(self, line: socket.socket) -> Iterator[None]:
        """Let `close` break this off."""
        with self._lock:
            if self._closed:
                raise OSError("stopped")
            self._in_use.add(line)
        try:
            yield
        finally:
            with self._lock:
                self._in_use.discard(line)

    def _taken(self, address: SplitResult) -> http.client.HTTPConnection | None:
        with self._lock:
            kept = self._kept[address.scheme, address.netloc]
            return kept.pop() if kept else None

    def close(self) -> None:
        """Close every connection; what is still being posted fails."""
        with self._lock:
            self._closed = True
            for line in self._in_use:
                _break_off(line)
            for connections in self._kept.values():
                for connection in connections:
                    connection.close()


@contextmanager
def _until(deadline: float, line: socket.socket) -> Iterator[None]:
    """Break a connection off at a deadline, whatever it is doing: a TimeoutError."""
    late = threading.Event()

    def end() -> None:
        late.set()
        _break_off(line)

    watch = threading.Timer(deadline - time.monotonic(), end)
    watch.daemon = True
    watch.start()
    try:
        yield
    except (OSError, http.client.HTTPException) as error:
        if late.is_set():
            raise TimeoutError("timed out") from error
        raise
    finally:
        watch.cancel()
    if late.is_set():
        raise TimeoutError("timed out")


def _break_off(line: socket.socket) -> None:
    """End a connection that another thread waits for."""
    with suppress(OSError):
        socket.socket.shutdown(line, socket.SHUT_RDWR)


def envelope(notices: Sequence[Notice], skew: float = 0.0) -> bytes:
    """The raw body of a request that carries these notifications, dated so many seconds too late."""
    dated = [{"event_time": iso(notice.at + skew)} if skew else {} for notice in notices]
    events = [notice.body | date for notice, date in zip(notices, dated, strict=True)]
    return json.dumps({"events": events}, separators=(",", ":")).encode()
