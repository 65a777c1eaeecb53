"""Images through a running receiver: registered ones as browsers want them, and nothing else of the machine."""

import hashlib
import os
import socket
from collections.abc import Callable
from contextlib import ExitStack, closing
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from deployed_receiver import Receiver, Reply
from flask import Flask
from looking import AT
from other_site import chromium, other_site, pixel
from PIL import Image

from app.web_config import threads
from store.media import Media
from store.migrations import migrate
from store.sqlite import SqliteStore
from webhooks.media import MOST_AT_ONCE, CannotPresign, Presign
from webhooks.web import create_app

COLOUR = (200, 30, 60)
NOT_THERE = {"error": "not_found", "message": "Not Found"}
CONTENT_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "GIF": "image/gif", "WEBP": "image/webp", "BMP": "image/bmp"}
Register = Callable[..., Media]


def picture(format: str, size: int = 64) -> bytes:
    file = BytesIO()
    Image.new("RGB", (size, size), COLOUR).save(file, format)
    return file.getvalue()


def registered(database: Path, path: Path, content_type: str = "image/png", **more: Any) -> Media:
    """Write down a file as it is now."""
    content = path.read_bytes()
    known = {
        "token": os.urandom(16).hex(),
        "pipeline": "segmentation",
        "run": "main",
        "key": path.name,
        "sha256": hashlib.sha256(content).hexdigest(),
        "bytes": len(content),
        "content_type": content_type,
        "path": path,
        "mtime_ns": path.stat().st_mtime_ns,
    }
    media = Media(**(known | more))
    with closing(SqliteStore(database, lambda: AT)) as store:
        store.register_media([media])
    return media


@pytest.fixture
def png(shared: Receiver, tmp_path: Path) -> Media:
    (tmp_path / "one.png").write_bytes(picture("PNG"))
    return registered(shared.database, tmp_path / "one.png")


def get(receiver: Receiver, media: Media, **headers: str) -> Reply:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return receiver.request("GET", f"/media/{media.name}", headers=given)


@pytest.mark.parametrize("format", CONTENT_TYPES)
def test_an_image_is_sent_as_what_it_is(shared: Receiver, tmp_path: Path, format: str) -> None:
    (tmp_path / "image").write_bytes(picture(format))
    media = registered(shared.database, tmp_path / "image", CONTENT_TYPES[format])
    reply = get(shared, media)
    assert (reply.status, reply.body) == (200, media.path.read_bytes())
    assert reply.headers["Content-Type"] == CONTENT_TYPES[format]
    assert reply.headers["Content-Length"] == str(media.bytes)


def test_any_page_may_read_it_and_it_can_do_nothing(shared: Receiver, png: Media) -> None:
    reply = get(shared, png, Origin="https://elsewhere.example")
    assert reply.headers["Access-Control-Allow-Origin"] == "*"
    assert reply.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in reply.headers["Content-Security-Policy"]
    assert "default-src 'none'" in reply.headers["Content-Security-Policy"]
    assert "Set-Cookie" not in reply.headers
    assert "Content-Disposition" not in reply.headers


def test_it_is_kept_for_good(shared: Receiver, png: Media) -> None:
    first = get(shared, png)
    assert first.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    again = get(shared, png, If_None_Match=first.headers["ETag"])
    assert (again.status, again.body) == (304, b"")
    assert again.headers["Cache-Control"] == first.headers["Cache-Control"]
    assert again.headers["Access-Control-Allow-Origin"] == "*"
    assert get(shared, png, If_None_Match='"another"').status == 200


def test_a_part_is_sent_when_a_part_is_asked_for(shared: Receiver, png: Media) -> None:
    whole = png.path.read_bytes()
    for asked, part in (("0-9", whole[:10]), ("10-", whole[10:]), ("-7", whole[-7:]), ("5-99999", whole[5:])):
        reply = get(shared, png, Range=f"bytes={asked}")
        assert (reply.status, reply.body) == (206, part)
        assert reply.headers["Content-Range"].endswith(f"/{len(whole)}")
        assert reply.headers["Access-Control-Allow-Origin"] == "*"
    assert get(shared, png, Range="bytes=0-9", If_Range='"another"').body == whole
    beyond = get(shared, png, Range="bytes=99999-")
    assert (beyond.status, beyond.headers["Content-Range"]) == (416, f"bytes */{len(whole)}")
    assert beyond.headers["Cache-Control"] == "no-store"


