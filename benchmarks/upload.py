"""How fast 2,000 small images get into a bucket 20 ms away: ours beside a loop of boto3 calls; takes about 40 s.

The storage is moto's S3 in a process of its own, behind a server that keeps connections open and waits 20 ms before it
looks at a request, as if the way to it and back took so long. The loops send 200 images, and their seconds are scaled
to 2,000. All take turns. Run it with `python -m benchmarks.upload`.
"""

import hashlib
import multiprocessing
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import boto3
from moto.moto_server.werkzeug_app import create_backend_app

from handlers.media import object_name, there, upload
from handlers.storage import s3_client
from simulator.http_server import Server
from store.media import Media

IMAGES, LOOPED, BYTES = 2000, 200, 10_000
LATENCY = 0.02  # seconds
ROUNDS = 2
BUCKET = "pictures"

Way = Callable[[str, str, Sequence[Media]], None]  # endpoint, prefix, what to upload


def serve(ready: Connection) -> None:
    """Serve until the process is ended."""
    moto = create_backend_app("s3")

    def far(environ: Any, start_response: Any) -> Any:
        time.sleep(LATENCY)
        return moto(environ, start_response)

    server = Server(0, far)
    ready.send(f"http://127.0.0.1:{server.server_port}")
    server.serve_forever()


@contextmanager
def storage() -> Iterator[str]:
    """Run the storage; gives its address."""
    spawn = multiprocessing.get_context("spawn")
    here, there = spawn.Pipe()
    process = spawn.Process(target=serve, args=(there,), daemon=True)
    process.start()
    try:
        yield here.recv()
    finally:
        process.terminate()
        process.join()


def images(folder: Path) -> list[Media]:
    made = []
    for number in range(IMAGES):
        path, content = folder / f"{number:05}.jpg", number.to_bytes(4) * (BYTES // 4)
        path.write_bytes(content)
        known: dict[str, Any] = {"token": f"{number:032x}", "pipeline": "", "run": "", "key": path.name, "mtime_ns": 0}
        sha256 = hashlib.sha256(content).hexdigest()
        made.append(Media(**known, sha256=sha256, bytes=BYTES, content_type="image/jpeg", path=path, bucket=BUCKET))
    return made


def ours(endpoint: str, prefix: str, media: Sequence[Media]) -> None:
    client = s3_client(endpoint)
    placed = [_placed(each, prefix) for each in media]
    upload(client, placed, there(client, BUCKET, prefix), public=False, arrived=lambda each: None)


def _placed(media: Media, prefix: str) -> Media:
    name = object_name(prefix, media.sha256, media.content_type, public=False)
    return Media(**{field: getattr(media, field) for field in media.__slots__} | {"object": name})


def put_object(endpoint: str, prefix: str, media: Sequence[Media]) -> None:
    client = boto3.client("s3", endpoint_url=endpoint)
    for each in media:
        body = each.path.read_bytes()
        client.put_object(Bucket=BUCKET, Key=f"{prefix}/{each.key}", Body=body, ContentType="image/jpeg")


def upload_file(endpoint: str, prefix: str, media: Sequence[Media]) -> None:
    client = boto3.client("s3", endpoint_url=endpoint)
    for each in media:
        client.upload_file(str(each.path), BUCKET, f"{prefix}/{each.key}", ExtraArgs={"ContentType": "image/jpeg"})


WAYS: dict[str, tuple[Way, int]] = {
    "a loop of upload_file": (upload_file, LOOPED),
    "a loop of put_object": (put_object, LOOPED),
    "crowdhook: 16 threads, one client": (ours, IMAGES),
}


def measure(way: Way, endpoint: str, prefix: str, media: Sequence[Media]) -> float:
    """Return the seconds that 2,000 images take or, of fewer, would take; all must have arrived."""
    began = time.perf_counter()
    way(endpoint, prefix, media)
    taken = time.perf_counter() - began
    if len(there(s3_client(endpoint), BUCKET, prefix)) != len(media):
        raise AssertionError("not all images arrived")
    return taken * IMAGES / len(media)


def main() -> None:
    """Take turns, and print the table: medians, and the ratio to the first loop."""
    os.environ |= {"AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_DEFAULT_REGION": "us-east-1"}
    taken: dict[str, list[float]] = {name: [] for name in WAYS}
    with TemporaryDirectory() as folder, storage() as endpoint:
        media = images(Path(folder))
        s3_client(endpoint).create_bucket(Bucket=BUCKET)
        for turn in range(ROUNDS):
            for number, (name, (way, count)) in enumerate(WAYS.items()):
                taken[name].append(measure(way, endpoint, f"{turn}-{number}", media[:count]))
    print(f"{IMAGES} images of {BYTES // 1000} kB, {LATENCY * 1000:.0f} ms away; the loops are scaled from {LOOPED}")
    print(f"{'way':<36}{'seconds':>9}{'images/s':>10}{'ratio':>8}")
    first = median(next(iter(taken.values())))
    for name, seconds in taken.items():
        middle = median(seconds)
        print(f"{name:<36}{middle:9.1f}{IMAGES / middle:10.0f}{first / middle:7.1f}x")


if __name__ == "__main__":
    main()
