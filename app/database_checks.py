"""The database: that it is there, sound, its owner's alone, and of a reasonable size."""

from collections.abc import Iterator
from pathlib import Path

from app.findings import Finding, fail, mebibytes, ok, warn
from app.secret_checks import private
from store.connection import SCHEMA_VERSION
from store.sqlite import SqliteStore

LARGE_LOG = 64 * 2**20  # bytes of write-ahead log that an attentive worker never leaves


def database(path: Path, store: SqliteStore, thorough: bool) -> Iterator[Finding]:
    """Look at the database file; `thorough` compares every index with its table. Raises what opening it raises."""
    if found := store.problems(thorough=thorough):
        yield fail("database", f"{path} is damaged: {'; '.join(found)}", "stop the service, put a backup in place")
        return
    how = "integrity_check" if thorough else "quick_check"
    total = store.events(limit=1).total
    yield ok("database", f"{path}: schema {SCHEMA_VERSION}, {total} events; {how} and foreign keys find nothing")
    for end in ("", "-wal", "-shm"):
        file = path.with_name(path.name + end)
        if file.exists():
            yield private(f"permissions{end}", file)
    yield _size(store)


def _size(store: SqliteStore) -> Finding:
    size = store.size()
    said = f"{mebibytes(size.database)}, write-ahead log {mebibytes(size.write_ahead)}"
    if size.write_ahead > LARGE_LOG:
        return warn("size", said, "see that a worker runs (it empties the log), and that nobody reads without end")
    return ok("size", said)
