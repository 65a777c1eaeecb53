"""The contact sheet: boxes where COCO has them, every status in its colour, and no more pictures than fit."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from PIL import Image

from app.boxes import Box, to_pixels
from app.contact_sheet import (
    BOX,
    BOX_COLOURS,
    COLOURS,
    EDGE,
    FRAME,
    GAP,
    HEADER_HEIGHT,
    TEXT_WIDTH,
    TILE_WIDTH,
    Tile,
    wrapped,
    write_contact_sheet,
)

SIZE = (240, 180)  # shown at its own size, so that pixels can be compared one by one
WHITE = (255, 255, 255)


def tile(key: str, *boxes: Box, status: str = "accepted", ribbon: str = "", lines: Sequence[str] = ("name",)) -> Tile:
    return Tile(key, boxes, *SIZE, status, ribbon, tuple(lines))


def sheet(folder: Path, tiles: list[Tile], most: int = 120) -> Image.Image:
    picture = folder / "grey.png"
    Image.new("RGB", SIZE, (120, 120, 120)).save(picture)
    paths = {each.key: picture for each in tiles}
    write_contact_sheet(tiles, paths, folder / "sheet.png", "A run", {"held": 2}, "a note", most)
    with Image.open(folder / "sheet.png") as image:
        assert image.format == "PNG"
        return image.convert("RGB")


def colours(image: Image.Image, at: int) -> set[object]:
    """The colours of the picture in a tile of the first row."""
    left, top = EDGE + FRAME + at * (TILE_WIDTH + GAP), HEADER_HEIGHT + FRAME
    picture = image.crop((left, top, left + SIZE[0], top + SIZE[1]))
    return {colour for _, colour in picture.getcolors(1 << 16)}


def test_a_box_is_drawn_on_the_pixels_that_coco_names(tmp_path: Path) -> None:
    box = Box(0.25, 0.25, 0.5, 0.5)
    image = sheet(tmp_path, [tile("a", box)])
    x, y, width, height = to_pixels(box, *SIZE)
    left, top = EDGE + FRAME + x, HEADER_HEIGHT + FRAME + y
    corners = [(left, top), (left + width, top), (left, top + height), (left + width, top + height)]
    assert [image.getpixel(corner) for corner in corners] == [BOX] * 4
    assert image.getpixel((left + width // 2, top + height // 2)) == (120, 120, 120)
    assert image.getpixel((left - 5, top - 5)) == (120, 120, 120)


@pytest.mark.parametrize("statuses", [list(COLOURS)[:5], list(COLOURS)[5:]])
def test_every_status_has_its_frame_and_colour_of_boxes(tmp_path: Path, statuses: list[str]) -> None:
    image = sheet(tmp_path, [tile(status, Box(0.25, 0.25, 0.5, 0.5), status=status) for status in statuses])
    frames = [image.getpixel((EDGE + i * (TILE_WIDTH + GAP) + 1, HEADER_HEIGHT + 20)) for i in range(len(statuses))]
    assert frames == [COLOURS[status] for status in statuses]
    assert all(BOX_COLOURS[status] in colours(image, i) for i, status in enumerate(statuses))


def test_a_ribbon_is_drawn_on_the_picture_that_has_one(tmp_path: Path) -> None:
    image = sheet(tmp_path, [tile("a", ribbon="nothing here"), tile("b")])
    assert [WHITE in colours(image, at) for at in (0, 1)] == [True, False]


def test_tiles_grow_with_what_is_written_below_them(tmp_path: Path) -> None:
    short, long = [tile("a")], [tile("a", lines=["name", "one", "two", "three"]), tile("b")]
    assert sheet(tmp_path, long).height > sheet(tmp_path, short).height


def test_a_sheet_shows_at_most_so_many_pictures_and_grows_with_them(tmp_path: Path) -> None:
    tiles = [tile(f"{i:03d}") for i in range(40)]
    assert sheet(tmp_path, tiles, most=12).size == sheet(tmp_path, tiles[:12]).size
    assert sheet(tmp_path, tiles).height > sheet(tmp_path, tiles, most=12).height


def test_a_long_text_is_broken_into_lines_that_fit() -> None:
    text = "Picture 1: 4 of 4 people found the outline wrong (a box is around something else)."
    lines = wrapped(text, 5)
    assert len(lines) == 3
    assert " ".join(lines) == text
    assert all(len(line) * 4 < TEXT_WIDTH for line in lines)
    assert wrapped("short", 3) == ["short"]
    assert wrapped("", 3) == []


def test_what_does_not_fit_is_cut_and_says_so() -> None:
    lines = wrapped("one word " * 99, 2)
    assert len(lines) == 2
    assert [line.endswith(" …") for line in lines] == [False, True]


def test_pictures_that_are_elsewhere_names_that_are_long_and_no_pictures_at_all_are_no_trouble(tmp_path: Path) -> None:
    far = Tile("https://example.org/e.jpg", (Box(0, 0, 1, 1),), None, None, "accepted", "", ("long" * 40,))
    tall = Tile("tall.jpg", (Box(0.5, 0.5, 0.001, 0.001),), 10, 4000, "held", "", ("tall", "split votes " * 9))
    write_contact_sheet([far, tall], {}, tmp_path / "far.png", "A title " * 60, {"held": 1}, "note " * 99)
    write_contact_sheet([], {}, tmp_path / "none.png", "Nothing", {}, "")
    with Image.open(tmp_path / "far.png") as image, Image.open(tmp_path / "none.png") as empty:
        assert image.width == empty.width
        assert image.height > empty.height
