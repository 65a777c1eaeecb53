"""Receiver and worker on one machine, supervised: a dead one is started again, and SIGTERM ends both cleanly."""

import ctypes
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from app.config import Settings
from app.logs import tell_crashes
from app.web_config import gunicorn_command
from store.errors import CrowdhookError
from store.migrations import migrate

log = logging.getLogger(__name__)
HOPELESS = 2  # the status of a process that cannot run as it is configured
GRACE_SECONDS = 40.0
LOOK_SECONDS = 0.1
LIBC = ctypes.CDLL(None)  # loaded here: between fork and exec nothing may be loaded
PR_SET_PDEATHSIG = 1
WEB = "app.web:application()"
WORKER = (sys.executable, "-m", "app.worker")


def _die_with_parent() -> None:
    """Ask the kernel (Linux) to end this child when its parent is gone, however it went."""
    if sys.platform == "linux":
        LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class CannotStart(CrowdhookError):
    """A part of the service cannot start; its own line above says why."""


class PortInUse(CrowdhookError):
    """The port cannot be opened: choose a free one (PORT, or --port), or end what uses it."""


@dataclass(slots=True)
class Child:
    """A process that is kept alive. Its name is its own: one is started again only when the last one has ended."""

    name: str
    command: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    starts: int = 0


@dataclass(slots=True)
class Supervisor:
    """Keeps its children alive; each gets the same environment."""

    children: Sequence[Child]
    env: Mapping[str, str]
    stopping: threading.Event = field(default_factory=threading.Event)
    trouble: CannotStart | None = None

    def start(self) -> None:
        """Start those that do not run; raises CannotStart when one says at its first start that it never can."""
        for child in self.children:
            if child.process is None or child.process.poll() is not None:
                if child.process is not None:
                    log.warning("restarted", extra={"child": child.name, "code": child.process.returncode})
                    if child.process.returncode == HOPELESS and child.starts == 1:
                        raise CannotStart(f"({child.name})")
                child.process = subprocess.Popen(
                    child.command, env={**self.env, **child.env}, preexec_fn=_die_with_parent
                )
                child.starts += 1

    def watch(self) -> None:
        """Keep them running until told to stop, then stop them."""
        pause = LOOK_SECONDS
        try:
            while not self.stopping.is_set():
                before = sum(child.starts for child in self.children)
                self.start()
                restarted = sum(child.starts for child in self.children) > before
                pause = min(5.0, pause * 2) if restarted else max(LOOK_SECONDS, pause / 1.1)
                self.stopping.wait(pause)
        finally:
            self.stop()

    @contextmanager
    def in_background(self) -> Iterator[None]:
        """Keep them running for as long as the context lasts."""
        watching = threading.Thread(target=self._watch_quietly, name="supervisor")
        watching.start()
        try:
            yield
        finally:
            self.stopping.set()
            watching.join()

    def _watch_quietly(self) -> None:
        try:
            self.watch()
        except CannotStart as error:
            self.trouble = error

    def check(self) -> None:
        """Raise what ended the watching in the background, if anything did."""
        if self.trouble is not None:
            raise self.trouble

    def stop(self) -> None:
        """Ask all to end, wait, and end those that do not."""
        running = [child.process for child in self.children if child.process and child.process.poll() is None]
        for process in running:
            process.terminate()
        for process in running:
            try:
                process.wait(GRACE_SECONDS)
            except subprocess.TimeoutExpired:
                log.error("killed", extra={"pid": process.pid})
                process.kill()
                process.wait()


def children(settings: Settings, worker: Sequence[str] = WORKER, web: str = WEB) -> list[Child]:
    """Return the processes that make up one machine's service; `web` is the WSGI application."""
    name = f"{socket.gethostname()}:{os.getpid()}:worker"
    return [Child("web", gunicorn_command(settings, web)), Child("worker", worker, {"CROWDHOOK_WORKER": name})]


def _check_port(settings: Settings) -> None:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise PortInUse(f"({settings.host}:{settings.port}, {error.strerror})") from error


def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT; raises BadSetting before anything is started."""
    settings.require_secrets()
    settings.require_token()
    _check_port(settings)
    migrate(settings.database)
    tell_crashes()
    supervisor = Supervisor(children(settings), os.environ)
    signal.signal(signal.SIGTERM, lambda *_: supervisor.stopping.set())
    signal.signal(signal.SIGINT, lambda *_: supervisor.stopping.set())
    supervisor.watch()
