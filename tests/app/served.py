"""`crowdhook serve` as a process of its own, and waiting for what it does."""

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@contextmanager
def serving(folder: Path, env: Mapping[str, str]) -> Iterator[tuple[int, list[str]]]:
    """Serve a folder's database until the block ends; yields the port and the lines, all of them there afterwards."""
    port = free_port()
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("CROWDHOOK_", "TOLOKA_"))}
    env = {
        **clean,
        "PORT": str(port),
        "CROWDHOOK_DATABASE": str(folder / "crowdhook.db"),
        "CROWDHOOK_RESULTS": str(folder / "results"),
        **env,
    }
    command = [sys.executable, "-c", "from app.cli import main; main()", "serve"]
    lines: list[str] = []
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as service:
        drain = threading.Thread(target=lambda: lines.extend(service.stdout or ()))
        drain.start()
        try:
            yield port, lines
        finally:
            service.terminate()
            service.wait(60)
            drain.join()


def until(holds: Callable[[], bool], seconds: float = 60.0) -> None:
    """Wait for something, for a bounded time."""
    pause = threading.Event()
    for _ in range(int(seconds / 0.05)):
        if holds():
            return
        pause.wait(0.05)
    pytest.fail("it did not come to that")
