"""One writer at a time: the threads of a process queue on a lock, processes on two files beside the database.

The kernel releases these locks when their holder dies. Whoever waits for the database holds the queue file meanwhile,
so a process that has just written lines up behind those that wait, instead of overtaking them.
"""

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from store.errors import StoreBusy

POLL_SECONDS = 0.0005


class WriteLock:
    """The right to write to one database, among all threads and processes of this machine."""

    def __init__(self, database: Path, busy_seconds: float) -> None:
        self._file = database.with_name(database.name + ".lock")
        self._queue = database.with_name(database.name + ".queue")
        self._busy_seconds = busy_seconds
        self._pid = os.getpid()
        self._threads = threading.Lock()

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the lock for a block; raises StoreBusy when it is not free within the busy seconds."""
        deadline = time.monotonic() + self._busy_seconds
        threads = self._threads_of_this_process()
        if not threads.acquire(timeout=self._busy_seconds):
            raise StoreBusy
        try:
            with ExitStack() as held:
                with _flocked(self._queue, deadline):
                    held.enter_context(_flocked(self._file, deadline))
                yield
        finally:
            threads.release()

    def _threads_of_this_process(self) -> threading.Lock:
        """Return the lock among threads, a fresh one after a fork: the parent's may be held by a thread not here."""
        if self._pid != os.getpid():
            self._pid, self._threads = os.getpid(), threading.Lock()
        return self._threads


@contextmanager
def _flocked(path: Path, deadline: float) -> Iterator[None]:
    """Hold an flock on a file opened for this time only; it is given back for a child forked meanwhile, too."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        while not _taken(descriptor):
            if time.monotonic() >= deadline:
                raise StoreBusy
            time.sleep(POLL_SECONDS)
        yield
    finally:
        fcntl.flock(descriptor, fcntl.LOCK_UN)
        os.close(descriptor)


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
