"""A receiver for tests: a real HTTP server that keeps what it gets and answers as it is told."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
from simulated import Bench
from stood_up import stood_up

SECRET = "secret-key"


class Inbox(ThreadingHTTPServer):
    """`statuses` are given to the first requests, then 200, or 401 to those that it does not accept.

    `requests` are (signature or None, raw body). While `answering` is not set, those that came wait. Where it
    `hangs_up`, a connection ends after its first answer, which does not say so.
    """

    daemon_threads = True

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Keeper)
        self.statuses: list[int] = []
        self.accepts: Callable[[str | None, bytes], bool] = lambda signature, body: True
        self.requests: list[tuple[str | None, bytes]] = []
        self.connections: set[int] = set()
        self.answering = threading.Event()
        self.answering.set()
        self.hangs_up = False
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/hook?tag=a"

    @property
    def events(self) -> list[dict[str, Any]]:
        return [event for _, body in self.requests for event in json.loads(body)["events"]]

    def subscribe(self, bench: Bench, pool_id: str, *types: str, secret: str | None = SECRET) -> list[str]:
        body = [{"webhook_url": self.url, "event_type": t, "pool_id": pool_id, "secret_key": secret} for t in types]
        url = f"{bench.url}/api/v1/webhook-subscriptions"
        items = httpx.put(url, json=body, headers={"Authorization": "OAuth token"}).json()["items"]
        return [items[str(number)]["id"] for number in range(len(types))]


class _Keeper(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Inbox

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with self.server.lock:
            self.server.requests.append((self.headers.get("Toloka-Signature"), body))
            self.server.connections.add(self.client_address[1])
            good = 200 if self.server.accepts(*self.server.requests[-1]) else 401
            status = self.server.statuses.pop(0) if self.server.statuses else good
        self.server.answering.wait()
        self.close_connection = self.close_connection or self.server.hangs_up
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def receiving(port: int = 0) -> Iterator[Inbox]:
    with stood_up(Inbox(port)) as inbox:
        yield inbox
