"""Sample pictures with known boxes, drawn on the spot: a data set for whoever has none yet."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import cos, hypot, pi, sin
from pathlib import Path
from xml.sax.saxutils import escape

from PIL import Image, ImageDraw, ImageFilter

from app.boxes import Box, to_pixels
from simulator.elements.draws import fraction

LABEL = "white cell"
WIDTH, HEIGHT = 480, 360
SCALE = 2  # drawn larger and scaled down, for smooth edges

Draw = Callable[..., float]
Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Cell:
    """A round thing on a picture: centre and radius in pixels, and whether it is to be outlined."""

    x: float
    y: float
    radius: float
    white: bool

    @property
    def box(self) -> Box:
        """The smallest box around it, as fractions of the picture."""
        r = self.radius
        return Box((self.x - r) / WIDTH, (self.y - r) / HEIGHT, 2 * r / WIDTH, 2 * r / HEIGHT)


def write_samples(folder: Path, count: int = 24, seed: int = 0) -> Path:
    """Draw `count` pictures like blood smears, with VOC files, into a folder; the same seed gives the same pictures.

    On each are 0 to 3 white cells (violet, to be outlined) among red ones; about one in eight has none.
    """
    images, annotations = folder / "JPEGImages", folder / "Annotations"
    for place in (images, annotations):
        place.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        cells = scene(seed, number)
        name = f"smear_{number:03d}"
        _picture(cells, seed, number).save(images / f"{name}.jpg", quality=90)
        (annotations / f"{name}.xml").write_text(_voc(f"{name}.jpg", cells), "utf-8")
    return folder


def scene(seed: int, number: int) -> list[Cell]:
    """What is on one picture: white cells apart from each other, and red ones that leave them visible."""

    def draw(*what: object) -> float:
        return fraction(seed, "scene", number, *what)

    cells: list[Cell] = []
    for i in range(_how_many(number, draw)):
        cells += _placed(cells, 34 + 16 * draw("white", i), True, lambda *what, i=i: draw("white", i, *what))
    for i in range(26):
        cells += _placed(cells, 19 + 6 * draw("red", i), False, lambda *what, i=i: draw("red", i, *what))
    return cells


def _how_many(number: int, draw: Draw) -> int:
    """Every eighth picture has no white cell; of the others most have one."""
    if number % 8 == 5:
        return 0
    return 1 + int(draw("many") > 0.6) + int(draw("many") > 0.88)


def _placed(others: Sequence[Cell], radius: float, white: bool, draw: Draw) -> list[Cell]:
    """The cell at the first drawn place that is free; none if every one is taken."""
    for attempt in range(24):
        x = radius + 3 + draw(attempt, "x") * (WIDTH - 2 * radius - 6)
        y = radius + 3 + draw(attempt, "y") * (HEIGHT - 2 * radius - 6)
        cell = Cell(x, y, radius, white)
        if all(_apart(cell, other) for other in others):
            return [cell]
    return []


def _apart(a: Cell, b: Cell) -> bool:
    """Red cells may overlap a little, all others leave a gap."""
    gap = 5 if a.white or b.white else -6
    return hypot(a.x - b.x, a.y - b.y) > a.radius + b.radius + gap


def _picture(cells: list[Cell], seed: int, number: int) -> Image.Image:
    """Paint: a pale plasma, red cells with their paler middle, white cells with a lobed violet nucleus, platelets."""

    def draw(*what: object) -> float:
        return fraction(seed, "paint", number, *what)

    picture = Image.new("RGB", (WIDTH * SCALE, HEIGHT * SCALE), (240, 226, 214))
    pen = ImageDraw.Draw(picture)
    for i in range(14):
        _disc(pen, draw("dot", i, "x") * WIDTH, draw("dot", i, "y") * HEIGHT, 2 + 3 * draw("dot", i), (172, 132, 176))
    for i, cell in enumerate(cells):
        paint = _paint_white if cell.white else _paint_red
        paint(pen, cell, lambda *what, i=i: draw(i, *what))
    soft = picture.filter(ImageFilter.GaussianBlur(SCALE * 0.7))
    return soft.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)


def _paint_red(pen: ImageDraw.ImageDraw, cell: Cell, draw: Draw) -> None:
    warm = int(18 * draw("warm"))
    _disc(pen, cell.x, cell.y, cell.radius, (205 - warm, 128 - warm, 124))
    _disc(pen, cell.x, cell.y, cell.radius - 2.5, (222 - warm, 150 - warm, 142))
    _disc(pen, cell.x + 1, cell.y + 1, cell.radius * 0.45, (236, 184, 172))


def _paint_white(pen: ImageDraw.ImageDraw, cell: Cell, draw: Draw) -> None:
    _disc(pen, cell.x, cell.y, cell.radius, (168, 150, 196))
    _disc(pen, cell.x, cell.y, cell.radius - 2, (206, 192, 222))
    lobes = 3 + int(2 * draw("lobes"))
    for lobe in range(lobes):
        turn = 2 * pi * (lobe / lobes + draw("turn"))
        far = cell.radius * 0.33
        size = cell.radius * (0.36 + 0.1 * draw("lobe", lobe))
        _disc(pen, cell.x + far * cos(turn), cell.y + far * sin(turn), size, (98, 58, 140))


def _disc(pen: ImageDraw.ImageDraw, x: float, y: float, radius: float, colour: Colour) -> None:
    edges = [(x - radius) * SCALE, (y - radius) * SCALE, (x + radius) * SCALE, (y + radius) * SCALE]
    pen.ellipse(edges, fill=colour)


def _voc(filename: str, cells: list[Cell]) -> str:
    objects = "".join(_voc_object(cell) for cell in cells if cell.white)
    size = f"<size><width>{WIDTH}</width><height>{HEIGHT}</height><depth>3</depth></size>"
    return f"<annotation><filename>{escape(filename)}</filename>{size}\n{objects}</annotation>\n"


def _voc_object(cell: Cell) -> str:
    x, y, wide, high = to_pixels(cell.box, WIDTH, HEIGHT)
    corners = f"<xmin>{x}</xmin><ymin>{y}</ymin><xmax>{x + wide}</xmax><ymax>{y + high}</ymax>"
    return f"<object><name>{LABEL}</name><bndbox>{corners}</bndbox></object>\n"
