"""A Toloka on its worst day: it knows the requester, fails with all else, and repeats the key that it was shown."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any

REQUESTER = {"id": "requester", "balance": 10.0, "public_name": {}, "company": {"id": "1", "superintendent_id": "1"}}


class Echo(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    turns = count()

    def answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path.startswith("/api/v1/requester"):
            return self.reply(200, json.dumps(REQUESTER))
        shown = self.headers["Authorization"]
        refusal = json.dumps({"code": f"NO_{shown}", "message": f"not with {shown}", "request_id": shown})
        turns = [
            (500, refusal),
            (502, f"<html>{shown}</html>"),
            (400, refusal),
            (409, refusal),
            (403, refusal),
            (200, shown),
        ]
        return self.reply(*turns[next(self.turns) % len(turns)])

    do_GET = do_POST = do_PUT = do_PATCH = answer

    def reply(self, status: int, text: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def echoing() -> Iterator[str]:
    """Yield the address of such a Toloka."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
