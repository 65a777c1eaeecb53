"""What the machine offers: versions of program, Python, libraries and SQLite; the disk that the database is on."""

import platform
import shutil
import sqlite3
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from app.config import Settings
from app.findings import Finding, fail, mebibytes, ok, warn

PROGRAM = "crowdhook"
REPAIRED = ((3, 51, 3), (3, 50, 7), (3, 44, 6))  # SQLite without the WAL-reset bug: the first, and two older branches
LEAST_FREE, LITTLE_FREE = 200 * 2**20, 2**30  # bytes; below the first the receiver takes no event any more
FAR_AWAY = frozenset({"nfs", "nfs4", "cifs", "smb3", "9p", "ceph", "glusterfs", "lustre", "afs"})
GONE_SOON = frozenset({"tmpfs", "ramfs", "overlay"})  # with the machine, or with the container
MOUNTS = Path("/proc/self/mountinfo")


def versions() -> Iterator[Finding]:
    """Compare what is installed with what the program was made for."""
    python, bounds = platform.python_version(), metadata.metadata(PROGRAM)["Requires-Python"]
    said = f"{PROGRAM} {metadata.version(PROGRAM)} on Python {python}"
    if SpecifierSet(bounds).contains(python):
        yield ok("program", said)
    else:
        yield fail("program", f"{said}, which must be {bounds}", "install it with a Python of these versions")
    wrong = list(_unfit_libraries())
    if wrong:
        yield fail("libraries", "; ".join(wrong), "install what requirements.lock says")
    else:
        yield ok("libraries", "all as the program needs them")


def sqlite_version(version: tuple[int, ...] = sqlite3.sqlite_version_info) -> Finding:
    """Say whether this SQLite can lose what a write-ahead log holds, and what keeps it from that here."""
    text = ".".join(map(str, version))
    if version >= REPAIRED[0] or any(version[:2] == old[:2] and version >= old for old in REPAIRED[1:]):
        return ok("sqlite", text)
    kept = "one writer at a time by the lock file and one checkpointer shut it out here"
    return ok("sqlite", f"{text}, which has the WAL-reset bug (repaired in 3.51.3): {kept}")


def disk(settings: Settings) -> Iterator[Finding]:
    """Look at the disk that the database is on, or will be."""
    folder = settings.database.absolute().parent
    kind = filesystem(folder, MOUNTS.read_text(encoding="utf-8")) if MOUNTS.exists() else ""
    if kind in FAR_AWAY or kind.startswith("fuse."):
        yield fail("disk", f"{folder} is on {kind}", "move the database to a local disk: locks do not hold on this one")
    elif kind in GONE_SOON:
        yield warn("disk", f"{folder} is on {kind}", "keep the database where it outlives the machine or container")
    else:
        yield ok("disk", f"{folder} is on {kind or 'a disk of unknown kind'}")
    yield _room(folder)


def filesystem(folder: Path, mounts: str) -> str:
    """Return the kind of filesystem that a folder is on, by the text of /proc/self/mountinfo; "" if it is unknown."""
    best, kind = "", ""
    for line in mounts.splitlines():
        point, _, rest = line.partition(" - ")
        place = point.split()[4].replace("\\040", " ")
        if (folder == Path(place) or Path(place) in folder.parents) and len(place) >= len(best):
            best, kind = place, rest.split()[0]
    return kind


def _room(folder: Path) -> Finding:
    free = shutil.disk_usage(folder).free
    said = f"{mebibytes(free)} free in {folder}"
    if free < LEAST_FREE:
        return fail("room", said, "make room: the receiver takes no event below 200 MiB")
    return warn("room", said, "make room before it is below 200 MiB") if free < LITTLE_FREE else ok("room", said)


def _unfit_libraries() -> Iterator[str]:
    for text in metadata.requires(PROGRAM) or ():
        needed = Requirement(text)
        if needed.marker is not None and not needed.marker.evaluate({"extra": ""}):
            continue
        try:
            found = metadata.version(needed.name)
        except metadata.PackageNotFoundError:
            yield f"{needed.name} is missing"
            continue
        if not needed.specifier.contains(found, prereleases=True):
            yield f"{needed.name} is {found}, which must be {needed.specifier}"
