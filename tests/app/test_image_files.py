"""What an image file is: told by its bytes, never by its name, and never outside of its folder."""

import hashlib
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from app.image_files import (
    HEAD,
    LARGEST,
    ImageTooLarge,
    NameNotUtf8,
    NoWebImage,
    OutsideFolder,
    content_type,
    read_image,
    real_path,
)

TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "GIF": "image/gif", "WEBP": "image/webp", "BMP": "image/bmp"}


def picture(format: str, mode: str = "RGB") -> bytes:
    file = BytesIO()
    Image.new(mode, (30, 20)).save(file, format)
    return file.getvalue()


@pytest.mark.parametrize("format", TYPES)
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_types_are_told_by_the_first_bytes(format: str, mode: str) -> None:
    assert content_type(picture(format, mode)[:HEAD]) == TYPES[format]


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'>",
        b"<?xml version='1.0'?><svg/>",
        b"<!doctype html><script>alert(1)</script>",
        b"  \n<html>",
        b"%PDF-1.7",
        b"BM is how this text begins, not a bitmap",
        b"RIFF\x00\x00\x00\x00WAVEfmt ",
        b"GIF88a",
        picture("TIFF")[:HEAD],
    ],
)
def test_what_could_be_anything_else_has_no_type(head: bytes) -> None:
    assert content_type(head[:HEAD]) is None


@given(st.binary(max_size=HEAD))
def test_a_type_is_only_told_of_what_begins_like_it(head: bytes) -> None:
    begins = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"RIFF", b"BM")
    assert (content_type(head) is None) or head.startswith(begins)


def test_a_file_is_read_as_it_is_whatever_its_name(tmp_path: Path) -> None:
    path = tmp_path / "picture.jpg"
    path.write_bytes(picture("PNG"))
    file = read_image(path, {})
    assert (file.path, file.content_type) == (path, "image/png")
    assert (file.sha256, file.bytes) == (hashlib.sha256(picture("PNG")).hexdigest(), len(picture("PNG")))
    assert file.mtime_ns == path.stat().st_mtime_ns


def test_a_known_file_is_not_read_again(tmp_path: Path) -> None:
    path = tmp_path / "picture.png"
    path.write_bytes(picture("PNG"))
    file = read_image(path, {})
    known = {(path, file.mtime_ns, file.bytes): file}
    assert read_image(path, known) is file
    path.write_bytes(picture("GIF"))
    assert read_image(path, known).content_type == "image/gif"


def test_what_browsers_do_not_show_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "picture.jpg"
    path.write_bytes(b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>")
    with pytest.raises(NoWebImage, match="picture"):
        read_image(path, {})


def test_what_nobody_can_load_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "picture.jpg"
    with path.open("wb") as file:
        file.write(b"\xff\xd8\xff")
        file.truncate(LARGEST + 1)
    with pytest.raises(ImageTooLarge, match="picture"):
        read_image(path, {})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data set that is itself reached by a link."""
    (tmp_path / "real" / "sub").mkdir(parents=True)
    for name in ("real/a.png", "real/sub/b.png", "outside.png"):
        (tmp_path / name).write_bytes(picture("PNG"))
    (tmp_path / "set").symlink_to(tmp_path / "real")
    return tmp_path / "set"


@pytest.mark.parametrize("key", ["a.png", "sub/b.png"])
def test_a_file_is_where_it_really_is(folder: Path, key: str) -> None:
    assert real_path(folder / key, key) == folder.parent / "real" / key


def test_a_link_within_the_folder_is_followed(folder: Path) -> None:
    (folder / "sub" / "link.png").symlink_to(folder / "a.png")
    assert real_path(folder / "sub" / "link.png", "sub/link.png") == folder.parent / "real" / "a.png"


@pytest.mark.parametrize("target", ["../outside.png", "/etc/hostname"])
def test_a_link_out_of_the_folder_is_refused(folder: Path, target: str) -> None:
    (folder / "link.png").symlink_to(target)
    with pytest.raises(OutsideFolder, match=r"link\.png ->"):
        real_path(folder / "link.png", "link.png")


def test_a_folder_that_is_a_link_leads_nowhere_else(folder: Path) -> None:
    (folder / "there").symlink_to(folder.parent)
    with pytest.raises(OutsideFolder):
        real_path(folder / "there" / "outside.png", "there/outside.png")


def test_what_a_table_names_elsewhere_is_taken_unless_it_is_a_link(folder: Path) -> None:
    assert real_path(folder / "../outside.png", "../outside.png") == folder.parent / "outside.png"
    absolute = folder.parent / "outside.png"
    assert real_path(absolute, absolute.as_posix()) == absolute
    (folder.parent / "link.png").symlink_to("/etc/hostname")
    with pytest.raises(OutsideFolder):
        real_path(folder.parent / "link.png", (folder.parent / "link.png").as_posix())


def test_a_name_that_is_not_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NameNotUtf8, match="udcff"):
        real_path(tmp_path / "\udcff.png", "\udcff.png")
