"""Whether strangers see the pages: asked by the deployment's own address, as a stranger would."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from app.config import Settings
from app.findings import Level
from app.platform_checks import seen_from_outside


@contextmanager
def proxy(status: int) -> Iterator[str]:
    """Something at an address that is not called loopback, which answers everything so."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://0.0.0.0:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize(("status", "level"), [(200, Level.FAIL), (401, Level.OK), (403, Level.OK), (404, Level.OK)])
def test_pages_that_strangers_see_are_told(status: int, level: Level) -> None:
    with proxy(status) as url:
        (found,) = seen_from_outside(Settings(url=url))
    assert found.level is level


def test_an_address_that_nobody_reaches_is_told() -> None:
    with proxy(200) as url:
        pass
    (found,) = seen_from_outside(Settings(url=url))
    assert found.level is Level.WARN
    assert "is not reached" in found.found


@pytest.mark.parametrize("url", [None, "http://localhost:8080", "http://127.0.0.1:8080"])
def test_this_machine_alone_is_no_outside(url: str | None) -> None:
    assert list(seen_from_outside(Settings(url=url))) == []
