"""One envelope over the wire: written, signed, posted on a connection that stays open, and what came of it."""

import http.client
import json
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from simulator.elements.clock import iso
from simulator.records.notices import Notice
from webhooks.signature import HEADER, sign


@dataclass(frozen=True, slots=True, order=True)
class Way:
    """How an envelope goes: signed with another secret, half of its body missing, its dates `skew` seconds ahead."""

    wrongly_signed: bool = False
    truncated: bool = False
    skew: float = 0.0


STRAIGHT = Way()


class Sender:
    """Posts envelopes; every thread keeps its own connections. `clock` is machine time in epoch seconds."""

    def __init__(self, clock: Callable[[], float], timeout: float) -> None:
        self._clock, self._timeout = clock, timeout
        self._own = threading.local()
        self._lock = threading.Lock()
        self._all: list[http.client.HTTPConnection] = []

    def post(self, notices: Sequence[Notice], way: Way = STRAIGHT) -> int:
        """Send these (one address, one secret) as one envelope and return the HTTP status; raises OSError.

        What is truncated is never answered: an OSError, too.
        """
        body = envelope(notices, way.skew)
        headers = {"Content-Type": "application/json"}
        if notices[0].secret:
            secret = f"not {notices[0].secret}" if way.wrongly_signed else notices[0].secret
            headers[HEADER] = sign(secret, body, int((self._clock() + way.skew) * 1000))
        if way.truncated:
            headers["Content-Length"], body = str(len(body)), body[: len(body) // 2]
        address = urlsplit(notices[0].url)
        connection = self._connection(address.scheme, address.netloc)
        path = address.path or "/"
        try:
            connection.request("POST", path + (f"?{address.query}" if address.query else ""), body, headers)
            if way.truncated:
                raise ConnectionAbortedError("broken off")
            response = connection.getresponse()
            response.read()
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            raise OSError(f"{notices[0].url}: {error!r}") from error
        return response.status

    def _connection(self, scheme: str, netloc: str) -> http.client.HTTPConnection:
        kept: dict[str, http.client.HTTPConnection] = self._own.__dict__.setdefault("kept", {})
        if netloc not in kept:
            kind = http.client.HTTPSConnection if scheme == "https" else http.client.HTTPConnection
            kept[netloc] = kind(netloc, timeout=self._timeout)
            with self._lock:
                self._all.append(kept[netloc])
        return kept[netloc]

    def close(self) -> None:
        """Close every connection; call it when no thread posts any more."""
        with self._lock:
            for connection in self._all:
                connection.close()


def envelope(notices: Sequence[Notice], skew: float = 0.0) -> bytes:
    """The raw body of a request that carries these notifications, dated so many seconds too late."""
    dated = [{"event_time": iso(notice.at + skew)} if skew else {} for notice in notices]
    events = [notice.body | date for notice, date in zip(notices, dated, strict=True)]
    return json.dumps({"events": events}, separators=(",", ":")).encode()
