"""A receiver as it is deployed: gunicorn in processes of its own, over a database file of its own."""

import http.client
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from app.config import Settings
from app.web_config import gunicorn_command
from store.sqlite import SqliteLog
from webhooks.signature import sign

SECRET = "a secret of the main deployment"
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Reply:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Receiver:
    """A running receiver, and the ways to speak to it."""

    port: int
    database: Path

    def request(self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None) -> Reply:
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)) as connection:
            connection.request(method, path, body, dict(headers or {}))
            response = connection.getresponse()
            return Reply(response.status, dict(response.getheaders()), response.read())

    def post(self, body: Any, *, tag: str = "main", secret: str = SECRET, **headers: str) -> Reply:
        """Post a body, signed for it unless told otherwise."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        signed = {"Content-Type": "application/json", "Toloka-Signature": sign(secret, raw, int(time.time() * 1000))}
        return self.request("POST", f"/webhooks/toloka/{tag}", raw, signed | given)

    def raw(self, request: bytes) -> bytes:
        """Send bytes as they are, hang up on our side, and return all that comes back."""
        with self.connected() as connection:
            connection.sendall(request)
            connection.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: connection.recv(65536), b""))

    def connected(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=60)

    def log(self) -> SqliteLog:
        return SqliteLog(self.database, time.time)

    def total(self) -> int:
        """How many events are stored."""
        with closing(self.log()) as log:
            return log.events(limit=1).total


@contextmanager
def running(database: Path, **environment: str) -> Iterator[Receiver]:
    """Serve a database by the real command until the block ends."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    env = {**os.environ, "CROWDHOOK_DATABASE": str(database), "CROWDHOOK_WEBHOOK_SECRETS": f"main:{SECRET}"}
    command = gunicorn_command(Settings(port=port))
    with subprocess.Popen(command, cwd=ROOT, env={**env, **environment}, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        said = []
        for line in process.stderr:
            said.append(line)
            if "Listening at" in line:
                break
        else:
            pytest.fail("gunicorn did not start:\n" + "".join(said))
        drain = threading.Thread(target=lambda: sys.stderr.writelines(process.stderr or ()))
        drain.start()
        try:
            yield Receiver(port, database)
        finally:
            process.terminate()
            process.wait(60)
            drain.join()
