"""Fresh addresses for the receiver: signed without asking anybody, or one error that says why not."""

from pathlib import Path

import pytest

from app.presigning import SECONDS, presigner
from store.media import Media
from webhooks.media import CannotPresign

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


def test_without_credentials_nothing_is_signed(aws: pytest.MonkeyPatch) -> None:
    aws.delenv("AWS_ACCESS_KEY_ID")
    aws.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(CannotPresign, match="AWS_ACCESS_KEY_ID"):
        presigner("https://storage.example")(ONE, "GET")
    aws.setenv("AWS_PROFILE", "nobody")
    with pytest.raises(CannotPresign, match="ProfileNotFound"):
        presigner("https://storage.example")
