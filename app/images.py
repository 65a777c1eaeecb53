"""A run's images made reachable for performers' browsers: served by the receiver, or uploaded to a bucket."""

import hmac
import os
import re
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from app.config import Settings
from app.datasets import Item
from app.image_files import ImageFile, read_image, real_path
from app.keyring import Keyring
from app.presigning import SECONDS
from handlers.media import check_shown, object_name, presigned, public_address, remove, there, upload
from handlers.storage import s3_client
from store.contract import Store
from store.errors import CrowdhookError
from store.media import Media

READERS = min(8, (os.cpu_count() or 1) + 2)  # files hashed at once
TOKEN_LENGTH = 32  # hex digits: 128 bits
_BUCKET = re.compile(r"s3://([A-Za-z0-9][A-Za-z0-9._-]{1,61}[A-Za-z0-9])(?:/(.*))?")


class BadPlace(CrowdhookError):
    """Images can be at `serve` (sent by this service) or `s3://bucket/prefix`; only a bucket can be public:"""


@dataclass(frozen=True, slots=True)
class Place:
    """Where images are to be."""

    bucket: str | None  # None: served from their files
    prefix: str = ""
    public: bool = False  # for everybody at the bucket's own address; else by short-lived addresses through us

    @classmethod
    def named(cls, where: str, *, public: bool) -> "Place":
        """Read `serve` or `s3://bucket/prefix`; raises BadPlace."""
        if where == "serve" and not public:
            return cls(None)
        match = _BUCKET.fullmatch(where)
        prefix = (match[2] or "").rstrip("/") if match else ""
        if match is None or any(part in ("", ".", "..") for part in prefix.split("/") if prefix):
            raise BadPlace(f"{where}{', public' if public else ''}.")
        return cls(match[1], prefix, public)


def provide(
    store: Store,
    settings: Settings,
    pipeline: str,
    run: str,
    items: Sequence[Item],
    where: str,
    console: Console,
    *,
    public: bool = False,
) -> dict[str, str]:
    """Make the images of a run reachable, and return the address of each by its key.

    `where` is `serve` or `s3://bucket/prefix`; `public` uploads for everybody to see, at the bucket's own addresses.
    Images on the web keep the address that they have. Called again, it reads only files that changed, uploads only
    what is missing, and returns the same addresses. Raises BadPlace, BadSetting, and what is wrong with an image or
    the storage.
    """
    place = Place.named(where, public=public)
    local = [item for item in items if item.url is None and item.path is not None]
    addresses = {item.key: item.url for item in items if item.url is not None}
    if not local:
        return addresses
    base = "" if public else settings.require_url()
    key = Keyring(settings.keyring).media_key()
    with _progress(console) as progress:
        files = _read(store, pipeline, run, local, progress)
        media = [_media(key, pipeline, run, each.key, file, place) for each, file in zip(local, files, strict=True)]
        client = None if place.bucket is None else s3_client(settings.s3_endpoint)
        present = {} if place.bucket is None else there(client, place.bucket, place.prefix)
        store.register_media(media)
        if place.bucket is not None:
            _upload(store, client, media, present, place, progress)
    if public:
        return addresses | {each.key: public_address(client, each) for each in media}
    return addresses | {each.key: f"{base}/media/{each.name}" for each in media}


def withdraw(store: Store, settings: Settings, pipeline: str, run: str) -> int:
    """Let the addresses of a run's images show nothing any more, and delete uploads that no other run uses.

    Returns how many images were forgotten. Files of this machine are left alone.
    """
    tokens = [each.token for each in store.media_of(pipeline, run)]
    uploads = store.unshared_media(tokens)
    if uploads:
        remove(s3_client(settings.s3_endpoint), uploads)
    store.forget_media(tokens)
    return len(tokens)


def token(key: bytes, pipeline: str, run: str, name: str, sha256: str) -> str:
    """Return what makes the address of an image unguessable, the same whenever image and keyring are the same."""
    return hmac.digest(key, f"{pipeline}|{run}|{name}|{sha256}".encode(), "sha256").hex()[:TOKEN_LENGTH]


def _progress(console: Console) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


def _read(store: Store, pipeline: str, run: str, items: Sequence[Item], progress: Progress) -> list[ImageFile]:
    known = {}
    for each in store.media_of(pipeline, run):
        file = ImageFile(each.path, each.sha256, each.bytes, each.mtime_ns, each.content_type)
        known[each.path, each.mtime_ns, each.bytes] = file
    paths = [real_path(item.path, item.key) for item in items if item.path is not None]
    with ThreadPoolExecutor(READERS, "read") as pool:
        reading: Iterable[ImageFile] = pool.map(lambda path: read_image(path, known), paths)
        return list(progress.track(reading, total=len(paths), description="Reading images"))


def _media(key: bytes, pipeline: str, run: str, name: str, file: ImageFile, place: Place) -> Media:
    media = Media(
        token=token(key, pipeline, run, name, file.sha256),
        pipeline=pipeline,
        run=run,
        key=name,
        sha256=file.sha256,
        bytes=file.bytes,
        content_type=file.content_type,
        path=file.path,
        mtime_ns=file.mtime_ns,
    )
    if place.bucket is None:
        return media
    name_there = object_name(place.prefix, file.sha256, file.content_type, public=place.public)
    return replace(media, bucket=place.bucket, object=name_there)


def _upload(
    store: Store, client: Any, media: Sequence[Media], present: dict[str, int], place: Place, progress: Progress
) -> None:
    """Upload what is missing, and look at one image as a browser would."""
    bar, arrived = progress.add_task(f"Uploading to {place.bucket}", total=len(media)), []

    def count(one: Media) -> None:
        arrived.append(one.token)
        progress.advance(bar)

    try:
        upload(client, media, present, public=place.public, arrived=count)
    finally:
        store.mark_uploaded(arrived)
    one = media[0]
    check_shown(public_address(client, one) if place.public else presigned(client, one, SECONDS))
