"""A rehearsal whose images the program itself makes reachable, from the same storage as on an account."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import urllib3
from s3_server import S3Server

from app.cell_samples import write_cells
from app.classification import Options, rehearse
from app.crops import cut
from app.rehearsal import Stage
from handlers.storage import s3_client

BUCKET = "pictures"
SHARED = next((each / "shared/bccd" for each in Path(__file__).parents if (each / "shared/bccd").is_dir()), None)


@pytest.fixture
def storage(monkeypatch: pytest.MonkeyPatch) -> Iterator[S3Server]:
    server = S3Server()
    server.start()
    for name, value in (("ACCESS_KEY_ID", "a"), ("SECRET_ACCESS_KEY", "s"), ("DEFAULT_REGION", "us-east-1")):
        monkeypatch.setenv(f"AWS_{name}", value)
    monkeypatch.setenv("CROWDHOOK_S3_ENDPOINT", server.url)
    s3_client(server.url).create_bucket(Bucket=BUCKET)
    yield server
    server.stop()


def seen(at: Stage) -> dict[str, bytes]:
    """What performers see at the address in each task, by the item's key."""
    shown = [each.body["input_values"] for each in at.world.state.tasks.values()]
    return {each["item"]: urllib3.request("GET", each["image"]).data for each in shown}


def test_what_performers_see_are_the_files_out_of_the_bucket(tmp_path: Path, storage: S3Server) -> None:
    cells, images = write_cells(tmp_path / "cells", 80), dict[str, bytes]()
    where = f"s3://{BUCKET}/cells"
    done = rehearse(
        Options(out=tmp_path / "out", dataset=cells, limit=6, settings={"overlap": 2}, images=where),
        after=lambda at, done: images.update(seen(at)),
    )
    assert (done.summary["images"], done.summary["unfinished"]) == (6, 0)
    assert images == {key: (cells / key).read_bytes() for key in images}
    uploads = storage.counted("PUT", f"/{BUCKET}/cells")
    assert (set(uploads.values()), len(uploads)) == ({1}, len(images))


@pytest.mark.skipif(SHARED is None, reason="shared/bccd is in no folder above")
def test_real_crops_go_through_the_bucket(tmp_path: Path, storage: S3Server) -> None:
    crops = tmp_path / "crops"
    cut(SHARED or Path(), crops, limit=50)
    options = Options(out=tmp_path / "out", dataset=crops, limit=12, settings={"overlap": 3}, images=f"s3://{BUCKET}")
    images = dict[str, bytes]()
    done = rehearse(options, after=lambda at, done: images.update(seen(at)))
    assert (done.summary["images"], done.summary["unfinished"]) == (12, 0)
    assert images == {key: (crops / key).read_bytes() for key in images}
    assert len(storage.counted("PUT", f"/{BUCKET}/")) == len(images)
