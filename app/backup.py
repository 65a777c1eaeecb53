"""`crowdhook backup`: a consistent copy of the database, while everything runs."""

import time
from contextlib import closing
from pathlib import Path

from store.errors import CrowdhookError
from store.sqlite import SqliteStore


class AlreadyThere(CrowdhookError):
    """A backup never replaces a file: name a new one."""


class CannotCopy(CrowdhookError):
    """The copy cannot be written there: name another file."""


def backup(database: Path, file: Path) -> str:
    """Copy the database into a new file; return what to tell. Raises AlreadyThere, CannotCopy, what the store does."""
    with closing(SqliteStore(database, time.time)) as store:
        try:
            size = store.copy_to(file)
        except FileExistsError as error:
            raise AlreadyThere(f"({file})") from error
        except OSError as error:
            raise CannotCopy(f"({file}: {error.strerror})") from error
    with closing(SqliteStore(file, time.time)) as copy:
        total = copy.events(limit=1).total
    return f"{file}: {size / 2**20:.1f} MiB, {total} events, checked. The keyring is not in it: copy that apart."
