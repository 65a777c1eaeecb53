"""A proxy in front of a server: it passes requests on, except those that it answers itself."""

import http.client
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = tuple[int, bytes]
Decide = Callable[[str], Answer | None]  # "POST /path" -> what is answered; None: pass it on


class Proxy(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, port: int, decide: Decide) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.upstream, self.decide = port, decide
        self.url = f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Proxy

    def handle_any(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        status, said = self.server.decide(f"{self.command} {self.path}") or self.passed_on(body)
        self.send_response(status)
        if status != 204:
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    do_GET = do_POST = do_PUT = do_DELETE = handle_any

    def passed_on(self, body: bytes) -> Answer:
        kept = {name: value for name, value in self.headers.items() if name.lower() not in {"host", "connection"}}
        with closing(http.client.HTTPConnection("127.0.0.1", self.server.upstream, timeout=30)) as connection:
            connection.request(self.command, self.path, body, kept)
            response = connection.getresponse()
            return response.status, response.read()

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def passing(port: int, decide: Decide) -> Iterator[Proxy]:
    proxy = Proxy(port, decide)
    thread = threading.Thread(target=proxy.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield proxy
    finally:
        proxy.shutdown()
        thread.join()
        proxy.server_close()


def after(passed: int, answer: Answer, words: str = "") -> Decide:
    """Pass so many requests on whose "METHOD /path" holds these words, and answer the others so."""
    seen: list[str] = []

    def decide(request: str) -> Answer | None:
        if words in request:
            seen.append(request)
        return answer if words in request and len(seen) > passed else None

    return decide
