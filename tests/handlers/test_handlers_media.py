"""Images in a bucket: each uploaded once, whole, resumed after a kill, and one clear line when it cannot be."""

import hashlib
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import uploads
import urllib3
from s3_server import S3Server
from uploads import PREFIX, media_in, upload_all, write_files

from handlers.media import (
    FileChanged,
    NotReadable,
    check_shown,
    object_name,
    presigned,
    public_address,
    remove,
    there,
    upload,
)
from handlers.storage import NoBucket, Unreachable, WrongRegion, s3_client
from store.errors import CrowdhookError
from store.media import Media

ROOT = Path(__file__).parents[2]


@pytest.fixture
def bucket(storage: S3Server, bucket_name: str) -> str:
    client(storage).create_bucket(Bucket=bucket_name)
    return bucket_name


def client(storage: S3Server) -> Any:
    return uploads.client(storage.url, os.environ["AWS_DEFAULT_REGION"])


def puts(storage: S3Server, bucket: str) -> list[int]:
    """How often each object of a bucket was put."""
    return sorted(storage.counted("PUT", f"/{bucket}/").values())


def content(storage: S3Server, bucket: str) -> dict[str, bytes]:
    got = client(storage)
    return {name: got.get_object(Bucket=bucket, Key=name)["Body"].read() for name in there(got, bucket, "")}


def get(address: str, method: str = "GET") -> urllib3.BaseHTTPResponse:
    with urllib3.PoolManager(retries=False) as browser:
        return browser.request(method, address)


def test_an_object_is_named_by_its_content(storage: S3Server, bucket: str, tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"one")
    (tmp_path / "b.jpg").write_bytes(b"two")
    (tmp_path / "c.jpg").write_bytes(b"one")
    assert sorted(upload_all(storage.url, media_in(tmp_path, bucket))) == ["a.jpg", "b.jpg", "c.jpg"]
    names = [f"{PREFIX}/{hashlib.sha256(each).hexdigest()}.jpg" for each in (b"one", b"two")]
    assert content(storage, bucket) == dict(zip(names, (b"one", b"two"), strict=True))
    assert puts(storage, bucket) == [1, 1]


def test_what_is_public_is_never_beside_what_is_not() -> None:
    assert object_name("p", "ab", "image/png", public=False) == "p/ab.png"
    assert object_name("p", "ab", "image/png", public=True) == "p/public/ab.png"
    assert object_name("", "ab", "image/webp", public=False) == "ab.webp"


def test_browsers_are_told_the_type_and_to_keep_it(storage: S3Server, bucket: str, tmp_path: Path) -> None:
    write_files(tmp_path, 1)
    (one,) = media_in(tmp_path, bucket)
    upload_all(storage.url, [one])
    answer = get(presigned(client(storage), one, 60))
    assert (answer.status, answer.data) == (200, one.path.read_bytes())
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert "immutable" in answer.headers["Cache-Control"]


def test_every_body_can_be_checked_by_the_storage(storage: S3Server, bucket: str, tmp_path: Path) -> None:
    write_files(tmp_path, 1)
    (one,) = media_in(tmp_path, bucket)
    upload_all(storage.url, [one])
    head = storage.heads[f"/{bucket}/{one.object}"]
    assert head["HTTP_X_AMZ_CONTENT_SHA256"] == one.sha256
    assert len(head["HTTP_CONTENT_MD5"]) == 24
    assert head["HTTP_IF_NONE_MATCH"] == "*"


def test_a_second_time_nothing_is_sent(storage: S3Server, bucket: str, tmp_path: Path) -> None:
    write_files(tmp_path, 30)
    media = media_in(tmp_path, bucket)
    upload_all(storage.url, media)
    assert len(upload_all(storage.url, media)) == 30
    assert puts(storage, bucket) == [1] * 30


def test_killed_twice_only_what_was_under_way_is_sent_again(storage: S3Server, bucket: str, tmp_path: Path) -> None:
    write_files(tmp_path, 2000)
    for enough in (200, 500):
        command = [sys.executable, uploads.__file__, storage.url, bucket, str(tmp_path)]
        with subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(ROOT)}) as process:
            storage.wait_for(lambda enough=enough: len(storage.counted("PUT", f"/{bucket}/")) >= enough)
            process.send_signal(signal.SIGKILL)
        assert process.returncode == -signal.SIGKILL
        assert len(storage.counted("PUT", f"/{bucket}/")) < 1500
    media = media_in(tmp_path, bucket)
    assert len(upload_all(storage.url, media)) == 2000
    counts = puts(storage, bucket)
    assert len(counts) == 2000
    # A request under way at a kill may be answered after the next process listed the bucket: 16 at each.
    assert sum(counts) - 2000 <= 2 * 16
    assert there(client(storage), bucket, PREFIX) == {each.object: each.bytes for each in media}


