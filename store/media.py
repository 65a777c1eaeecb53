"""The record of one image that performers' browsers are shown: whose it is, what it is, and where it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

EXTENSIONS: Mapping[str, str] = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/gif": ".gif",
    "image/webp": ".webp",
    "image/bmp": ".bmp",
}  # every type that is shown; none of them can hold a script


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """One image of one run, as it was when it was registered."""

    token: str  # 32 hex digits: what makes its address unguessable
    pipeline: str
    run: str
    key: str  # path relative to the data set, with "/"
    sha256: str  # hex, of its content
    bytes: int
    content_type: str  # one of EXTENSIONS
    path: Path  # absolute, without links: its file on this machine
    mtime_ns: int  # of the file
    bucket: str | None = None  # None: it is served from its file
    object: str | None = None  # its name in the bucket
    uploaded: bool = False

    @property
    def name(self) -> str:
        """Return the last part of its address."""
        return self.token + EXTENSIONS[self.content_type]
