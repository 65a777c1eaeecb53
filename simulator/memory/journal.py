"""A world's state in one file: a snapshot, and after it every input since, written before anything follows from it.

The world is a function of its inputs, so a snapshot and the inputs after it give the world as it was when the last of
them was written down. A line that was not finished was never acted upon, and is dropped.
"""

import fcntl
import hashlib
import json
import os
import zlib
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO

from store.errors import CrowdhookError

Settings = Mapping[str, str]
"""What a world was made from, by option, as it was given: the same file cannot go on with another crowd or seed."""
Entry = list[Any]
"""One input: what it is, and its arguments, as JSON."""
FORMAT = "crowdhook simulator state 1"


class StateInUse(CrowdhookError):
    """Another simulator keeps its state in this file; stop that one, or name another file:"""


class StateDiffers(CrowdhookError):
    """The state in this file cannot be gone on with:"""


@cache
def version() -> str:
    """A name of the simulator's code: what another version did with the same inputs may differ."""
    sources = sorted(Path(__file__).parent.parent.rglob("*.py"))
    return hashlib.sha256(b"".join(each.read_bytes() for each in sources)).hexdigest()[:16]


class StateNotAFile(CrowdhookError):
    """A state is kept in a regular file, which this is not; it was left as it is. Choose another for --state:"""


class StateNotWritten(CrowdhookError):
    """The state cannot be written, and nothing goes on without it; make room or choose another file for --state:"""


class Journal:
    """The file, held by one process at a time. Raises StateInUse, StateNotAFile, StateNotWritten."""

    def __init__(self, path: Path, settings: Settings) -> None:
        self.path = path
        self._place = path.resolve()
        self._settings = dict(settings)
        self._end = 0
        self._file = _opened(path)

    def read(self) -> tuple[bytes, Iterator[Entry]] | None:
        """The snapshot and the inputs after it; None from a new file. Raises StateDiffers."""
        self._file.seek(0)
        first = self._file.readline()
        if not first:
            return None
        header = self._header(first)
        snapshot = self._file.read(header["bytes"])
        if zlib.crc32(snapshot) != header["crc"]:
            raise StateDiffers(f"{self.path} is damaged.")
        return snapshot, self._entries()

    def _header(self, line: bytes) -> dict[str, Any]:
        try:
            header = json.loads(line)
        except ValueError:
            header = None
        if not isinstance(header, dict) or header.get("format") != FORMAT:
            raise StateDiffers(f"{self.path} is none that this simulator wrote.")
        if header["version"] != version():
            raise StateDiffers(f"{self.path} was written by another version of the simulator.")
        before, now = header["settings"], self._settings
        changed = sorted(name for name in {*before, *now} if before.get(name) != now.get(name))
        if changed:
            told = "; ".join(_difference(before.get(name), now.get(name)) for name in changed)
            raise StateDiffers(f"{self.path}: {told}.")
        return header

    def _entries(self) -> Iterator[Entry]:
        for line in self._file:
            crc, _, text = line.partition(b" ")
            if line.endswith(b"\n") and crc == b"%08x" % zlib.crc32(text):
                yield json.loads(text)
            elif self._file.read(1):
                raise StateDiffers(f"{self.path} is damaged.")

    def note(self, entry: Entry) -> None:
        """Hand an input to the operating system, which keeps it even when this process is killed.

        Raises StateNotWritten; the next one then takes the place of what there is of it.
        """
        text = json.dumps(entry, separators=(",", ":")).encode() + b"\n"
        at, left = self._end, memoryview(b"%08x %s" % (zlib.crc32(text), text))
        with _telling(self.path):
            while left:
                written = os.pwrite(self._file.fileno(), left, at)
                at, left = at + written, left[written:]
        self._end = at

    def begin(self, snapshot: bytes) -> None:
        """Put a new snapshot in the place of all that is there, at once or not at all. Raises StateNotWritten."""
        header: dict[str, Any] = {"format": FORMAT, "version": version(), "settings": self._settings}
        header |= {"bytes": len(snapshot), "crc": zlib.crc32(snapshot)}
        beside = self._place.with_name(f"{self._place.name}.new")
        with _telling(beside), ExitStack() as undoing:
            file = _held(self.path, os.open(beside, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600))
            undoing.callback(beside.unlink)
            undoing.callback(file.close)
            file.write(json.dumps(header).encode() + b"\n")
            file.write(snapshot)
            file.flush()
            os.fsync(file.fileno())
            beside.replace(self._place)
            undoing.pop_all()
        self._file.close()
        self._file, self._end = file, file.tell()

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()


def _difference(before: str | None, now: str | None) -> str:
    return f"{before} before, {now or 'not'} now" if before else f"{now} now, not before"


@contextmanager
def _telling(path: Path) -> Iterator[None]:
    """Name the file that cannot be written."""
    try:
        yield
    except OSError as error:
        raise StateNotWritten(f"{path} ({error.strerror}).") from error


def _opened(path: Path) -> BinaryIO:
    """The file that has this name once it is held: whoever held it before may have put a new one in its place."""
    if path.exists() and not path.is_file():
        raise StateNotAFile(f"{path}.")
    while True:
        with _telling(path):
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        file = _held(path, descriptor)
        with _telling(path):
            if os.path.samefile(path, descriptor):
                return file
        file.close()


def _held(path: Path, descriptor: int) -> BinaryIO:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        raise StateInUse(str(path)) from error
    return os.fdopen(descriptor, "r+b")
