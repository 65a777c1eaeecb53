"""What keeps a database file healthy: a look at whether it is sound, and copies of it."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from store.errors import CopyNotSound
from store.sqlite_file import SqliteFile

_QUICK = "PRAGMA quick_check(20)"
_THOROUGH = "PRAGMA integrity_check(20)"
_DANGLING = "PRAGMA foreign_key_check"


class SqliteCare(SqliteFile):
    """What is asked of the file as a whole."""

    def problems(self, *, thorough: bool = False) -> list[str]:
        """Return what is wrong inside the file; `thorough` compares every index with its table, which takes longer."""
        try:
            with self._database.reading() as connection:
                said = connection.execute(_THOROUGH if thorough else _QUICK).fetchall()
                dangling = connection.execute(_DANGLING).fetchmany(20)
        except sqlite3.DatabaseError as error:
            return [str(error)]
        broken = [str(row[0]) for row in said if row[0] != "ok"]
        return broken + [f"{row['table']}: row {row['rowid']} points to nothing" for row in dangling]

    def copy_to(self, path: Path) -> int:
        """Write a consistent copy into a new file that only its owner may read; return its size in bytes.

        Writers go on meanwhile. Raises FileExistsError, OSError, StoreFull and CopyNotSound; what was begun is removed.
        """
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        try:
            self._database.copy_into(path)
            _synced(path)
            _synced(path.absolute().parent)
            with closing(SqliteCare(path, self._machine_clock)) as copy:
                if found := copy.problems():
                    raise CopyNotSound(f"({found[0]})")
        except BaseException:
            path.unlink()
            raise
        return path.stat().st_size


def _synced(path: Path) -> None:
    """Have the kernel write a file, or the entries of a folder, to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
