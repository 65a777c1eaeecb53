"""Fresh addresses for the receiver: signed without asking anybody, or one error that says why not."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.presigning import SECONDS, presigner
from store.media import Media
from webhooks.media import CannotPresign

ROOT = Path(__file__).parents[2]
ASKED_TWICE = """
import sys, time
from pathlib import Path
from app.web import application
from store.media import Media
from store.migrations import migrate
from store.sqlite import SqliteStore

migrate(Path("crowdhook.db"))
SqliteStore(Path("crowdhook.db"), time.time).register_media([Media(
    token="0" * 32, pipeline="p", run="r", key="a.png", sha256="ab", bytes=3, content_type="image/png",
    path=Path("/a.png"), mtime_ns=1, bucket="pictures", object="p/ab.png", uploaded=True)])
client = application().test_client()
for name in ("1" * 32, "0" * 32):
    print(client.get(f"/media/{name}.png").status_code, "boto3" in sys.modules)
"""
ONE = Media(
    token="0" * 32,
    pipeline="segmentation",
    run="main",
    key="a.jpg",
    sha256="ab",
    bytes=3,
    content_type="image/jpeg",
    path=Path("/pictures/a.jpg"),
    mtime_ns=1,
    bucket="pictures",
    object="p/a b.jpg",
    uploaded=True,
)


def test_an_address_is_signed_for_an_hour(aws: pytest.MonkeyPatch) -> None:
    address = presigner("https://storage.example")(ONE, "GET")
    assert address.startswith("https://storage.example/pictures/p/a%20b.jpg?")
    assert f"X-Amz-Expires={SECONDS}" in address
    assert "secretcanary" not in address


def test_amazons_own_addresses_name_bucket_and_region(aws: pytest.MonkeyPatch) -> None:
    aws.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    address = presigner(None)(ONE, "HEAD")
    assert address.startswith("https://pictures.s3.eu-west-1.amazonaws.com/p/a%20b.jpg?")


def test_the_receiver_loads_it_with_the_first_uploaded_image(aws: pytest.MonkeyPatch, tmp_path: Path) -> None:
    given = {"CROWDHOOK_WEBHOOK_SECRETS": "main:a secret that nobody needs", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", ASKED_TWICE]
    done = subprocess.run(
        command, cwd=tmp_path, env={**os.environ, **given}, capture_output=True, text=True, timeout=60
    )
    assert done.stdout.split() == ["404", "False", "302", "True"], done.stderr


def test_without_credentials_nothing_is_signed(aws: pytest.MonkeyPatch) -> None:
    aws.delenv("AWS_ACCESS_KEY_ID")
    aws.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(CannotPresign, match="AWS_ACCESS_KEY_ID"):
        presigner("https://storage.example")(ONE, "GET")
    aws.setenv("AWS_PROFILE", "nobody")
    with pytest.raises(CannotPresign, match="ProfileNotFound"):
        presigner("https://storage.example")