def test_its_head_is_that_of_the_whole(shared: Receiver, png: Media) -> None:
    whole, head = get(shared, png), shared.request("HEAD", f"/media/{png.name}")
    assert (head.status, head.body) == (200, b"")
    changing = {"Date", "Connection"}
    assert {k: v for k, v in head.headers.items() if k not in changing} == {
        k: v for k, v in whole.headers.items() if k not in changing
    }


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_it_can_only_be_looked_at(shared: Receiver, png: Media, method: str) -> None:
    assert shared.request(method, f"/media/{png.name}", b"").status == 405


def test_it_is_seen_by_everybody_and_the_pages_are_not(shared: Receiver, png: Media) -> None:
    from_far = {"X-Forwarded-For": "203.0.113.7"}
    assert get(shared, png, **from_far).status == 200
    assert shared.request("GET", "/", headers=from_far).status == 403


@pytest.mark.parametrize(
    "name",
    [
        "",
        "{token}",
        "{token}.jpg",
        "{token}.PNG",
        "{token}.png.png",
        "{token}.png/",
        "{token}.png%00",
        "{upper}.png",
        "{short}.png",
        "0" * 32 + ".png",
        "..",
        "../{path}",
        "../../../../../../../..{path}",
        "..%2f..%2f..%2f..%2f..%2f..{path}",
        "%2e%2e%2f%2e%2e%2f%2e%2e%2f%2e%2e{path}",
        "..%252f..%252f..%252fetc%252fpasswd",
        "..\\..\\etc\\passwd",
        "/{path}",
        "%2f{path}",
        "{token}.png/../../../../..{path}",
        "' OR 1=1 --",
        "%ff%fe",
        "%00",
        "one.png",
        "x" * 3000,
    ],
)
def test_nothing_else_is_there(shared: Receiver, png: Media, name: str) -> None:
    known = {"token": png.token, "upper": png.token.upper(), "short": png.token[:-1], "path": png.path}
    path = "/media/" + name.format(**known).replace(" ", "%20")
    reply = shared.request("GET", path)
    assert (reply.status, reply.json) == (404, NOT_THERE)
    assert reply.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: path.unlink(),
        lambda path: path.write_bytes(picture("PNG", 65)),
        lambda path: path.write_bytes(path.read_bytes()[::-1]),
        lambda path: (path.rename(path.with_name("moved")), path.symlink_to(path.with_name("moved"))),
        lambda path: (path.unlink(), path.mkdir()),
    ],
    ids=["gone", "other size", "other content", "a link", "a folder"],
)
def test_a_file_that_is_not_what_it_was_is_not_shown(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, spoil: Callable[[Path], Any]
) -> None:
    with application(tmp_path) as app:
        (tmp_path / "one.png").write_bytes(picture("PNG"))
        media = registered(tmp_path / "crowdhook.db", tmp_path / "one.png")
        with app.test_client().get(f"/media/{media.name}") as before:
            assert before.status_code == 200
        spoil(media.path)
        reply = app.test_client().get(f"/media/{media.name}")
        assert (reply.status_code, reply.json) == (404, NOT_THERE)
    assert [vars(record)["path"] for record in caplog.records] == [media.path]


def test_a_file_that_was_only_touched_is_shown(shared: Receiver, png: Media) -> None:
    os.utime(png.path, (1, 1))
    assert get(shared, png).body == png.path.read_bytes()


class application:
    """The application over a database of its own, in this process, so that its log can be read."""

    def __init__(self, folder: Path, presign: Presign | None = None) -> None:
        migrate(folder / "crowdhook.db")
        self.store = SqliteStore(folder / "crowdhook.db", lambda: AT)
        self.more = {} if presign is None else {"presign": presign}

    def __enter__(self) -> Flask:
        return create_app(
            self.store,
            secrets=lambda tag: (),
            page_password=None,
            free_bytes=lambda: 2**40,
            machine_clock=lambda: AT,
            platform_clock=lambda: AT,
            **self.more,
        )

    def __exit__(self, *_: object) -> None:
        self.store.close()


