"""Moto's S3 over real HTTP, with a layer before it that keeps what was answered, and can turn requests down."""

import re
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from moto.moto_server.werkzeug_app import create_backend_app

from simulator.http_server import Server

Disturb = Callable[[dict[str, Any]], str | None]  # a request's environ -> "501 NotImplemented", or None to let it pass


class S3Server:
    """One running storage. `answers` counts (method, path, status)."""

    def __init__(self, port: int = 0) -> None:
        self.answers: Counter[tuple[str, str, int]] = Counter()
        self.heads: dict[str, dict[str, str]] = {}  # of the last request for each path
        self.disturb: Disturb = lambda environ: None
        self.hidden: set[str] = set()  # headers that are taken out of every answer
        self.changed = threading.Condition()
        self.moto = create_backend_app("s3")
        self.server = Server(port, self)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05})

    def start(self) -> None:
        self.thread.start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.hang_up()
        self.thread.join()
        self.server.server_close()

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        self.heads[path] = {name: str(value) for name, value in environ.items() if name.isupper()}
        turned_down = self.disturb(environ)

        def answer(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            with self.changed:
                self.answers[method, path, int(status.split()[0])] += 1
                self.changed.notify_all()
            return start_response(status, [each for each in headers if each[0] not in self.hidden], *more)

        if turned_down is None:
            return self.moto(environ, answer)
        environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        body = f"<Error><Code>{turned_down.split()[1]}</Code><Message>No.</Message></Error>".encode()
        answer(turned_down, [("Content-Type", "application/xml"), ("Content-Length", str(len(body)))])
        return [body]

    def counted(self, method: str, prefix: str, status: int = 200) -> Counter[str]:
        """How often each path below a prefix was answered so."""
        with self.changed:
            found = [(path, n) for (how, path, what), n in self.answers.items() if (how, what) == (method, status)]
        return Counter({path: n for path, n in found if re.match(prefix, path)})

    def wait_for(self, condition: Callable[[], bool], seconds: float = 60.0) -> None:
        """Wait until a condition on what was answered holds."""
        with self.changed:
            assert self.changed.wait_for(condition, seconds)
