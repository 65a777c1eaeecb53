"""The contact sheet: boxes where COCO has them, every status in its colour, and no more pictures than fit."""

from pathlib import Path

from PIL import Image

from app.boxes import Box, to_pixels
from app.contact_sheet import BOX, COLOURS, EDGE, FRAME, HEADER_HEIGHT, TILE_WIDTH, write_contact_sheet
from app.results import ImageResult, ImageStatus

SIZE = (240, 180)  # shown at its own size, so that pixels can be compared one by one


def result(key: str, *boxes: Box, status: str = "accepted") -> ImageResult:
    return ImageResult(key, status, boxes, *SIZE, 1, "p", "a")


def sheet(folder: Path, results: list[ImageResult], most: int = 120) -> Image.Image:
    picture = folder / "grey.png"
    Image.new("RGB", SIZE, (120, 120, 120)).save(picture)
    write_contact_sheet(results, {r.key: picture for r in results}, folder / "sheet.png", "A run", most)
    with Image.open(folder / "sheet.png") as image:
        assert image.format == "PNG"
        return image.convert("RGB")


def test_a_box_is_drawn_on_the_pixels_that_coco_names(tmp_path: Path) -> None:
    box = Box(0.25, 0.25, 0.5, 0.5)
    image = sheet(tmp_path, [result("a", box)])
    x, y, width, height = to_pixels(box, *SIZE)
    left, top = EDGE + FRAME + x, HEADER_HEIGHT + FRAME + y
    corners = [(left, top), (left + width, top), (left, top + height), (left + width, top + height)]
    assert [image.getpixel(corner) for corner in corners] == [BOX] * 4
    assert image.getpixel((left + width // 2, top + height // 2)) == (120, 120, 120)
    assert image.getpixel((left - 5, top - 5)) == (120, 120, 120)


def test_every_status_has_its_own_frame(tmp_path: Path) -> None:
    image = sheet(tmp_path, [result(status, status=status) for status in ImageStatus])
    frames = [image.getpixel((EDGE + i * (TILE_WIDTH + 14) + 1, HEADER_HEIGHT + 20)) for i in range(4)]
    assert frames == [COLOURS[status] for status in sorted(ImageStatus)]


def test_nothing_here_is_marked_on_accepted_images_only(tmp_path: Path) -> None:
    white = (255, 255, 255)
    image = sheet(tmp_path, [result("a"), result("b", status="held")])
    pictures = [
        image.crop((left, HEADER_HEIGHT + FRAME, left + SIZE[0], HEADER_HEIGHT + FRAME + SIZE[1]))
        for left in (EDGE + FRAME, EDGE + FRAME + TILE_WIDTH + 14)
    ]
    assert [white in {color for _, color in picture.getcolors(1 << 16)} for picture in pictures] == [True, False]


def test_a_sheet_shows_at_most_so_many_pictures_and_grows_with_them(tmp_path: Path) -> None:
    results = [result(f"{i:03d}") for i in range(40)]
    assert sheet(tmp_path, results, most=12).size == sheet(tmp_path, results[:12]).size
    assert sheet(tmp_path, results).height > sheet(tmp_path, results, most=12).height


def test_pictures_that_are_elsewhere_names_that_are_long_and_no_pictures_at_all_are_no_trouble(tmp_path: Path) -> None:
    far = ImageResult("https://example.org/" + "long" * 30, "accepted", (Box(0, 0, 1, 1),), None, None, 0, None, None)
    tall = ImageResult("tall.jpg", "held", (Box(0.5, 0.5, 0.001, 0.001),), 10, 4000, 1, None, None, "split votes " * 9)
    write_contact_sheet([far, tall], {}, tmp_path / "far.png", "A title " * 60)
    write_contact_sheet([], {}, tmp_path / "none.png", "Nothing")
    with Image.open(tmp_path / "far.png") as image, Image.open(tmp_path / "none.png") as empty:
        assert image.width == empty.width
        assert image.height > empty.height
