"""Images: found by the token of their address, one object for the same content, forgotten when nobody uses them."""

from dataclasses import replace
from pathlib import Path

import pytest
from store_examples import Deployment

from store.contract import Store
from store.media import EXTENSIONS, Media


def image(token: str, key: str = "a.jpg", **more: object) -> Media:
    shown = {
        "token": token,
        "pipeline": "segmentation",
        "run": "main",
        "key": key,
        "sha256": "ab" * 32,
        "bytes": 1000,
        "content_type": "image/jpeg",
        "path": Path("/pictures") / key,
        "mtime_ns": 1_700_000_000_123_456_789,
    }
    return Media(**(shown | more))


def in_bucket(token: str, object: str = "p/ab.jpg", **more: object) -> Media:
    return image(token, **({"bucket": "pictures", "object": object} | more))


def tokens(media: list[Media]) -> list[str]:
    return [each.token for each in media]


def test_what_was_registered_is_found_by_its_token_by_every_process(deployment: Deployment) -> None:
    served, uploaded = image("t1"), in_bucket("t2", key="ä/b.jpg", uploaded=True)
    deployment.open().register_media([served, uploaded])
    other = deployment.open()
    assert other.media("t1") == served
    assert other.media("t2") == uploaded
    assert other.media("t3") is None
    assert other.media("") is None


def test_a_run_has_its_own_images_by_key(store: Store) -> None:
    store.register_media([image("t2", "b.jpg"), image("t3", "a.jpg"), image("t1", "b.jpg"), image("t0", run="other")])
    assert tokens(store.media_of("segmentation", "main")) == ["t3", "t1", "t2"]
    assert tokens(store.media_of("segmentation", "other")) == ["t0"]
    assert store.media_of("other", "main") == []


def test_registering_again_says_where_it_is_now(store: Store) -> None:
    store.register_media([image("t1")])
    moved = image("t1", path=Path("/elsewhere/a.jpg"), mtime_ns=5)
    store.register_media([moved])
    assert store.media_of("segmentation", "main") == [moved]


def test_what_is_uploaded_stays_so_while_its_object_is_the_same(store: Store) -> None:
    store.register_media([in_bucket("t1"), in_bucket("t2", "p/cd.jpg")])
    store.mark_uploaded(["t1", "unheard-of"])
    store.register_media([in_bucket("t1"), in_bucket("t2", "p/cd.jpg")])
    assert [each.uploaded for each in store.media_of("segmentation", "main")] == [True, False]


@pytest.mark.parametrize(
    "elsewhere", [image("t1"), in_bucket("t1", bucket="other"), in_bucket("t1", "q/ab.jpg")], ids=lambda each: each.name
)
def test_elsewhere_it_has_to_be_uploaded_anew(store: Store, elsewhere: Media) -> None:
    store.register_media([in_bucket("t1", uploaded=True)])
    store.register_media([elsewhere])
    assert store.media("t1") == elsewhere


def test_what_is_served_from_its_file_is_never_uploaded(store: Store) -> None:
    store.register_media([image("t1")])
    store.mark_uploaded(["t1"])
    assert store.media("t1") == image("t1")


def test_an_object_is_let_go_when_all_who_use_it_are(store: Store) -> None:
    both = [in_bucket("t1"), in_bucket("t2", run="other")]
    store.register_media([*both, in_bucket("t3", "p/cd.jpg"), in_bucket("t4", bucket="elsewhere"), image("t5")])
    assert tokens(store.unshared_media(["t1", "t3", "t4", "t5"])) == ["t3", "t4"]
    assert store.unshared_media(["t1", "t2"]) == both
    store.forget_media(["t2"])
    assert tokens(store.unshared_media(["t1"])) == ["t1"]


def test_what_is_forgotten_is_not_found(store: Store) -> None:
    store.register_media([image("t1"), image("t2")])
    store.forget_media(["t1", "unheard-of"])
    assert (store.media("t1"), store.media("t2")) == (None, image("t2"))


def test_many_are_registered_at_once_or_not_at_all(store: Store) -> None:
    many = [image(f"{number:032x}", f"{number:05}.jpg") for number in range(5000)]
    store.register_media(many)
    store.mark_uploaded([])
    assert store.media_of("segmentation", "main") == many
    with pytest.raises(Exception, match="NOT NULL"):
        store.register_media([image("new"), replace(many[0], token="bad", sha256=None)])
    assert store.media("new") is None


def test_the_last_part_of_an_address_tells_the_type() -> None:
    assert [image("t", content_type=kind).name for kind in EXTENSIONS] == ["t.jpg", "t.png", "t.gif", "t.webp", "t.bmp"]
