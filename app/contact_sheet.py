"""Many pictures on one: each in a frame whose colour says how it stands, with its boxes and a caption."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from math import ceil
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from app.boxes import Box, to_pixels
from app.labels import NO_LABEL
from app.results import ImageStatus

MOST = 120  # pictures on one sheet
REFUSED = "refused"
RIGHT, WRONG, LABELLED = "right", "wrong", "labelled"  # of labels, the last one: truth unknown
DOUBTED = "in doubt"
TILE_WIDTH, PICTURE_HEIGHT = 248, 188
LINE_HEIGHT = 18
TEXT_WIDTH = TILE_WIDTH - 16
SIZES = (13, 12, 11)  # of captions: the largest that fits
TEXT_LINES = (PICTURE_HEIGHT - 16) // LINE_HEIGHT
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
    REFUSED: (192, 52, 52),
    RIGHT: (34, 139, 84),
    WRONG: (192, 52, 52),
    NO_LABEL: (214, 138, 16),
    DOUBTED: (214, 138, 16),
    LABELLED: (64, 104, 160),
}
BOX_COLOURS: Mapping[str, Colour] = {
    **COLOURS,
    ImageStatus.ACCEPTED: BOX,
    ImageStatus.HELD: (255, 178, 36),
    REFUSED: (255, 92, 92),
}


@dataclass(frozen=True, slots=True)
class Tile:
    """One picture of a sheet: an image's boxes, the status that gives its colour, and what is written about it."""

    key: str  # of the image
    boxes: tuple[Box, ...]
    width: int | None  # pixels; None: not known
    height: int | None
    status: str  # one of COLOURS
    ribbon: str  # written on the picture; "" for no ribbon
    lines: tuple[str, ...]  # below the picture, the first one its name
    text: str = ""  # written in the place of a picture


