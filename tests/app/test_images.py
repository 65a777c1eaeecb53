"""A run's images, provided as a person asks for them: the same addresses each time, and browsers see them."""

import os
import stat
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import urllib3
from other_site import chromium, other_site, pixel
from PIL import Image
from rclone_server import rclone
from rich.console import Console
from s3_server import S3Server

from app.config import BadSetting, Settings
from app.datasets import Item, load
from app.image_files import NoWebImage
from app.images import BadPlace, Place, provide, token, withdraw
from app.web import application
from handlers.media import NoCors, NotReadable
from handlers.storage import NoBucket, s3_client
from simulator.http_server import Server
from store.migrations import migrate
from store.sqlite import SqliteStore

BASE = "https://pictures.example"
COLOUR = (200, 30, 60)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    migrate(tmp_path / "crowdhook.db")
    return Settings(database=tmp_path / "crowdhook.db", keyring=tmp_path / "crowdhook.keyring", url=BASE)


@pytest.fixture
def store(settings: Settings) -> Iterator[SqliteStore]:
    with closing(SqliteStore(settings.database, lambda: 1.0)) as store:
        yield store


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "cells" / "sub").mkdir(parents=True)
    for number, name in enumerate(("a.png", "b.jpg", "sub/c.png")):
        Image.new("RGB", (20, 20 + number), COLOUR).save(tmp_path / "cells" / name)
    return tmp_path / "cells"


def given(
    store: SqliteStore, settings: Settings, items: list[Item], where: str = "serve", run: str = "main", **more: Any
) -> dict[str, str]:
    return provide(store, settings, "image-segmentation", run, items, where, Console(file=StringIO()), **more)


def with_storage(settings: Settings, endpoint: str) -> Settings:
    return Settings(database=settings.database, keyring=settings.keyring, url=BASE, s3_endpoint=endpoint)


@contextmanager
def receiver(settings: Settings, aws: pytest.MonkeyPatch) -> Iterator[str]:
    """The real receiver over these settings, as its environment tells them."""
    for name, value in {
        "CROWDHOOK_DATABASE": str(settings.database),
        "CROWDHOOK_KEYRING": str(settings.keyring),
        "CROWDHOOK_WEBHOOK_SECRETS": "main:a secret that nobody needs",
        "CROWDHOOK_S3_ENDPOINT": settings.s3_endpoint or "",
    }.items():
        aws.setenv(name, value)
    server = Server(0, application())
    serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    serving.start()
    try:
        yield f"http://localhost:{server.server_port}"
    finally:
        server.shutdown()
        server.hang_up()
        serving.join()
        server.server_close()


def get(address: str) -> urllib3.BaseHTTPResponse:
    with urllib3.PoolManager(retries=3) as browser:
        return browser.request("GET", address)


def test_served_images_have_addresses_that_nobody_guesses(
    store: SqliteStore, settings: Settings, folder: Path, aws: pytest.MonkeyPatch
) -> None:
    addresses = given(store, settings, load(folder))
    assert list(addresses) == ["a.png", "b.jpg", "sub/c.png"]
    with receiver(settings, aws) as here:
        for key, address in addresses.items():
            assert address.startswith(f"{BASE}/media/")
            assert get(address.replace(BASE, here)).data == (folder / key).read_bytes()


def test_a_lost_database_gives_the_same_addresses_again(settings: Settings, folder: Path, tmp_path: Path) -> None:
    seen = []
    for name in ("first.db", "second.db"):
        migrate(tmp_path / name)
        with closing(SqliteStore(tmp_path / name, lambda: 1.0)) as store:
            seen.append(given(store, settings, load(folder)))
    assert seen[0] == seen[1]


def test_addresses_follow_from_run_key_content_and_keyring() -> None:
    one = token(b"key", "pipeline", "run", "a.png", "ab")
    assert one == "1d057886a82ec07f81e30a4705491d39"
    others = [
        token(b"another", "pipeline", "run", "a.png", "ab"),
        token(b"key", "pipeline", "run2", "a.png", "ab"),
        token(b"key", "pipeline", "run", "b.png", "ab"),
        token(b"key", "pipeline", "run", "a.png", "cd"),
    ]
    assert len({one, *others}) == 5