def uploaded(folder: Path) -> Media:
    (folder / "one.png").write_bytes(picture("PNG"))
    place = {"bucket": "pictures", "object": "p/ab.png", "uploaded": True}
    return registered(folder / "crowdhook.db", folder / "one.png", **place)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_an_uploaded_one_is_where_its_fresh_address_leads(tmp_path: Path, method: str) -> None:
    with application(tmp_path, lambda media, how: f"https://s3.example/{media.object}?signed-for={how}") as app:
        media = uploaded(tmp_path)
        reply = app.test_client().open(f"/media/{media.name}", method=method)
    assert reply.status_code == 302
    assert reply.headers["Location"] == f"https://s3.example/p/ab.png?signed-for={method}"
    assert reply.headers["Cache-Control"] == "public, max-age=300"
    assert reply.headers["Access-Control-Allow-Origin"] == "*"


def test_until_it_is_uploaded_its_file_is_sent(shared: Receiver, tmp_path: Path) -> None:
    (tmp_path / "one.png").write_bytes(picture("PNG"))
    media = registered(shared.database, tmp_path / "one.png", bucket="pictures", object="p/ab.png")
    assert get(shared, media).body == media.path.read_bytes()


def test_what_cannot_be_signed_now_is_to_be_asked_for_later(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    def presign(media: Media, method: str) -> str:
        raise CannotPresign("(no credentials)")

    with application(tmp_path, presign) as app:
        media = uploaded(tmp_path)
        reply = app.test_client().get(f"/media/{media.name}")
    assert (reply.status_code, reply.json["error"]) == (503, "cannot_presign")
    assert reply.headers["Cache-Control"] == "no-store"
    assert [vars(record)["reason"] for record in caplog.records] == ["(no credentials)"]


def test_without_a_storage_nothing_can_be_signed(tmp_path: Path) -> None:
    with application(tmp_path) as app:
        assert app.test_client().get(f"/media/{uploaded(tmp_path).name}").status_code == 503


def test_slow_readers_leave_threads_to_notifications(shared: Receiver, tmp_path: Path) -> None:
    assert threads - MOST_AT_ONCE >= 16
    (tmp_path / "large.bmp").write_bytes(picture("BMP", 3000))
    media = registered(shared.database, tmp_path / "large.bmp", "image/bmp")
    asked = f"GET /media/{media.name} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
    with ExitStack() as open_:
        answers = []
        for _ in range(2 * threads):
            slow = open_.enter_context(closing(socket.socket()))
            slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            slow.settimeout(60)
            slow.connect(("127.0.0.1", shared.port))
            slow.sendall(asked)
            answers.append(slow.recv(13).split()[1])
        assert set(answers) == {b"200", b"503"}
        assert 2 * MOST_AT_ONCE >= answers.count(b"200") >= MOST_AT_ONCE
        assert shared.request("GET", "/readyz").status == 200
        refused = [each for each in (get(shared, media) for _ in range(8)) if each.status != 200]
        assert all((each.status, each.headers["Retry-After"]) == (503, "1") for each in refused)
    assert any(get(shared, media).status == 200 for _ in range(200))


def test_many_downloads_after_each_other_do_not_use_up_the_places(tmp_path: Path) -> None:
    with application(tmp_path) as app:
        (tmp_path / "one.png").write_bytes(picture("PNG"))
        media = registered(tmp_path / "crowdhook.db", tmp_path / "one.png")
        client = app.test_client()
        known = f'"{media.sha256}"'
        for headers in ({}, {"Range": "bytes=0-3"}, {"Range": "bytes=9999999-"}, {"If-None-Match": known}):
            statuses = set()
            for method in ("GET", "HEAD"):
                for _ in range(MOST_AT_ONCE + 1):
                    with client.open(f"/media/{media.name}", method=method, headers=headers) as reply:
                        statuses.add(reply.status_code)
            assert 503 not in statuses
        media.path.unlink()
        assert {client.get(f"/media/{media.name}").status_code for _ in range(MOST_AT_ONCE + 1)} == {404}


def test_a_browser_reads_its_pixels_on_a_page_of_another_site(shared: Receiver, png: Media, tmp_path: Path) -> None:
    address = f"http://localhost:{shared.port}/media/{png.name}"
    with other_site(tmp_path / "site") as site, chromium() as browser:
        assert pixel(browser, site, address) == [*COLOUR, 255]
        alone = browser.new_page()
        answer = alone.goto(address)
        assert answer is not None
        assert answer.status == 200
        assert alone.evaluate("document.images[0].naturalWidth") == 64