def test_two_at_once_put_nothing_twice(storage: S3Server, bucket: str, tmp_path: Path) -> None:
    write_files(tmp_path, 100)
    media = media_in(tmp_path, bucket)
    with ThreadPoolExecutor(2) as both:
        assert [len(each) for each in both.map(lambda _: upload_all(storage.url, media), range(2))] == [100, 100]
    assert puts(storage, bucket) == [1] * 100


def test_what_is_there_with_another_size_is_put_anew(storage: S3Server, bucket: str, tmp_path: Path) -> None:
    write_files(tmp_path, 2)
    media = media_in(tmp_path, bucket)
    client(storage).put_object(Bucket=bucket, Key=media[0].object, Body=b"half")
    upload_all(storage.url, media)
    assert content(storage, bucket)[str(media[0].object)] == media[0].path.read_bytes()


def test_a_storage_that_knows_no_condition_is_asked_without(storage: S3Server, bucket: str, tmp_path: Path) -> None:
    storage.disturb = lambda environ: "501 NotImplemented" if "HTTP_IF_NONE_MATCH" in environ else None
    write_files(tmp_path, 60)
    assert len(upload_all(storage.url, media_in(tmp_path, bucket))) == 60
    assert puts(storage, bucket) == [1] * 60
    assert sum(storage.counted("PUT", f"/{bucket}/", 501).values()) <= 16


def test_a_bucket_without_acls_is_asked_without(storage: S3Server, bucket: str, tmp_path: Path) -> None:
    storage.disturb = lambda environ: "400 AccessControlListNotSupported" if "HTTP_X_AMZ_ACL" in environ else None
    write_files(tmp_path, 3)
    assert len(upload_all(storage.url, media_in(tmp_path, bucket, public=True), public=True)) == 3
    assert puts(storage, bucket) == [1] * 3


def test_two_who_put_the_same_object_at_once_are_sent_again(storage: S3Server, bucket: str, tmp_path: Path) -> None:
    write_files(tmp_path, 1)
    (one,) = media_in(tmp_path, bucket)
    conflicts = iter(["409 ConditionalRequestConflict"] * 2)
    storage.disturb = lambda environ: next(conflicts, None) if environ["REQUEST_METHOD"] == "PUT" else None
    assert upload_all(storage.url, [one]) == [one.key]
    storage.disturb = lambda environ: "409 ConditionalRequestConflict" if environ["REQUEST_METHOD"] == "PUT" else None
    with pytest.raises(CrowdhookError, match="ConditionalRequestConflict"):
        upload(client(storage), [one], {}, public=False, arrived=print)


def test_a_storage_that_stumbles_is_asked_again(storage: S3Server, bucket: str, tmp_path: Path) -> None:
    write_files(tmp_path, 3)
    stumbles = iter(["503 SlowDown"])
    storage.disturb = lambda environ: next(stumbles, None) if environ["REQUEST_METHOD"] == "PUT" else None
    assert len(upload_all(storage.url, media_in(tmp_path, bucket))) == 3


def test_after_an_error_nothing_more_is_begun(storage: S3Server, bucket: str, tmp_path: Path) -> None:
    write_files(tmp_path, 400)
    media = media_in(tmp_path, bucket)
    media[50].path.write_bytes(b"changed")
    with pytest.raises(FileChanged, match=str(media[50].path)):
        upload_all(storage.url, media)
    assert len(puts(storage, bucket)) < 200
    assert media[50].object not in there(client(storage), bucket, PREFIX)


@pytest.mark.parametrize("change", [lambda path: path.unlink(), lambda path: path.write_bytes(b"image 9 " * 100)])
def test_a_file_that_changed_is_never_sent_under_its_old_name(
    storage: S3Server, bucket: str, tmp_path: Path, change: Any
) -> None:
    write_files(tmp_path, 1)
    (one,) = media_in(tmp_path, bucket)
    change(one.path)
    with pytest.raises(FileChanged, match="run the command again"):
        upload_all(storage.url, [one])
    assert there(client(storage), bucket, "") == {}


