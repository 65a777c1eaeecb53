"""A stand-in for Kaggle: an HTTP proxy that answers for it, with data sets that it is given."""

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

DOWNLOAD = "/api/v1/datasets.DatasetApiService/DownloadDataset"
INTROSPECT = "/api/v1/security.OAuthService/IntrospectToken"
ZIP = "application/zip"


@dataclass
class KaggleSite:
    """The package is told that Kaggle is this machine, and that this machine is reached through this proxy."""

    archives: Mapping[str, bytes] = field(default_factory=dict)  # by owner/name
    refuses: int = 404  # status of what is not there
    asked: list[str] = field(default_factory=list)  # paths
    authorized: list[str] = field(default_factory=list)

    def __enter__(self) -> "KaggleSite":
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                site.post(self)

            def do_GET(self) -> None:
                site.get(self)

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,))
        self.thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    @property
    def env(self) -> dict[str, str]:
        """The environment in which the package asks here."""
        return {"KAGGLE_API_ENVIRONMENT": "LOCALHOST", "http_proxy": f"http://127.0.0.1:{self.server.server_port}"}

    def post(self, handler: BaseHTTPRequestHandler) -> None:
        body = json.loads(handler.rfile.read(int(handler.headers["Content-Length"])))
        path = urlsplit(handler.path).path
        self.asked.append(path)
        self.authorized.append(handler.headers.get("Authorization", ""))
        if path == INTROSPECT:
            active = body["token"] == "right"
            _answer(handler, 200, json.dumps({"active": active, "username": "me" if active else ""}).encode())
            return
        name = f"{body['ownerSlug']}/{body['datasetSlug']}"
        if path != DOWNLOAD or name not in self.archives:
            message = {"code": self.refuses, "message": "Permission 'datasets.get' was denied"}
            _answer(handler, self.refuses, json.dumps(message).encode())
        else:
            _answer(handler, 302, b"", Location=f"http://localhost/storage/{name}")

    def get(self, handler: BaseHTTPRequestHandler) -> None:
        path = urlsplit(handler.path).path
        self.asked.append(path)
        _answer(handler, 200, self.archives[path.removeprefix("/storage/")], ZIP)


def _answer(
    handler: BaseHTTPRequestHandler, status: int, body: bytes, kind: str = "application/json", **headers: str
) -> None:
    handler.send_response(status)
    for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **headers}.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(body)