def test_a_changed_image_gets_another_address_and_the_others_keep_theirs(
    store: SqliteStore, settings: Settings, folder: Path
) -> None:
    before = given(store, settings, load(folder))
    Image.new("RGB", (5, 5)).save(folder / "a.png")
    after = given(store, settings, load(folder))
    assert {key for key in before if before[key] != after[key]} == {"a.png"}


def test_a_second_time_no_file_is_read_that_did_not_change(
    store: SqliteStore, settings: Settings, folder: Path
) -> None:
    items = load(folder)
    before = given(store, settings, items)
    path = folder / "a.png"
    kept = path.stat()
    path.write_bytes(path.read_bytes()[::-1])
    os.utime(path, ns=(kept.st_atime_ns, kept.st_mtime_ns))
    assert given(store, settings, items) == before
    os.utime(path)
    with pytest.raises(NoWebImage):
        given(store, settings, items)


def test_images_on_the_web_keep_their_address(store: SqliteStore, settings: Settings, folder: Path) -> None:
    away = Item("https://x.example/1.png", None, "https://x.example/1.png", None, None, None)
    assert given(store, settings, [away], run="web") == {away.key: away.url}
    assert not settings.keyring.exists()
    assert len(given(store, settings, [away, *load(folder)])) == 4


def test_without_a_public_address_of_ours_it_says_what_to_set(
    store: SqliteStore, settings: Settings, folder: Path
) -> None:
    bare = Settings(database=settings.database, keyring=settings.keyring)
    for where in ("serve", "s3://pictures/p"):
        with pytest.raises(BadSetting, match="CROWDHOOK_URL"):
            given(store, bare, load(folder), where)
    assert store.media_of("image-segmentation", "main") == []


def test_one_bad_image_leaves_everything_as_it_was(store: SqliteStore, settings: Settings, folder: Path) -> None:
    items = load(folder)
    (folder / "b.jpg").write_bytes(b"<svg/>")
    with pytest.raises(NoWebImage, match=r"b\.jpg"):
        given(store, settings, items)
    assert store.media_of("image-segmentation", "main") == []


@pytest.mark.parametrize(
    ("where", "place"),
    [
        ("serve", Place(None)),
        ("s3://pictures", Place("pictures")),
        ("s3://pictures/", Place("pictures")),
        ("s3://pictures/shop/2024/", Place("pictures", "shop/2024")),
    ],
)
def test_places_are_named(where: str, place: Place) -> None:
    assert Place.named(where, public=False) == place


@pytest.mark.parametrize(
    "where", ["", "here", "s3://", "s3://x", "s3://abc/../b", "s3://abc//d", "http://x/y", "s3:/abc"]
)
def test_places_that_are_none_are_refused(where: str) -> None:
    with pytest.raises(BadPlace, match="s3://bucket/prefix"):
        Place.named(where, public=False)


def test_only_a_bucket_can_be_public() -> None:
    assert Place.named("s3://pictures", public=True).public
    with pytest.raises(BadPlace, match="public"):
        Place.named("serve", public=True)


@pytest.fixture
def bucket(storage: S3Server, bucket_name: str) -> str:
    s3_client(storage.url).create_bucket(Bucket=bucket_name)
    return bucket_name


def test_uploaded_images_are_seen_through_the_same_addresses(
    store: SqliteStore, settings: Settings, folder: Path, storage: S3Server, bucket: str, aws: pytest.MonkeyPatch
) -> None:
    served = given(store, settings, load(folder))
    far = with_storage(settings, storage.url)
    addresses = given(store, far, load(folder), f"s3://{bucket}/cells")
    assert addresses == served
    assert given(store, far, load(folder), f"s3://{bucket}/cells") == served
    assert sorted(storage.counted("PUT", f"/{bucket}/").values()) == [1, 1, 1]
    contents = {key: (folder / key).read_bytes() for key in addresses}
    for key in addresses:
        (folder / key).unlink()
    with receiver(far, aws) as here:
        assert {key: get(each.replace(BASE, here)).data for key, each in addresses.items()} == contents


