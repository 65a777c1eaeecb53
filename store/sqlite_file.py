"""What the rooms of the SQLite store share: the file with what lies beside it, and the machine's clock."""

import os
from collections.abc import Callable
from pathlib import Path

from store.connection import Database
from store.counts import Size


class SqliteFile:
    """A store's database file; `machine_clock` gives machine time, `busy_seconds` bounds every wait to write.

    `read_seconds` bounds every read, which then raises StoreSlow: a reader that never ends lets the database grow.
    """

    def __init__(
        self,
        path: Path,
        machine_clock: Callable[[], float],
        *,
        busy_seconds: float = 5.0,
        read_seconds: float | None = None,
    ) -> None:
        self._database = Database(path, busy_seconds, read_seconds)
        self._machine_clock = machine_clock
        self._beat = path.with_name(path.name + ".beat")

    def version(self) -> int:
        """Return a number that changes whenever another connection wrote: a cheap way to wait for work."""
        return self._database.version()

    def checkpoint(self) -> bool:
        """Empty the write-ahead log, which nothing else does; False when a reader was in the way. Raises StoreBusy."""
        return self._database.checkpoint()

    def size(self) -> Size:
        """Return how large the database's files are."""
        path = self._database.path
        return Size(*(_bytes(path.with_name(path.name + end)) for end in ("", "-wal")))

    def beat(self) -> None:
        """Note that a worker is at work now: as the time of a file beside the database, so that no reader is woken."""
        now = self._machine_clock()
        self._beat.touch(mode=0o600)
        os.utime(self._beat, (now, now))

    def beaten_at(self) -> float | None:
        """Return the machine time at which a worker last said that it is at work; None when none ever did."""
        try:
            return self._beat.stat().st_mtime
        except FileNotFoundError:
            return None

    def close(self) -> None:
        """Close this process's connections; a later use opens them again."""
        self._database.close()


def _bytes(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
