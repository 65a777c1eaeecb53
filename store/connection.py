"""One SQLite file: a connection per thread, durable writes one at a time, reads that never block them."""

import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from store.errors import CrowdhookError, NotADatabase, SchemaTooNew, StoreBusy, StoreFull, StoreSlow
from store.lock import WriteLock

APPLICATION_ID = 0x43726F77  # "Crow": how a file says that it is ours
SCHEMA_VERSION = 1  # how many migrations this program knows
CHECKPOINT_WAIT_MS = 100  # how long a checkpoint waits for readers, while writers wait for it
STEPS_BETWEEN_LOOKS = 10_000  # of SQLite's machine, between two looks at the clock: about a millisecond

_ALWAYS = (
    "foreign_keys = ON",
    "trusted_schema = OFF",
    "cell_size_check = ON",
    "mmap_size = 0",
    "wal_autocheckpoint = 0",
)
_PRAGMAS = {"rw": (*_ALWAYS, "synchronous = FULL"), "ro": (*_ALWAYS, "query_only = ON")}
_READABLE = partial(str, encoding="utf-8", errors="replace")
_PLAIN: dict[int, type[CrowdhookError]] = {
    sqlite3.SQLITE_BUSY: StoreBusy,
    sqlite3.SQLITE_LOCKED: StoreBusy,
    sqlite3.SQLITE_FULL: StoreFull,
    sqlite3.SQLITE_IOERR: StoreFull,
    sqlite3.SQLITE_INTERRUPT: StoreSlow,
}


@dataclass(frozen=True, slots=True)
class _Opened:
    pid: int
    thread: threading.Thread
    mode: str
    connection: sqlite3.Connection


class Database:
    """A migrated database file; each thread opens its connections when it first needs them.

    SQLite does not survive a fork: close the database before one, or leave it unused until after it.
    """

    def __init__(self, path: Path, busy_seconds: float, read_seconds: float | None = None) -> None:
        self.path = path
        self._busy_seconds, self._read_seconds = busy_seconds, read_seconds
        self._lock = WriteLock(path, busy_seconds)
        self._local = threading.local()
        self._opening = threading.Lock()
        self._opened: list[_Opened] = []
        self._closings = 0

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Run a block of SQL as one durable transaction.

        Raises StoreFull, and StoreBusy within the busy seconds, or twice that if a stranger to our lock file writes.
        """
        connection = self._connection("rw")
        with self._lock.held(), _plain_errors(), _transaction(connection, "BEGIN IMMEDIATE"):
            yield connection

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Run queries on one unchanging view of the database; writers are not held up, writing is refused.

        Raises StoreSlow when they take longer than the read seconds.
        """
        connection = self._connection("ro")
        with _plain_errors(), _transaction(connection, "BEGIN"), _time_box(connection, self._read_seconds):
            yield connection

    @contextmanager
    def streaming(self) -> Iterator[sqlite3.Connection]:
        """Run one long query on a connection of its own: whoever reads its rows may use this database meanwhile.

        The rows are of one unchanging view. Text that is no UTF-8 is shown with replacement characters.
        """
        connection = connect(self.path, "ro", self._busy_seconds)
        connection.text_factory = _READABLE
        try:
            with _plain_errors(), _transaction(connection, "BEGIN"):
                yield connection
        finally:
            connection.close()

    def version(self) -> int:
        """Return a number that changes whenever a connection other than this thread's writing one wrote."""
        with _plain_errors():
            return int(self._connection("rw").execute("PRAGMA data_version").fetchone()[0])

    def checkpoint(self) -> bool:
        """Move the write-ahead log into the database and empty it; False when a reader was in the way."""
        connection = self._connection("rw")
        with self._lock.held(), _plain_errors(), _patience(connection, CHECKPOINT_WAIT_MS, self._busy_seconds):
            return not connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()["busy"]

    def copy_into(self, path: Path) -> None:
        """Write a consistent copy into an empty file; the write-ahead log cannot be emptied meanwhile."""
        connection = connect(self.path, "ro", self._busy_seconds)
        try:
            with _plain_errors():
                connection.execute("PRAGMA query_only = OFF")  # it forbids to write to the copy, too
                connection.execute("VACUUM INTO ?", (str(path),))
        finally:
            connection.close()

    def close(self) -> None:
        """Close this process's connections, those of all threads; a later use opens them again.

        Those that write are closed last, so that the very last one can leave a single file behind.
        """
        with self._opening:
            self._closings += 1
            self._drop([each for each in self._opened if each.pid == os.getpid()])

    def _connection(self, mode: str) -> sqlite3.Connection:
        token = (os.getpid(), self._closings)
        if getattr(self._local, "token", None) != token:
            self._refuse_after_fork()
            self._local.token, self._local.by_mode = token, {}
        by_mode: dict[str, sqlite3.Connection] = self._local.by_mode
        if mode not in by_mode:
            by_mode[mode] = self._open(mode)
        return by_mode[mode]

    def _refuse_after_fork(self) -> None:
        """A child that shares its parent's SQLite holds no locks: what it wrote could be thrown away under it."""
        if any(each.pid != os.getpid() for each in self._opened):
            raise RuntimeError(f"{self.path} was open when this process was forked; close it before the fork")

    def _open(self, mode: str) -> sqlite3.Connection:
        connection = connect(self.path, mode, self._busy_seconds)
        with self._opening:
            self._drop([each for each in self._opened if each.pid == os.getpid() and not each.thread.is_alive()])
            self._opened.append(_Opened(os.getpid(), threading.current_thread(), mode, connection))
        return connection

    def _drop(self, gone: list[_Opened]) -> None:
        for each in sorted(gone, key=lambda one: one.mode):
            self._opened.remove(each)
            each.connection.close()


