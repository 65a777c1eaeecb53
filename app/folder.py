"""A folder that a rehearsal may write into: its own, marked as such, and used by one rehearsal at a time."""

import fcntl
import os
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from store.errors import CrowdhookError

MARK = ".rehearsal"  # says that a rehearsal made this folder, and is locked while one uses it


class NotOurs(CrowdhookError):
    """A rehearsal would replace what no rehearsal wrote: choose another folder with --out."""


class InUse(CrowdhookError):
    """Another rehearsal is writing into this folder: wait for it, or choose another one with --out."""


class CannotWrite(CrowdhookError):
    """This folder cannot be written to: choose another one with --out."""


@contextmanager
def taken(out: Path, names: Collection[str]) -> Iterator[None]:
    """Make the folder and keep other rehearsals out of it; what an earlier one wrote under these names is removed.

    Everything else in it stays. Raises NotOurs when one of the names is there and no rehearsal wrote it, InUse,
    CannotWrite.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        foreign = [] if (out / MARK).exists() else sorted(name for name in names if (out / name).exists())
        if foreign:
            raise NotOurs(f"({out / foreign[0]})")
        mark = os.open(out / MARK, os.O_CREAT | os.O_RDWR, 0o600)
    except OSError as error:
        raise CannotWrite(f"({out}: {error.strerror})") from error
    try:
        _lock(mark, out)
        _remove(out, names)
        yield
    finally:
        os.close(mark)


def _lock(mark: int, out: Path) -> None:
    try:
        fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise InUse(f"({out})") from error


def _remove(out: Path, names: Collection[str]) -> None:
    for path in (out / name for name in names):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
