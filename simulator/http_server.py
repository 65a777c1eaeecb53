"""A threaded HTTP/1.1 server that keeps connections open, for a WSGI application."""

import io
import logging
import re
import socket
import struct
import sys
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from werkzeug.test import run_wsgi_app

from simulator.api.protocol import LARGEST
from simulator.elements.errors import flaw
from simulator.records.asked import NOTES, PLAIN, Answered, Around, Asked, CarryOut, Manner, refused

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

logger = logging.getLogger(__name__)
HOST = "127.0.0.1"
LENGTH = re.compile("[0-9]{1,15}")
MOST_READ_AWAY = 2**30
"""Bytes of a body that is too large, read before the connection is closed."""
SILENCE = 0.5
"""Seconds."""
IDLE = 300.0
"""Machine seconds after which a connection that nothing comes over is closed."""
PIECES = 20
"""An answer that is sent slowly comes in so many."""
ABORT = struct.pack("ii", 1, 0)
"""The socket option with which closing a connection resets it."""

NOT_HTTP = {414: (413, "ENTITY_TOO_LARGE"), 431: (413, "ENTITY_TOO_LARGE"), 501: (405, "METHOD_NOT_ALLOWED")}
"""By what the standard library says of requests that it cannot read: what is answered."""
WITHOUT_LENGTH = refused(411, "LENGTH_REQUIRED", "a body needs its Content-Length, and no Transfer-Encoding")


def straight(asked: Asked, carry_out: CarryOut) -> Answered:
    """Let the application answer."""
    return carry_out(asked)


class Handler(BaseHTTPRequestHandler):
    """One connection: each request is read, answered, and the answer sent in its manner."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: "Server"

    def setup(self) -> None:
        """Begin a connection, that is given up when nobody uses it."""
        super().setup()
        self.connection.settimeout(self.server.idle)

    def handle_any(self) -> None:
        """Answer one request."""
        length = self.headers.get("Content-Length") or "0"
        if not LENGTH.fullmatch(length) or "Transfer-Encoding" in self.headers:
            self.close_connection = True
            self._send(WITHOUT_LENGTH)
            return
        if int(length) > LARGEST:
            self.send_error(414, f"at most {LARGEST} bytes")
            self._read_away(min(int(length), MOST_READ_AWAY))
            return
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            self.close_connection = True
            return
        asked = Asked(self.command, self.path, dict(self.headers.items()), body)
        self._send(self.server.around(asked, self.server.carry_out))

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = handle_any

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Refuse what is no HTTP request, or one beyond all measure, as everything else is refused."""
        status, name = NOT_HTTP.get(code, (400, "VALIDATION_ERROR"))
        told = message or name
        self.close_connection = True
        self._send(refused(status, name, told, {"": flaw("INVALID_VALUE", told)} if status == 400 else None))

    def _read_away(self, size: int) -> None:
        """Let a client send what nobody wants, so that it comes to read why; one that falls silent is left."""
        self.wfile.flush()
        self.connection.settimeout(SILENCE)
        with suppress(TimeoutError):
            while size > 0 and (piece := self.rfile.read(min(size, 2**20))):
                size -= len(piece)

    def handle_expect_100(self) -> bool:
        """Tell a client that asks first that it may send its body; answers are buffered, this one must not wait."""
        expected = super().handle_expect_100()
        self.wfile.flush()
        return expected

    def _send(self, answered: Answered) -> None:
        manner, body = answered.manner, b"" if self.command == "HEAD" else answered.body
        if manner is PLAIN:
            self.wfile.write(self._head(answered) + body)
            return
        text = self._head(answered) + body[: int(len(body) * manner.share)] if manner.share else b""
        pieces = min(PIECES, len(text)) if manner.seconds else 0
        for at in range(pieces):
            self.wfile.write(text[len(text) * at // pieces : len(text) * (at + 1) // pieces])
            self.wfile.flush()
            self.server.ended.wait(manner.seconds / pieces)
        if not pieces:
            self.wfile.write(text)
            self.server.ended.wait(manner.seconds)
        if manner.share < 1 or manner.protocol != self.protocol_version:
            self._break_off(manner)

    def _head(self, answered: Answered) -> bytes:
        headers = answered.headers
        if "content-length" not in {name.lower() for name, _ in headers}:
            headers = [*headers, ("Content-Length", str(len(answered.body)))]
        phrase = self.responses.get(answered.status, ("",))[0]
        lines = [
            f"{answered.manner.protocol} {answered.status} {phrase}",
            *(f"{name}: {text}" for name, text in headers),
        ]
        return "\r\n".join([*lines, "", ""]).encode("latin-1")

    def _break_off(self, manner: Manner) -> None:
        self.wfile.flush()
        self.close_connection = True
        if manner.reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABORT)
            socket.close(self.connection.detach())

    def log_message(self, format: str, *args: Any) -> None:
        """Requests are written down elsewhere."""


class Server(ThreadingHTTPServer):
    """A thread for each connection; all connections are closed when the server is."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, app: "WSGIApplication", around: Around = straight, *, idle: float = IDLE) -> None:
        super().__init__((HOST, port), Handler)
        self.app, self.around, self.idle = app, around, idle
        self.ended = threading.Event()
        self._lock = threading.Lock()
        self._connections: set[socket.socket] = set()

    def carry_out(self, asked: Asked) -> Answered:
        """Have the application answer a request; what it notes below `simulator.notes` goes with the answer."""
        notes: dict[str, Any] = {}
        environ = self._environ(asked) | {NOTES: notes}
        parts, status, headers = run_wsgi_app(self.app, environ, buffered=True)
        return Answered(int(status.split(" ", 1)[0]), list(headers), b"".join(parts), notes=notes)

    def _environ(self, asked: Asked) -> dict[str, Any]:
        headers = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in asked.headers.items()}
        return headers | {
            "REQUEST_METHOD": asked.method,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote(asked.path, "latin-1"),
            "QUERY_STRING": asked.query,
            "SERVER_NAME": HOST,
            "SERVER_PORT": str(self.server_address[1]),
            "SERVER_PROTOCOL": Handler.protocol_version,
            "CONTENT_TYPE": headers.get("HTTP_CONTENT_TYPE", ""),
            "CONTENT_LENGTH": str(len(asked.body)),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(asked.body),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }

    def process_request(self, request: Any, client_address: Any) -> None:
        """Remember the connection and serve it in a thread."""
        with self._lock:
            self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Forget a connection that has ended."""
        with self._lock:
            self._connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is not an error; anything else is logged."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            logger.exception("connection failed")

    def hang_up(self) -> None:
        """End every connection that is still open."""
        self.ended.set()
        with self._lock:
            for connection in self._connections:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