def test_only_what_is_below_the_prefix_is_seen(storage: S3Server, bucket: str) -> None:
    for name in ("p/one", "p/q/two", "pq/three", "four"):
        client(storage).put_object(Bucket=bucket, Key=name, Body=b"xy")
    assert there(client(storage), bucket, "p") == {"p/one": 2, "p/q/two": 2}
    assert len(there(client(storage), bucket, "")) == 4


def test_a_missing_bucket_is_named_as_such(storage: S3Server) -> None:
    with pytest.raises(NoBucket, match="create it"):
        there(client(storage), "nobody-made-it", PREFIX)


def test_a_bucket_of_another_region_says_which(storage: S3Server, bucket_name: str, aws: pytest.MonkeyPatch) -> None:
    place = {"LocationConstraint": "eu-west-1"}
    client(storage).create_bucket(Bucket=bucket_name, CreateBucketConfiguration=place)
    with pytest.raises(WrongRegion, match=r"AWS_DEFAULT_REGION.*eu-west-1"):
        there(client(storage), bucket_name, PREFIX)
    aws.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    assert there(client(storage), bucket_name, PREFIX) == {}


def test_public_objects_are_seen_by_everybody_and_the_others_by_nobody(
    storage: S3Server, bucket: str, tmp_path: Path
) -> None:
    write_files(tmp_path, 1)
    (hidden,), (shown,) = media_in(tmp_path, bucket), media_in(tmp_path, bucket, public=True)
    upload_all(storage.url, [hidden])
    upload_all(storage.url, [shown], public=True)
    assert get(public_address(client(storage), hidden)).status == 403
    answer = get(public_address(client(storage), shown))
    assert (answer.status, answer.data) == (200, shown.path.read_bytes())
    assert public_address(client(storage), shown) == f"{storage.url}/{bucket}/{shown.object}"


def test_a_signed_address_is_for_one_method(storage: S3Server, bucket: str, tmp_path: Path) -> None:
    write_files(tmp_path, 1)
    (one,) = media_in(tmp_path, bucket)
    upload_all(storage.url, [one])
    signed = {method: presigned(client(storage), one, 60, method) for method in ("GET", "HEAD")}
    assert get(signed["HEAD"], "HEAD").status == 200
    assert signed["GET"] != signed["HEAD"]
    assert all("X-Amz-Expires=60" in each for each in signed.values())


def test_what_browsers_may_not_see_is_told(storage: S3Server, bucket: str, tmp_path: Path) -> None:
    write_files(tmp_path, 1)
    (one,) = media_in(tmp_path, bucket)
    upload_all(storage.url, [one])
    check_shown(presigned(client(storage), one, 60))
    with pytest.raises(NotReadable, match=r"AccessDenied|403"):
        check_shown(public_address(client(storage), one))
    with pytest.raises(NotReadable, match="MaxRetryError"):
        check_shown("http://127.0.0.1:9/pictures/a.jpg")


def test_objects_are_removed_in_batches(storage: S3Server, bucket: str, tmp_path: Path) -> None:
    write_files(tmp_path, 2)
    one, two = media_in(tmp_path, bucket)
    upload_all(storage.url, [one, two])
    many = [replace(one, object=f"never/there/{number}") for number in range(1200)]
    remove(client(storage), [one, one, *many])
    assert list(there(client(storage), bucket, "")) == [two.object]
    assert storage.counted("POST", f"/{bucket}") == {f"/{bucket}": 2}
    with pytest.raises(NoBucket):
        remove(client(storage), [replace(one, bucket="nobody-made-it")])


def test_a_storage_that_does_not_answer_is_told(aws: pytest.MonkeyPatch) -> None:
    with pytest.raises(Unreachable, match="CROWDHOOK_S3_ENDPOINT"):
        there(s3_client("http://127.0.0.1:9", attempts=1), "pictures", "")


def test_progress_is_told_for_each_image(storage: S3Server, bucket: str, tmp_path: Path) -> None:
    write_files(tmp_path, 5)
    media = [*media_in(tmp_path, bucket)]
    media.append(replace(media[0], token="0" * 32, key="again.jpg"))
    seen: list[Media] = []
    upload(client(storage), media, {}, public=False, arrived=seen.append)
    assert sorted(each.key for each in seen) == sorted(each.key for each in media)
