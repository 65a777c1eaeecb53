"""The storage's client: against one that checks credentials and keeps files; its errors are one clear line."""

import hashlib
import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import uploads
from rclone_server import rclone
from s3_server import S3Server
from uploads import PREFIX, media_in, upload_all, write_files

from handlers.media import presigned, there
from handlers.storage import (
    AccessDenied,
    NoCredentials,
    StorageFailed,
    Unreachable,
    WrongCredentials,
    WrongRegion,
    s3_client,
)
from store.errors import CrowdhookError

ROOT = Path(__file__).parents[2]
SECRETS = ("secretcanary", "AKIDCANARY", "Signature")


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    """The folder in which the storage keeps its one bucket."""
    (tmp_path / "disk" / "pictures").mkdir(parents=True)
    return tmp_path / "disk"


@pytest.fixture
def endpoint(disk: Path, aws: pytest.MonkeyPatch) -> Iterator[str]:
    with rclone(disk) as address:
        yield address


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "files").mkdir()
    return tmp_path / "files"


def objects(disk: Path) -> list[Path]:
    return list((disk / "pictures" / PREFIX).glob("*.jpg"))


def wait_until(condition: Callable[[], bool]) -> None:
    pause = threading.Event()
    for _ in range(6000):
        if condition():
            return
        pause.wait(0.01)
    pytest.fail("it never came to be")


def test_what_arrives_is_on_its_disk_as_it_is(endpoint: str, disk: Path, files: Path) -> None:
    write_files(files, 20)
    media = media_in(files, "pictures")
    upload_all(endpoint, media)
    assert {path.name: path.read_bytes() for path in objects(disk)} == {
        f"{each.sha256}.jpg": each.path.read_bytes() for each in media
    }


def test_killed_on_the_way_it_leaves_nothing_half_and_sends_nothing_again(
    endpoint: str, disk: Path, files: Path
) -> None:
    write_files(files, 250, size=60_000)
    command = [sys.executable, uploads.__file__, endpoint, "pictures", str(files)]
    with subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(ROOT)}) as process:
        wait_until(lambda: len(objects(disk)) >= 25)
        process.send_signal(signal.SIGKILL)
    sent = {path: path.stat() for path in objects(disk)}
    assert 25 <= len(sent) < 250
    assert all(hashlib.sha256(path.read_bytes()).hexdigest() == path.stem for path in sent)
    media = media_in(files, "pictures")
    upload_all(endpoint, media)
    assert there(s3_client(endpoint), "pictures", PREFIX) == {each.object: each.bytes for each in media}
    assert {path: (path.stat().st_ino, path.stat().st_mtime_ns) for path in sent} == {
        path: (stat.st_ino, stat.st_mtime_ns) for path, stat in sent.items()
    }


def told(endpoint: str | None, kind: type[CrowdhookError]) -> str:
    """The line that a person reads."""
    with pytest.raises(kind) as caught:
        there(s3_client(endpoint, attempts=1), "pictures", "")
    text = str(caught.value)
    assert "\n" not in text
    assert not any(secret in text for secret in SECRETS)
    return text


def test_wrong_credentials_are_told(endpoint: str, aws: pytest.MonkeyPatch) -> None:
    assert there(s3_client(endpoint), "pictures", "") == {}
    aws.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    with pytest.raises(WrongCredentials, match="SignatureDoesNotMatch"):
        there(s3_client(endpoint), "pictures", "")
    aws.setenv("AWS_ACCESS_KEY_ID", "AKIDNOBODY")
    assert "InvalidAccessKeyId" in told(endpoint, WrongCredentials)


def test_missing_credentials_are_told(aws: pytest.MonkeyPatch) -> None:
    aws.delenv("AWS_SECRET_ACCESS_KEY")
    told("http://127.0.0.1:9", NoCredentials)
    aws.delenv("AWS_ACCESS_KEY_ID")
    assert "AWS_SECRET_ACCESS_KEY" in told("http://127.0.0.1:9", NoCredentials)
    aws.setenv("AWS_PROFILE", "nobody")
    told(None, NoCredentials)


@pytest.mark.parametrize("address", ["http://bad host", "https://", "http://127.0.0.1:9"])
def test_an_address_that_leads_nowhere_is_told(aws: pytest.MonkeyPatch, address: str) -> None:
    assert "CROWDHOOK_S3_ENDPOINT" in told(address, Unreachable)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ("403 AccessDenied", AccessDenied),
        ("403 RequestTimeTooSkewed", WrongCredentials),
        ("400 ExpiredToken", WrongCredentials),
        ("400 AuthorizationHeaderMalformed", WrongRegion),
        ("400 SomethingOdd", StorageFailed),
        ("503 SlowDown", StorageFailed),
    ],
)
def test_what_the_storage_says_is_told(storage: S3Server, answer: str, kind: type[CrowdhookError]) -> None:
    storage.disturb = lambda environ: answer
    assert answer.split()[1] in told(storage.url, kind)


def test_no_log_line_tells_a_secret(
    endpoint: str, files: Path, aws: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    write_files(files, 3)
    media = media_in(files, "pictures")
    upload_all(endpoint, media)
    assert "X-Amz-Signature" in presigned(s3_client(endpoint), media[0], 60)
    aws.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    with pytest.raises(WrongCredentials):
        there(s3_client(endpoint), "pictures", "")
    assert not any(secret in caplog.text for secret in SECRETS)