def test_public_images_are_at_the_buckets_own_addresses(
    store: SqliteStore, settings: Settings, folder: Path, storage: S3Server, bucket: str
) -> None:
    far = Settings(database=settings.database, keyring=settings.keyring, s3_endpoint=storage.url)
    addresses = given(store, far, load(folder), f"s3://{bucket}/cells", public=True)
    for key, address in addresses.items():
        assert address.startswith(f"{storage.url}/{bucket}/cells/public/")
        assert get(address).data == (folder / key).read_bytes()


def test_a_bucket_that_stays_closed_to_everybody_is_told(
    store: SqliteStore, settings: Settings, folder: Path, storage: S3Server, bucket: str
) -> None:
    storage.disturb = lambda environ: "400 AccessControlListNotSupported" if "HTTP_X_AMZ_ACL" in environ else None
    with pytest.raises(NotReadable, match="to everybody"):
        given(store, with_storage(settings, storage.url), load(folder), f"s3://{bucket}/cells", public=True)


def test_a_missing_bucket_leaves_everything_as_it_was(
    store: SqliteStore, settings: Settings, folder: Path, storage: S3Server
) -> None:
    with pytest.raises(NoBucket):
        given(store, with_storage(settings, storage.url), load(folder), "s3://nobody-made-it/cells")
    assert store.media_of("image-segmentation", "main") == []


def test_what_is_withdrawn_is_gone_unless_another_run_shows_it(
    store: SqliteStore, settings: Settings, folder: Path, storage: S3Server, bucket: str, aws: pytest.MonkeyPatch
) -> None:
    far, where = with_storage(settings, storage.url), f"s3://{bucket}/cells"
    items = load(folder)
    first = given(store, far, items, where)
    second = given(store, far, items[:1], where, run="second")
    assert withdraw(store, far, "image-segmentation", "main") == 3
    with receiver(far, aws) as here:
        assert {get(each.replace(BASE, here)).status for each in first.values()} == {404}
        assert get(second["a.png"].replace(BASE, here)).status == 200
    assert withdraw(store, far, "image-segmentation", "second") == 1
    assert "Contents" not in s3_client(storage.url).list_objects_v2(Bucket=bucket)
    assert withdraw(store, far, "image-segmentation", "second") == 0
    assert all((folder / item.key).exists() for item in items)


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    (tmp_path / "disk" / "pictures").mkdir(parents=True)
    return tmp_path / "disk"


def test_a_browser_reads_pixels_behind_the_redirect_on_a_page_of_another_site(
    store: SqliteStore, settings: Settings, folder: Path, disk: Path, aws: pytest.MonkeyPatch
) -> None:
    with rclone(disk, "--allow-origin=*") as endpoint:
        far = with_storage(settings, endpoint)
        address = given(store, far, load(folder), "s3://pictures/cells")["a.png"]
        (folder / "a.png").unlink()
        with receiver(far, aws) as here, other_site(settings.database.parent / "site") as site, chromium() as browser:
            assert pixel(browser, site, address.replace(BASE, here)) == [*COLOUR, 255]


def test_a_bucket_whose_images_no_page_may_read_is_told(
    store: SqliteStore, settings: Settings, folder: Path, storage: S3Server, bucket: str
) -> None:
    storage.hidden.add("Access-Control-Allow-Origin")
    with pytest.raises(NoCors, match="CORS rule"):
        given(store, with_storage(settings, storage.url), load(folder), f"s3://{bucket}/cells")


def test_progress_is_shown_to_a_person_and_only_while_it_lasts(
    store: SqliteStore, settings: Settings, folder: Path, storage: S3Server, bucket: str
) -> None:
    person, pipe = StringIO(), StringIO()
    for console in (Console(file=person, force_terminal=True), Console(file=pipe)):
        far = with_storage(settings, storage.url)
        provide(store, far, "image-segmentation", "main", load(folder), f"s3://{bucket}", console)
    assert f"Uploading to {bucket}" in person.getvalue()
    assert pipe.getvalue() == ""


def test_the_keyring_is_its_owners_alone(store: SqliteStore, settings: Settings, folder: Path) -> None:
    given(store, settings, load(folder))
    assert stat.S_IMODE(settings.keyring.stat().st_mode) == 0o600
