"""A small HTTP server in front of a Toloka: it passes requests on, or answers as a bad day would."""

import json
import socket
import struct
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request gets. `applied`: after Toloka did what was asked; `reset`: the connection breaks instead."""

    status: int = 500
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    applied: bool = False
    reset: bool = False


def refusal(status: int, code: str, headers: Mapping[str, str] | None = None, **more: Any) -> Answer:
    """An error in Toloka's shape."""
    body = {"request_id": "r-1", "code": code, "message": f"{code} happened", **more}
    return said(status, body, headers)


def said(status: int, body: Any, headers: Mapping[str, str] | None = None) -> Answer:
    """Any JSON."""
    return Answer(status, json.dumps(body).encode(), {"Content-Type": "application/json", **(headers or {})})


class Front:
    """Rules are used up in order, each for the first request whose "METHOD /path" begins with its words."""

    def __init__(self, upstream: str | None) -> None:
        self.upstream = httpx.Client(base_url=upstream, timeout=30.0) if upstream else None
        self.rules: list[tuple[str, Answer]] = []
        self.seen: list[str] = []
        self.lock = threading.Lock()
        self.server = Server(self)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def answer(self, words: str, *answers: Answer) -> None:
        """The next requests of this kind are answered so."""
        self.rules += [(words, each) for each in answers]

    def count(self, words: str) -> int:
        """How many requests of this kind came."""
        return sum(each.startswith(words) for each in self.seen)

    def rule_for(self, words: str) -> Answer | None:
        with self.lock:
            self.seen.append(words)
            found = next((rule for rule in self.rules if words.startswith(rule[0])), None)
            if found:
                self.rules.remove(found)
            return found[1] if found else None


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, front: Front) -> None:
        self.front = front
        super().__init__(("127.0.0.1", 0), Handler)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server
    wbufsize = -1

    def handle_any(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        words = f"{self.command} {self.path.removeprefix('/api/v1')}"
        rule = self.server.front.rule_for(words)
        passed = self.passed_on(body) if rule is None or rule.applied else None
        if rule is not None and rule.reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
        elif rule is not None:
            self.reply(rule.status, dict(rule.headers), rule.body)
        elif passed is not None:
            kept = {name: passed.headers[name] for name in ("Content-Type", "Date") if name in passed.headers}
            self.reply(passed.status_code, kept, passed.content)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any

    def passed_on(self, body: bytes) -> httpx.Response:
        upstream = self.server.front.upstream
        assert upstream is not None, f"nobody said how to answer {self.command} {self.path}"
        kept = {name: self.headers[name] for name in ("Authorization", "Content-Type") if name in self.headers}
        return upstream.request(self.command, self.path, content=body, headers=kept)

    def reply(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response_only(status)
        for name, value in (headers | {"Content-Length": str(len(body))}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def standing_in_front(upstream: str | None = None) -> Iterator[Front]:
    front = Front(upstream)
    thread = threading.Thread(target=front.server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield front
    finally:
        front.server.shutdown()
        thread.join()
        front.server.server_close()
        if front.upstream is not None:
            front.upstream.close()