def connect(path: Path, mode: str, busy_seconds: float) -> sqlite3.Connection:
    """Open a migrated database, `mode` "rw" or "ro"; raises NotADatabase, SchemaTooNew, StoreBusy."""
    if not path.is_file():
        raise NotADatabase(f"({path}: there is no such file)")
    connection: sqlite3.Connection | None = None
    try:
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode={mode}",
            uri=True,
            timeout=busy_seconds,
            isolation_level=None,
            check_same_thread=False,
        )
        connection.row_factory = sqlite3.Row
        for pragma in _PRAGMAS[mode]:
            connection.execute(f"PRAGMA {pragma}")
        _check_schema(path, connection)
    except sqlite3.DatabaseError as error:
        _close(connection)
        raise refusal(path, error) from error
    except CrowdhookError:
        _close(connection)
        raise
    return connection


def refusal(path: Path, error: sqlite3.DatabaseError) -> CrowdhookError:
    """Say why a file could not be opened: busy, disk full, or else that it is none of ours."""
    return _PLAIN.get(_primary_code(error), NotADatabase)(f"({path}: {error})")


def schema_of(connection: sqlite3.Connection) -> tuple[int, int]:
    """Return the application id and the schema version that a file carries; (0, 0) when it is empty."""
    application_id = int(connection.execute("PRAGMA application_id").fetchone()[0])
    return application_id, int(connection.execute("PRAGMA user_version").fetchone()[0])


def _check_schema(path: Path, connection: sqlite3.Connection) -> None:
    application_id, version = schema_of(connection)
    if application_id != APPLICATION_ID or version < SCHEMA_VERSION:
        raise NotADatabase(f"({path} has not been prepared)")
    if version > SCHEMA_VERSION:
        raise SchemaTooNew(f"({path} has schema {version}, this program knows {SCHEMA_VERSION})")


def _close(connection: sqlite3.Connection | None) -> None:
    if connection is not None:
        connection.close()


@contextmanager
def _transaction(connection: sqlite3.Connection, begin: str) -> Iterator[None]:
    connection.execute(begin)
    try:
        yield
        connection.execute("COMMIT")
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")


@contextmanager
def _patience(connection: sqlite3.Connection, milliseconds: int, afterwards: float) -> Iterator[None]:
    connection.execute(f"PRAGMA busy_timeout = {milliseconds}")
    try:
        yield
    finally:
        connection.execute(f"PRAGMA busy_timeout = {int(afterwards * 1000)}")


@contextmanager
def _time_box(connection: sqlite3.Connection, seconds: float | None) -> Iterator[None]:
    if seconds is None:
        yield
        return
    end = time.monotonic() + seconds
    connection.set_progress_handler(lambda: time.monotonic() > end, STEPS_BETWEEN_LOOKS)
    try:
        yield
    finally:
        connection.set_progress_handler(None, 0)


@contextmanager
def _plain_errors() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        plain = _PLAIN.get(_primary_code(error))
        if plain is None:
            raise
        raise plain(f"({error})") from error


def _primary_code(error: sqlite3.Error) -> int:
    """Return SQLite's primary result code; 0 for an error of the driver itself, which carries none."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF
