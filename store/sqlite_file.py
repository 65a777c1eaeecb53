"""What the rooms of the SQLite store share: the file, and the machine's clock."""

from collections.abc import Callable
from pathlib import Path

from store.connection import Database


class SqliteFile:
    """A store's database file; `machine_clock` gives machine time, `busy_seconds` bounds every wait to write."""

    def __init__(self, path: Path, machine_clock: Callable[[], float], *, busy_seconds: float = 5.0) -> None:
        self._database = Database(path, busy_seconds)
        self._machine_clock = machine_clock

    def version(self) -> int:
        """Return a number that changes whenever another connection wrote: a cheap way to wait for work."""
        return self._database.version()

    def checkpoint(self) -> bool:
        """Empty the write-ahead log, which nothing else does; False when a reader was in the way. Raises StoreBusy."""
        return self._database.checkpoint()

    def close(self) -> None:
        """Close this process's connections; a later use opens them again."""
        self._database.close()
