"""How many signed notifications a second are stored and confirmed, beside a Flask application that only says hello.

Both are served by the same gunicorn command, on this machine, in turns; it takes about 30 seconds.
Trust the ratios, not the absolute figures.
"""

import asyncio
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask import Flask

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from app.config import Settings  # noqa: E402  (run as a script, the project is not on the path before)
from app.web_config import gunicorn_command  # noqa: E402
from store.migrations import migrate  # noqa: E402
from webhooks.signature import sign  # noqa: E402

SECRET = "a secret for the benchmark"
ROUNDS = 3
SECONDS = 2.5  # a round and server
CONNECTIONS = 32
TICK = os.sysconf("SC_CLK_TCK")


def hello() -> Flask:
    """Return the peer: it reads nothing, stores nothing, and says hello."""
    app = Flask("hello")
    app.post("/")(lambda: {"status": "hello"})
    return app


@dataclass(frozen=True)
class Round:
    """What one server did in one round."""

    rate: float  # answers a second
    p50: float  # milliseconds
    p99: float
    cpu: float  # microseconds of the server's CPU per answer


class Client(asyncio.Protocol):
    """One connection that always waits for exactly one answer."""

    def __init__(self, requests: Iterator[bytes], took: list[float]) -> None:
        self.requests, self.took, self.received = requests, took, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.send()

    def send(self) -> None:
        self.began = time.perf_counter()
        self.transport.write(next(self.requests))

    def data_received(self, data: bytes) -> None:
        self.received += data
        head, end, body = self.received.partition(b"\r\n\r\n")
        if end and len(body) >= int(head.lower().partition(b"content-length: ")[2].split()[0]):
            assert head.startswith(b"HTTP/1.1 200 "), self.received
            self.took.append(time.perf_counter() - self.began)
            self.received = b""
            self.send()


def greetings() -> Iterator[bytes]:
    """Yield requests for the peer."""
    while True:
        yield post("/", b"{}")


def notifications(events: int) -> Callable[[], Iterator[bytes]]:
    """Return what yields signed notifications of so many new events each."""

    def requests() -> Iterator[bytes]:
        while True:
            body = json.dumps({"events": [event() for _ in range(events)]}).encode()
            signature = sign(SECRET, body, int(time.time() * 1000))
            yield post("/webhooks/toloka/main", body, f"Toloka-Signature: {signature}\r\n")

    return requests


def event() -> dict[str, str]:
    unique = uuid.uuid4().hex
    return {
        "uuid": unique,
        "event_time": "2024-05-01T10:00:00.123",
        "project_id": "1001",
        "pool_id": "1004",
        "task_suite_id": f"00000003ec--{unique}",
        "assignment_id": f"00000003ec--{unique}",
        "webhook_subscription_id": "62ee14ada451956b21388859",
        "type": "ASSIGNMENT_SUBMITTED",
    }


def post(path: str, body: bytes, header: str = "") -> bytes:
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n{header}"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


@contextmanager
def served(application: str, database: Path) -> Iterator[tuple[int, int]]:
    """Serve an application by the real command; gives the port and the server's process id."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [*gunicorn_command(Settings(port=port))[:-1], "--max-requests=0", "--log-level=warning", application]
    settings = {"CROWDHOOK_DATABASE": str(database), "CROWDHOOK_WEBHOOK_SECRETS": f"main:{SECRET}"}
    path = os.pathsep.join((str(ROOT), str(Path(__file__).parent)))
    with subprocess.Popen(command, cwd=ROOT, env={**os.environ, **settings, "PYTHONPATH": path}) as process:
        try:
            wait_for(port)
            yield port, process.pid
        finally:
            process.terminate()


def wait_for(port: int) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except ConnectionRefusedError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def cpu_seconds(pid: int) -> float:
    """Return the CPU time that a server's workers have used."""
    workers = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    fields = [Path(f"/proc/{worker}/stat").read_text().rpartition(")")[2].split() for worker in workers]
    return sum(int(each[11]) + int(each[12]) for each in fields) / TICK


async def drive(port: int, requests: Iterator[bytes], took: list[float], seconds: float) -> None:
    """Keep all connections busy for a while."""
    loop = asyncio.get_running_loop()
    open_ = [
        (await loop.create_connection(lambda: Client(requests, took), "127.0.0.1", port))[0] for _ in range(CONNECTIONS)
    ]
    await asyncio.sleep(seconds)
    for transport in open_:
        transport.close()


def measure(port: int, pid: int, requests: Iterator[bytes], seconds: float) -> Round:
    """Drive one server for one round."""
    took: list[float] = []
    used, began = cpu_seconds(pid), time.perf_counter()
    asyncio.run(drive(port, requests, took, seconds))
    spent, used = time.perf_counter() - began, cpu_seconds(pid) - used
    cuts = statistics.quantiles(took, n=100)
    return Round(len(took) / spent, cuts[49] * 1000, cuts[98] * 1000, used / len(took) * 1e6)


def main() -> None:
    """Take turns, and print the table."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as running:
        database = Path(folder) / "crowdhook.db"
        migrate(database)
        ours = running.enter_context(served("app.web:application()", database))
        peer = running.enter_context(served("receive:hello()", database))
        contestants = {
            "hello (reads and stores nothing)": (peer, greetings),
            "receiver, 1 event a notification": (ours, notifications(1)),
            "receiver, 10 events a notification": (ours, notifications(10)),
        }
        for server, requests in contestants.values():
            measure(*server, requests(), 2.0)
        rounds: dict[str, list[Round]] = {name: [] for name in contestants}
        for _ in range(ROUNDS):
            for name, (server, requests) in contestants.items():
                rounds[name].append(measure(*server, requests(), SECONDS))
    show(rounds)


def show(rounds: dict[str, list[Round]]) -> None:
    """Print medians over the rounds, and each contestant's rate and CPU beside the first one's."""
    first = next(iter(rounds.values()))
    print(f"{'':36}{'req/s':>8}{'p50 ms':>9}{'p99 ms':>9}{'CPU us':>9}{'rate':>7}{'CPU':>7}")
    for name, each in rounds.items():
        rate, cpu = middle(each, "rate"), middle(each, "cpu")
        beside = f"{rate / middle(first, 'rate'):7.2f}{cpu / middle(first, 'cpu'):7.2f}"
        print(f"{name:36}{rate:8.0f}{middle(each, 'p50'):9.1f}{middle(each, 'p99'):9.1f}{cpu:9.0f}{beside}")


def middle(rounds: list[Round], figure: str) -> float:
    return float(statistics.median(getattr(each, figure) for each in rounds))


if __name__ == "__main__":
    main()
