"""What an image file is: its content's hash and type, as its bytes tell, and whether it lies in its folder."""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from store.errors import CrowdhookError

LARGEST = 50 * 2**20  # bytes
HEAD = 32  # bytes from which every type is told


class NoWebImage(CrowdhookError):
    """This is no image that every browser shows: convert it to JPEG, PNG, GIF, WebP or BMP."""


class ImageTooLarge(CrowdhookError):
    """This image has more than 50 MiB, a performer would wait for minutes: make it smaller."""


class OutsideFolder(CrowdhookError):
    """This image is a link that leads out of its folder: put the file itself there."""


class NameNotUtf8(CrowdhookError):
    """The name of this image is not UTF-8: rename it."""


@dataclass(frozen=True, slots=True)
class ImageFile:
    """One file, as it was when it was read."""

    path: Path  # absolute, without links
    sha256: str  # hex
    bytes: int
    mtime_ns: int
    content_type: str


def real_path(path: Path, key: str) -> Path:
    """Return where a data set's image really is; raises OutsideFolder when links lead out of the set, NameNotUtf8."""
    try:
        str(path).encode()
    except UnicodeEncodeError as error:
        raise NameNotUtf8(repr(str(path))) from error
    parts = PurePosixPath(key).parts
    steps = 1 if ".." in parts or PurePosixPath(key).is_absolute() else len(parts)
    found, folder = path.resolve(strict=True), path.absolute().parents[steps - 1].resolve()
    if not found.is_relative_to(folder):
        raise OutsideFolder(f"{path} -> {found}")
    return found


def read_image(path: Path, known: Mapping[tuple[Path, int, int], ImageFile]) -> ImageFile:
    """Read a file, unless it is known by (path, mtime_ns, bytes). Raises NoWebImage, ImageTooLarge."""
    with path.open("rb") as file:
        stat = os.fstat(file.fileno())
        same = known.get((path, stat.st_mtime_ns, stat.st_size))
        if same is not None:
            return same
        if stat.st_size > LARGEST:
            raise ImageTooLarge(str(path))
        content_type, sha256 = _type(path, file), hashlib.file_digest(file, "sha256").hexdigest()
    return ImageFile(path, sha256, stat.st_size, stat.st_mtime_ns, content_type)


def _type(path: Path, file: BinaryIO) -> str:
    head = file.read(HEAD)
    file.seek(0)
    found = content_type(head)
    if found is None:
        raise NoWebImage(str(path))
    return found


def content_type(head: bytes) -> str | None:
    """Tell an image's type from its first bytes, whatever its name is; None for anything else."""
    if head.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "image/webp"
    if head.startswith(b"BM") and head[6:10] == bytes(4) and head[15:18] == bytes(3):
        return "image/bmp"
    return None
