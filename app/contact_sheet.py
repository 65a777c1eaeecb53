"""All images of a run on one picture: what was found, and how each image ended."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import ceil
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from app.boxes import to_pixels
from app.results import ImageResult, ImageStatus

MOST = 120  # thumbnails on one sheet
TILE_WIDTH, PICTURE_HEIGHT, CAPTION_HEIGHT = 248, 188, 44
FRAME, GAP, EDGE, HEADER_HEIGHT = 4, 14, 28, 104
UNKNOWN_SIZE = (400, 300)  # stands for an image whose size is not known

Colour = tuple[int, int, int]
PAPER: Colour = (250, 250, 248)
INK: Colour = (32, 36, 42)
FAINT: Colour = (110, 116, 124)
BOX: Colour = (0, 224, 122)
SHADOW: Colour = (12, 14, 16)
COLOURS: Mapping[str, Colour] = {
    ImageStatus.ACCEPTED: (34, 139, 84),
    ImageStatus.HELD: (214, 138, 16),
    ImageStatus.UNRESOLVED: (192, 52, 52),
    ImageStatus.PENDING: (128, 134, 142),
}


def write_contact_sheet(
    results: Sequence[ImageResult], paths: Mapping[str, Path], path: Path, title: str, most: int = MOST
) -> None:
    """Draw the results, sorted by key, as a PNG: at most `most` of them; the header says how many there are.

    `paths` says where the images are (by key); for the others an empty picture stands.
    """
    ordered = sorted(results, key=lambda result: result.key)
    shown = _chosen(ordered, most)
    columns = _columns(len(shown))
    sheet = _blank(columns, ceil(len(shown) / columns))
    pen = ImageDraw.Draw(sheet)
    _header(pen, ordered, len(shown), _shortened(title, 30, sheet.width - 2 * EDGE))
    for i, result in enumerate(shown):
        left = EDGE + (i % columns) * (TILE_WIDTH + GAP)
        top = HEADER_HEIGHT + (i // columns) * (PICTURE_HEIGHT + CAPTION_HEIGHT + GAP)
        sheet.paste(_tile(result, paths.get(result.key)), (left, top))
    sheet.save(path, "PNG")


@dataclass(frozen=True, slots=True)
class _Placed:
    """A thumbnail's picture: its size in the original, how much it is shrunk, and where it lies in the tile."""

    width: int
    height: int
    scale: float
    left: int
    top: int


