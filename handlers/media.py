"""Images in a bucket: uploaded once under the hash of their content, reached by signed or public addresses."""

import base64
import hashlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from typing import Any

import urllib3
from botocore.exceptions import ClientError

from handlers.storage import THREADS, WrongRegion, code_of, meaning, plain_errors
from store.errors import CrowdhookError
from store.media import EXTENSIONS, Media

REMOVED_AT_ONCE = 1000  # S3 takes no more in one request
CONDITION_TRIES = 4

# What a storage may turn down, and we do without: not all know the condition, and new buckets of Amazon take no ACL.
_DISPENSABLE = {
    "NotImplemented": "IfNoneMatch",
    "AccessControlListNotSupported": "ACL",
}


class FileChanged(CrowdhookError):
    """An image was changed while it was about to be uploaded: run the command again."""


class NotReadable(CrowdhookError):
    """The images are uploaded, but browsers may not see them: allow GetObject (to everybody, if they are public)."""


class NoCors(CrowdhookError):
    """The images are uploaded, but no page may read them: give the bucket a CORS rule for GET from every origin (*)."""


def object_name(prefix: str, sha256: str, content_type: str, *, public: bool) -> str:
    """Return where an image goes: the same content to the same place; what is public never beside what is not."""
    return "/".join(filter(None, (prefix, "public" if public else "", sha256 + EXTENSIONS[content_type])))


def there(client: Any, bucket: str, prefix: str) -> dict[str, int]:
    """Return what a bucket holds below a prefix: bytes by object name. Raises WrongRegion, NoBucket, AccessDenied …"""
    with plain_errors():
        pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=f"{prefix}/" if prefix else "")
        found = {each["Key"]: int(each["Size"]) for page in pages for each in page.get("Contents", ())}
        region = client.head_bucket(Bucket=bucket).get("BucketRegion")
    if region and client.meta.region_name not in (region, "auto"):
        raise WrongRegion(f"It is {region}, not {client.meta.region_name}.")
    return found


def upload(
    client: Any,
    media: Sequence[Media],
    present: Mapping[str, int],
    *,
    public: bool,
    arrived: Callable[[Media], None],
) -> None:
    """Put every object that is not `present` (see `there`) into its bucket once, and tell of each image that is there.

    One of another size is put anew. What was put before an error, or before this process was killed, stays, and is
    found present the next time. `arrived` is called in the calling thread. Raises FileChanged and what `there` raises.
    """
    sharing: dict[str, list[Media]] = {}
    for each in media:
        sharing.setdefault(str(each.object), []).append(each)
    missing = [each for name, (each, *_) in sharing.items() if present.get(name) != each.bytes]
    for name in sharing.keys() - {each.object for each in missing}:
        _each(arrived, sharing[name])
    putting = _Putting(client, present, public)
    with ThreadPoolExecutor(THREADS, "upload") as pool:
        futures = {pool.submit(putting.put, each): each for each in missing}
        try:
            for future in as_completed(futures):
                future.result()
                _each(arrived, sharing[str(futures[future].object)])
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _each(arrived: Callable[[Media], None], media: Iterable[Media]) -> None:
    for one in media:
        arrived(one)


@dataclass(slots=True)
class _Putting:
    client: Any
    present: Mapping[str, int]
    public: bool
    without: set[str] = field(default_factory=set)  # what this storage turned down

    def put(self, media: Media) -> None:
        """Put one object, unless somebody else has done so meanwhile."""
        request = self._request(media)
        with plain_errors():
            for _ in range(CONDITION_TRIES):
                kept = {name: value for name, value in request.items() if name not in self.without}
                try:
                    self.client.put_object(**kept)
                    return
                except ClientError as error:
                    if code_of(error) == "PreconditionFailed":
                        return
                    self._do_without(error)
        raise meaning("ConditionalRequestConflict")

    def _request(self, media: Media) -> dict[str, Any]:
        body = _content(media)
        request = {
            "Bucket": media.bucket,
            "Key": media.object,
            "Body": body,
            "ContentType": media.content_type,
            "ContentMD5": base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode(),
            "CacheControl": "public, max-age=31536000, immutable",
        }
        if media.object not in self.present:
            request["IfNoneMatch"] = "*"
        if self.public:
            request["ACL"] = "public-read"
        return request

    def _do_without(self, error: ClientError) -> None:
        """Leave out from now on what the storage turned down; an error that this cannot mend is raised."""
        code = code_of(error)
        if code in _DISPENSABLE:
            self.without.add(_DISPENSABLE[code])
        elif code != "ConditionalRequestConflict":  # somebody puts the same object at this moment
            raise error


def _content(media: Media) -> bytes:
    try:
        body = media.path.read_bytes()
    except OSError as error:
        raise FileChanged(f"({media.path}: {error.strerror})") from error
    if hashlib.sha256(body).hexdigest() != media.sha256:
        raise FileChanged(f"({media.path})")
    return body


def presigned(client: Any, media: Media, seconds: int, method: str = "GET") -> str:
    """Return an address that shows an object for so many seconds (7 days at most) to whoever has it."""
    operation = {"GET": "get_object", "HEAD": "head_object"}[method]
    with plain_errors():
        address: str = client.generate_presigned_url(
            operation, Params={"Bucket": media.bucket, "Key": media.object}, ExpiresIn=seconds
        )
    return address


def public_address(client: Any, media: Media) -> str:
    """Return the address of an object that everybody may see."""
    return presigned(client, media, 1).partition("?")[0]


def check_shown(address: str) -> None:
    """Look at an address as a browser does that came there from another site; raises NotReadable, NoCors."""
    with urllib3.PoolManager(retries=urllib3.Retry(2), timeout=30.0) as browser:
        try:
            answer = browser.request("GET", address, headers={"Origin": "null"})
        except urllib3.exceptions.HTTPError as error:
            raise NotReadable(f"({type(error).__name__})") from error
    if answer.status != 200:
        code = re.search(rb"<Code>(\w+)</Code>", answer.data)
        raise NotReadable(f"({code[1].decode() if code else answer.status})")
    if answer.headers.get("Access-Control-Allow-Origin") not in ("*", "null"):
        raise NoCors


def remove(client: Any, media: Sequence[Media]) -> None:
    """Delete the objects of these images from their buckets; one that is gone already is no error."""
    by_bucket: dict[str, set[str]] = {}
    for each in media:
        by_bucket.setdefault(str(each.bucket), set()).add(str(each.object))
    for bucket, names in by_bucket.items():
        ordered = sorted(names)
        for at in range(0, len(ordered), REMOVED_AT_ONCE):
            _remove(client, bucket, ordered[at : at + REMOVED_AT_ONCE])


def _remove(client: Any, bucket: str, names: Sequence[str]) -> None:
    wanted = {"Objects": [{"Key": name} for name in names], "Quiet": True}
    with plain_errors():
        answer = client.delete_objects(Bucket=bucket, Delete=wanted)
    failed = [each for each in answer.get("Errors", ()) if each.get("Code") != "NoSuchKey"]
    if failed:
        raise meaning(failed[0].get("Code", ""))
