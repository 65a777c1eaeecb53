"""A threaded HTTP/1.1 server that keeps connections open, for a WSGI application."""

import io
import logging
import socket
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from werkzeug.test import run_wsgi_app

from simulator.faults import Faults, LostAnswers

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

logger = logging.getLogger(__name__)
HOST = "127.0.0.1"
NO_FAULTS = LostAnswers()


class Handler(BaseHTTPRequestHandler):
    """One connection: each request is given to the WSGI application and answered in one write."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: "Server"

    def handle_any(self) -> None:
        """Answer one request."""
        number, words = self.server.next_number(), f"{self.command} {self.path}"
        environ = self._environ()
        self.server.faults.before(number, words)
        parts, status, headers = run_wsgi_app(self.server.app, environ, buffered=True)
        if self.server.faults.loses_answer(number, words):
            self.close_connection = True
            return
        self._answer(int(status.split(" ", 1)[0]), list(headers), b"".join(parts))

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = handle_any

    def handle_expect_100(self) -> bool:
        """Tell a client that asks first that it may send its body; answers are buffered, this one must not wait."""
        expected = super().handle_expect_100()
        self.wfile.flush()
        return expected

    def _answer(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers:
            self.send_header(name, value)
        if "content-length" not in {name.lower() for name, _ in headers}:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _environ(self) -> dict[str, Any]:
        path, _, query = self.path.partition("?")
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        environ = {
            "REQUEST_METHOD": self.command,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote(path, "latin-1"),
            "QUERY_STRING": query,
            "SERVER_NAME": HOST,
            "SERVER_PORT": str(self.server.server_address[1]),
            "SERVER_PROTOCOL": self.request_version,
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        headers = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in self.headers.items()}
        return headers | environ

    def log_message(self, format: str, *args: Any) -> None:
        """Requests are counted and not logged."""


class Server(ThreadingHTTPServer):
    """A thread for each connection; all connections are closed when the server is."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, app: "WSGIApplication", faults: Faults = NO_FAULTS) -> None:
        super().__init__((HOST, port), Handler)
        self.app, self.faults = app, faults
        self.numbers = count(1)
        self._lock = threading.Lock()
        self._connections: set[socket.socket] = set()

    def next_number(self) -> int:
        """Count one more request."""
        with self._lock:
            return next(self.numbers)

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
        with self._lock:
            for connection in self._connections:
                connection.shutdown(socket.SHUT_RDWR)