def _chosen(ordered: Sequence[ImageResult], most: int) -> list[ImageResult]:
    """All of them, or as many as there is room for, evenly spread."""
    room = min(most, len(ordered))
    return [ordered[i * len(ordered) // room] for i in range(room)]


def _columns(shown: int) -> int:
    return min(max(shown, 4), 6 if shown <= 30 else 8)


def _blank(columns: int, rows: int) -> Image.Image:
    width = 2 * EDGE + columns * (TILE_WIDTH + GAP) - GAP
    height = HEADER_HEIGHT + rows * (PICTURE_HEIGHT + CAPTION_HEIGHT + GAP) + EDGE - GAP
    return Image.new("RGB", (width, max(height, HEADER_HEIGHT)), PAPER)


def _header(pen: ImageDraw.ImageDraw, ordered: Sequence[ImageResult], shown: int, title: str) -> None:
    pen.text((EDGE, 22), title, fill=INK, font=_font(30))
    left = EDGE
    counts = Counter(result.status for result in ordered)
    for status, colour in COLOURS.items():
        left = _legend(pen, left, f"{counts[status]} {status}", colour)
    hidden = len(ordered) - shown
    note = f"{len(ordered)} images" + (f", {hidden} of them not shown" if hidden else "")
    pen.text((left, 66), note, fill=FAINT, font=_font(17))


def _legend(pen: ImageDraw.ImageDraw, left: int, text: str, colour: Colour) -> int:
    """One entry; gives where the next one starts."""
    pen.rounded_rectangle((left, 68, left + 16, 84), 4, fill=colour)
    pen.text((left + 23, 66), text, fill=INK, font=_font(17))
    return left + 23 + round(_font(17).getlength(text)) + 26


def _tile(result: ImageResult, path: Path | None) -> Image.Image:
    """Picture with boxes in a frame of the status' colour, caption below."""
    colour = COLOURS[result.status]
    tile = Image.new("RGB", (TILE_WIDTH, PICTURE_HEIGHT + CAPTION_HEIGHT), (255, 255, 255))
    pen = ImageDraw.Draw(tile)
    pen.rectangle((0, 0, TILE_WIDTH, PICTURE_HEIGHT), fill=colour)
    placed = _picture(tile, result, path)
    for box in result.boxes:
        _outline(pen, to_pixels(box, placed.width, placed.height), placed, result.status)
    if result.status == ImageStatus.ACCEPTED and not result.boxes:
        _ribbon(pen, "nothing here", colour)
    _caption(pen, result, colour)
    return tile


def _picture(tile: Image.Image, result: ImageResult, path: Path | None) -> _Placed:
    width, height = result.width or UNKNOWN_SIZE[0], result.height or UNKNOWN_SIZE[1]
    room = (TILE_WIDTH - 2 * FRAME, PICTURE_HEIGHT - 2 * FRAME)
    scale = min(room[0] / width, room[1] / height)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    left, top = (TILE_WIDTH - size[0]) // 2, (PICTURE_HEIGHT - size[1]) // 2
    tile.paste((24, 26, 30), (FRAME, FRAME, TILE_WIDTH - FRAME, PICTURE_HEIGHT - FRAME))
    tile.paste(_thumbnail(path, size), (left, top))
    return _Placed(width, height, scale, left, top)


def _thumbnail(path: Path | None, size: tuple[int, int]) -> Image.Image:
    if path is None:
        return Image.new("RGB", size, (214, 216, 220))
    with Image.open(path) as image:
        image.draft("RGB", size)
        return image.convert("RGB").resize(size, Image.Resampling.LANCZOS)


def _outline(pen: ImageDraw.ImageDraw, bbox: tuple[int, int, int, int], placed: _Placed, status: str) -> None:
    x, y, width, height = (value * placed.scale for value in bbox)
    left, top = placed.left + x, placed.top + y
    right, bottom = left + width, top + height
    colour = BOX if status == ImageStatus.ACCEPTED else COLOURS[status]
    pen.rectangle((left - 1, top - 1, right + 1, bottom + 1), outline=SHADOW, width=5)
    pen.rectangle((left, top, right, bottom), outline=colour, width=3)


def _ribbon(pen: ImageDraw.ImageDraw, text: str, colour: Colour) -> None:
    half = _font(16).getlength(text) / 2 + 12
    middle, below = TILE_WIDTH / 2, PICTURE_HEIGHT - 14
    pen.rounded_rectangle((middle - half, below - 26, middle + half, below), 6, fill=(255, 255, 255), outline=colour)
    pen.text((middle, below - 13), text, fill=INK, font=_font(16), anchor="mm")


def _caption(pen: ImageDraw.ImageDraw, result: ImageResult, colour: Colour) -> None:
    name = result.key.rsplit("/", 1)[-1]
    pen.text((8, PICTURE_HEIGHT + 5), _shortened(name, 14, TILE_WIDTH - 16), fill=INK, font=_font(14))
    rounds = f"round {result.rounds}" if result.rounds else "not asked yet"
    boxes = {0: "no box", 1: "1 box"}.get(len(result.boxes), f"{len(result.boxes)} boxes")
    line = " · ".join(part for part in (str(result.status), boxes, rounds, result.reason) if part)
    pen.text((8, PICTURE_HEIGHT + 24), _shortened(line, 13, TILE_WIDTH - 16), fill=colour, font=_font(13))


def _shortened(text: str, size: int, room: float) -> str:
    """The text, cut in its middle with an ellipsis if it is wider than `room` pixels."""
    keep = len(text)
    shown = text
    while _font(size).getlength(shown) > room and keep > 3:
        keep -= 1
        shown = f"{text[: keep - keep // 2]}…{text[len(text) - keep // 2 :]}"
    return shown


@cache
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