def write_contact_sheet(
    tiles: Sequence[Tile],
    paths: Mapping[str, Path],
    path: Path,
    title: str,
    legend: Mapping[str, int],
    note: str,
    most: int = MOST,
) -> None:
    """Draw tiles in their order as a PNG: at most `most` of them, evenly spread; the header says how many are missing.

    `paths` says where the images are (by key); for the others an empty picture stands. `legend` counts by status.
    """
    shown = _chosen(tiles, most)
    columns = _columns(len(shown))
    lines = max((len(tile.lines) for tile in shown), default=0)
    tile_height = PICTURE_HEIGHT + lines * LINE_HEIGHT + 8
    sheet = _blank(columns, ceil(len(shown) / columns), tile_height)
    pen = ImageDraw.Draw(sheet)
    hidden = len(tiles) - len(shown)
    _header(pen, title, legend, note + (f", {hidden} of them not shown" if hidden else ""), sheet.width - 2 * EDGE)
    for i, tile in enumerate(shown):
        left = EDGE + (i % columns) * (TILE_WIDTH + GAP)
        top = HEADER_HEIGHT + (i // columns) * (tile_height + GAP)
        sheet.paste(_drawn(tile, paths.get(tile.key), tile_height), (left, top))
    sheet.save(path, "PNG")


def wrapped(text: str, most: int) -> list[str]:
    """Break a text into lines that fit below a picture: at most so many, and an ellipsis where the rest is cut."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and _font(SIZES[0]).getlength(longer) <= TEXT_WIDTH:
            lines[-1] = longer
        elif len(lines) < most:
            lines.append(word)
        else:
            return [*lines[:-1], f"{lines[-1]} …"]
    return lines


@dataclass(frozen=True, slots=True)
class _Placed:
    """A thumbnail's picture: its size in the original, how much it is shrunk, and where it lies in the tile."""

    width: int
    height: int
    scale: float
    left: int
    top: int


def _chosen(tiles: Sequence[Tile], most: int) -> list[Tile]:
    """All of them, or as many as there is room for, evenly spread."""
    room = min(most, len(tiles))
    return [tiles[i * len(tiles) // room] for i in range(room)]


def _columns(shown: int) -> int:
    return min(max(shown, 4), 6 if shown <= 30 else 8)


def _blank(columns: int, rows: int, tile_height: int) -> Image.Image:
    width = 2 * EDGE + columns * (TILE_WIDTH + GAP) - GAP
    height = HEADER_HEIGHT + rows * (tile_height + GAP) + EDGE - GAP
    return Image.new("RGB", (width, max(height, HEADER_HEIGHT)), PAPER)


def _header(pen: ImageDraw.ImageDraw, title: str, legend: Mapping[str, int], note: str, room: int) -> None:
    pen.text((EDGE, 22), _shortened(title, 30, room), fill=INK, font=_font(30))
    left = EDGE
    for status, count in legend.items():
        left = _legend(pen, left, f"{count} {status}", COLOURS[status])
    pen.text((left, 66), _shortened(note, 17, EDGE + room - left), fill=FAINT, font=_font(17))


def _legend(pen: ImageDraw.ImageDraw, left: int, text: str, colour: Colour) -> int:
    """One entry; gives where the next one starts."""
    pen.rounded_rectangle((left, 68, left + 16, 84), 4, fill=colour)
    pen.text((left + 23, 66), text, fill=INK, font=_font(17))
    return left + 23 + round(_font(17).getlength(text)) + 26


def _drawn(tile: Tile, path: Path | None, height: int) -> Image.Image:
    """Picture with boxes in a frame of the status' colour, caption below."""
    colour = COLOURS[tile.status]
    drawn = Image.new("RGB", (TILE_WIDTH, height), (255, 255, 255))
    pen = ImageDraw.Draw(drawn)
    pen.rectangle((0, 0, TILE_WIDTH, PICTURE_HEIGHT), fill=colour)
    placed = _picture(drawn, tile, path)
    for box in tile.boxes:
        _outline(pen, to_pixels(box, placed.width, placed.height), placed, BOX_COLOURS[tile.status])
    for at, line in enumerate(wrapped(tile.text, TEXT_LINES)):
        pen.text((2 * FRAME + 4, 2 * FRAME + at * LINE_HEIGHT), line, fill=INK, font=_font(SIZES[0]))
    if tile.ribbon:
        _ribbon(pen, tile.ribbon, colour)
    _caption(pen, tile.lines, colour)
    return drawn


def _picture(drawn: Image.Image, tile: Tile, path: Path | None) -> _Placed:
    width, height = tile.width or UNKNOWN_SIZE[0], tile.height or UNKNOWN_SIZE[1]
    room = (TILE_WIDTH - 2 * FRAME, PICTURE_HEIGHT - 2 * FRAME)
    scale = min(room[0] / width, room[1] / height)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    left, top = (TILE_WIDTH - size[0]) // 2, (PICTURE_HEIGHT - size[1]) // 2
    drawn.paste((24, 26, 30), (FRAME, FRAME, TILE_WIDTH - FRAME, PICTURE_HEIGHT - FRAME))
    drawn.paste(_thumbnail(path, size), (left, top))
    return _Placed(width, height, scale, left, top)


def _thumbnail(path: Path | None, size: tuple[int, int]) -> Image.Image:
    if path is None:
        return Image.new("RGB", size, (214, 216, 220))
    with Image.open(path) as image:
        image.draft("RGB", size)
        return image.convert("RGB").resize(size, Image.Resampling.LANCZOS)


def _outline(pen: ImageDraw.ImageDraw, bbox: tuple[int, int, int, int], placed: _Placed, colour: Colour) -> None:
    x, y, width, height = (value * placed.scale for value in bbox)
    left, top = placed.left + x, placed.top + y
    right, bottom = left + width, top + height
    pen.rectangle((left - 1, top - 1, right + 1, bottom + 1), outline=SHADOW, width=5)
    pen.rectangle((left, top, right, bottom), outline=colour, width=3)


def _ribbon(pen: ImageDraw.ImageDraw, text: str, colour: Colour) -> None:
    half = _font(16).getlength(text) / 2 + 12
    middle, below = TILE_WIDTH / 2, PICTURE_HEIGHT - 14
    pen.rounded_rectangle((middle - half, below - 26, middle + half, below), 6, fill=(255, 255, 255), outline=colour)
    pen.text((middle, below - 13), text, fill=INK, font=_font(16), anchor="mm")


def _caption(pen: ImageDraw.ImageDraw, lines: Sequence[str], colour: Colour) -> None:
    for at, line in enumerate(lines):
        ink = (INK, colour)[at] if at < 2 else FAINT
        size = next((each for each in SIZES if _font(each).getlength(line) <= TEXT_WIDTH), SIZES[-1])
        text = _shortened(line, size, TEXT_WIDTH)
        pen.text((8, PICTURE_HEIGHT + 5 + at * LINE_HEIGHT), text, fill=ink, font=_font(size))


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
