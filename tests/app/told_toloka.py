"""A Toloka that answers as it is told: for what the simulator does not have yet."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from stood_up import stood_up

Answers = Mapping[str, tuple[int, Any]]
"""By "METHOD /path" (the longest that a request begins with): status and JSON."""


class Told(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, answers: Answers) -> None:
        self.answers = answers
        self.seen: list[str] = []
        super().__init__(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Told

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        words = f"{self.command} {self.path.removeprefix('/api/v1')}"
        self.server.seen.append(words)
        found = max((each for each in self.server.answers if words.startswith(each)), key=len)
        status, body = self.server.answers[found]
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_POST = do_GET

    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def told(answers: Answers) -> Iterator[Told]:
    with stood_up(Told(answers)) as server:
        yield server
