"""Files to upload, in a process of its own where it is to be killed: `python uploads.py URL BUCKET FOLDER`."""

import hashlib
import os
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from handlers.media import object_name, there, upload
from handlers.storage import s3_client
from store.media import Media

PREFIX = "shop/2024"


@cache
def client(url: str, region: str) -> Any:
    """The client of a storage; it takes a third of a second to make."""
    return s3_client(url)


def write_files(folder: Path, number: int, size: int = 2000) -> None:
    """Write files of different content; to the storage they are images because we say so."""
    for each in range(number):
        (folder / f"{each:05}.jpg").write_bytes(f"image {each} ".encode() * (size // 12))


def media_in(folder: Path, bucket: str, *, public: bool = False) -> list[Media]:
    return [_media(path, bucket, public) for path in sorted(folder.iterdir())]


def _media(path: Path, bucket: str, public: bool) -> Media:
    content = path.read_bytes()
    sha256 = hashlib.sha256(content).hexdigest()
    return Media(
        token=hashlib.md5(path.name.encode()).hexdigest(),
        pipeline="segmentation",
        run="main",
        key=path.name,
        sha256=sha256,
        bytes=len(content),
        content_type="image/jpeg",
        path=path,
        mtime_ns=path.stat().st_mtime_ns,
        bucket=bucket,
        object=object_name(PREFIX, sha256, "image/jpeg", public=public),
    )


def upload_all(url: str, media: Sequence[Media], *, public: bool = False) -> list[str]:
    """Upload what is missing; return the keys that arrived."""
    s3, arrived = client(url, os.environ["AWS_DEFAULT_REGION"]), []
    present = there(s3, str(media[0].bucket), PREFIX)
    upload(s3, media, present, public=public, arrived=lambda each: arrived.append(each.key))
    return arrived


if __name__ == "__main__":
    upload_all(sys.argv[1], media_in(Path(sys.argv[3]), sys.argv[2]))
