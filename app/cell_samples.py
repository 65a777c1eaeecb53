"""Sample pictures of four kinds of white blood cells, drawn as the hints for performers describe them."""

import csv
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import cos, pi, sin, sqrt
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter

from simulator.elements.draws import fraction

SIDE = 240  # pixels
SCALE = 2  # drawn larger and scaled down, for smooth edges
HARD = 0.2  # share of the pictures that are hard
DIFFICULTY = "difficulty.csv"

Draw = Callable[..., float]
Colour = tuple[int, int, int]
Disc = tuple[float, float, float]
"""Centre and radius of a part of a nucleus; the cell's own radius is 1 and its middle 0, 0."""

PLASMA: Colour = (242, 232, 224)
RED_CELL: Colour = (226, 172, 164)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a cell lies on the large drawing: its middle and its radius, in pixels."""

    x: float
    y: float
    radius: float

    def turned(self, turn: float, discs: Iterable[Disc]) -> list[Disc]:
        """Return discs of the cell as they lie on the drawing, turned about the cell's middle."""
        across, down = cos(turn), sin(turn)
        return [
            (
                self.x + self.radius * (x * across - y * down),
                self.y + self.radius * (x * down + y * across),
                self.radius * size,
            )
            for x, y, size in discs
        ]


@dataclass(frozen=True, slots=True)
class Look:
    """What one kind of cell looks like, where easy and hard pictures differ, both."""

    radius: tuple[float, float]  # pixels: easy, hard
    layer: Colour  # around the nucleus
    nucleus: Colour
    parts: Callable[[float, Draw], list[Disc]]  # of the nucleus, by difficulty
    pinch: tuple[float, float] = (0.0, 0.0)  # width of what joins the parts: easy, hard
    grains: int = 0
    grain: float = 0.0  # radius
    grain_colours: tuple[Colour, ...] = ()


def write_cells(folder: Path, count: int = 24, seed: int = 0) -> Path:
    """Draw `count` pictures, the four kinds in turn, into folders named by the kind; a seed draws the same ones always.

    `difficulty.csv` beside them says how hard each is to tell (image, label, difficulty in 0..1): about one in five is
    hard, with what tells the kinds apart faint, small and out of focus.
    """
    rows = []
    for number in range(count):
        kind = tuple(LOOKS)[number % len(LOOKS)]
        key = f"{kind}/{kind.lower()}_{number // len(LOOKS):03d}.jpg"
        hard = difficulty(seed, number)
        (folder / kind).mkdir(parents=True, exist_ok=True)
        cell(kind, hard, lambda *what, n=number: fraction(seed, "cell", n, *what)).save(folder / key, quality=92)
        rows.append((key, kind, f"{hard:.3f}"))
    with (folder / DIFFICULTY).open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("image", "label", "difficulty"), *rows])
    return folder


def difficulty(seed: int, number: int) -> float:
    """Return how hard a picture is to tell: below 0.4 for the easy ones, above 0.6 for the hard ones."""
    within = 0.4 * fraction(seed, "difficulty", number, "within")
    return 0.6 + within if fraction(seed, "difficulty", number) < HARD else within


def cell(kind: str, hard: float, draw: Draw) -> Image.Image:
    """Draw one cell among red ones; `hard` is its difficulty in 0..1."""
    look = LOOKS[kind]
    radius = _between(look.radius, hard) * (0.95 + 0.1 * draw("size"))
    x, y = (SIDE / 2 + 24 * (draw(axis) - 0.5) for axis in "xy")
    place = Place(x * SCALE, y * SCALE, radius * SCALE)
    parts = place.turned(2 * pi * draw("turn"), look.parts(hard, draw))
    picture = _plasma(draw)
    pen = ImageDraw.Draw(picture)
    for size, colour in ((1.0, _mixed(look.layer, (150, 120, 170), 0.35)), (1.0 - 2 / radius, look.layer)):
        _disc(pen, place.x, place.y, place.radius * size, colour)
    _grain(pen, look, hard, place, draw)
    picture.paste(_stained(look, hard, place, draw), mask=_joined(parts, _between(look.pinch, hard) * place.radius))
    soft = picture.filter(ImageFilter.GaussianBlur(SCALE * (0.6 + 1.3 * hard)))
    return soft.resize((SIDE, SIDE), Image.Resampling.LANCZOS)


def _two_parts(hard: float, draw: Draw) -> list[Disc]:
    apart = 0.43 - 0.06 * hard
    return [(-apart, 0.12 * draw("bend"), 0.36), (apart, 0.12 * draw("bend"), 0.33 + 0.03 * draw("second"))]


def _filling(hard: float, draw: Draw) -> list[Disc]:
    return [(0.06, 0.03, 0.86 - 0.08 * hard)]


def _bean(hard: float, draw: Draw) -> list[Disc]:
    """A thick bow; the harder, the less it is bent."""
    reach, bow = 1.25 - 0.35 * hard, 0.44
    turns = [reach * (2 * at / 16 - 1) for at in range(17)]
    return [(bow * cos(turn) - 0.2, 1.35 * bow * sin(turn), 0.27 + 0.05 * cos(2 * turn)) for turn in turns]


def _unequal_parts(hard: float, draw: Draw) -> list[Disc]:
    """Two to four parts on a bow, a large one beside a small one."""
    parts = 2 + int(3 * draw("parts"))
    reach = {2: 0.75, 3: 1.35, 4: 1.95}[parts]
    turns = [reach * (2 * at / (parts - 1) - 1) for at in range(parts)]
    sizes = [(0.33 if at % 2 == 0 else 0.22) - 0.03 * (parts - 2) + 0.04 * draw("part", at) for at in range(parts)]
    return [(0.5 * cos(turn) - 0.1, 0.52 * sin(turn), size) for turn, size in zip(turns, sizes, strict=True)]


LOOKS: Mapping[str, Look] = {
    "EOSINOPHIL": Look(
        radius=(66, 62),
        layer=(246, 206, 204),
        nucleus=(104, 62, 148),
        parts=_two_parts,
        pinch=(0.1, 0.22),
        grains=230,
        grain=0.052,
        grain_colours=((214, 62, 48), (236, 120, 44), (222, 84, 60)),
    ),
    "LYMPHOCYTE": Look(radius=(40, 52), layer=(190, 202, 238), nucleus=(88, 52, 136), parts=_filling),
    "MONOCYTE": Look(radius=(92, 76), layer=(206, 206, 224), nucleus=(66, 38, 108), parts=_bean),
    "NEUTROPHIL": Look(
        radius=(66, 62),
        layer=(246, 216, 222),
        nucleus=(104, 62, 148),
        parts=_unequal_parts,
        pinch=(0.08, 0.16),
        grains=520,
        grain=0.017,
        grain_colours=((196, 140, 176), (206, 150, 168), (180, 130, 180)),
    ),
}


def _plasma(draw: Draw) -> Image.Image:
    """A pale ground with red cells that keep away from the middle."""
    picture = Image.new("RGB", (SIDE * SCALE, SIDE * SCALE), PLASMA)
    pen = ImageDraw.Draw(picture)
    for at in range(9):
        turn, far = 2 * pi * (at + draw("red", at)) / 9, SIDE * (0.56 + 0.14 * draw("red", at, "far"))
        x, y, radius = SIDE / 2 + far * cos(turn), SIDE / 2 + far * sin(turn), 30 + 6 * draw("red", at, "size")
        for size, colour in ((1.0, (208, 148, 142)), (0.93, RED_CELL), (0.45, (238, 206, 198))):
            _disc(pen, x * SCALE, y * SCALE, radius * size * SCALE, colour)
    return picture


def _joined(parts: Sequence[Disc], pinch: float) -> Image.Image:
    """Where the parts and the pinches between neighbours are: white, with rounded corners."""
    mask = Image.new("L", (SIDE * SCALE, SIDE * SCALE), 0)
    pen = ImageDraw.Draw(mask)
    for x, y, radius in parts:
        _disc(pen, x, y, radius, 255)
    for (x, y, _), (to_x, to_y, _) in pairwise(parts):
        pen.line((x, y, to_x, to_y), fill=255, width=round(pinch))
    return mask.filter(ImageFilter.GaussianBlur(2 * SCALE)).point(lambda value: 255 if value > 110 else 0)


def _grain(pen: ImageDraw.ImageDraw, look: Look, hard: float, place: Place, draw: Draw) -> None:
    """Dots all over the layer; the harder, the fainter."""
    for at in range(look.grains):
        turn, far = 2 * pi * draw("grain", at), (0.95 - look.grain) * sqrt(draw("grain", at, "far"))
        colour = look.grain_colours[int(draw("grain", at, "colour") * len(look.grain_colours))]
        size = look.grain * (0.8 + 0.4 * draw("grain", at, "size"))
        for dot in place.turned(turn, [(far, 0.0, size)]):
            _disc(pen, *dot, _mixed(colour, look.layer, 0.6 * hard))


def _stained(look: Look, hard: float, place: Place, draw: Draw) -> Image.Image:
    """The colour of the nucleus with darker and paler clumps."""
    colour = _mixed(look.nucleus, look.layer, 0.2 * hard)
    stained = Image.new("RGB", (SIDE * SCALE, SIDE * SCALE), colour)
    pen = ImageDraw.Draw(stained)
    for at in range(60):
        x, y = (2 * draw("clump", at, axis) - 1 for axis in "xy")
        towards = (30, 12, 60) if at % 2 else (190, 160, 214)
        for clump in place.turned(0.0, [(x, y, 0.06 + 0.1 * draw("clump", at))]):
            _disc(pen, *clump, _mixed(colour, towards, 0.22))
    return stained.filter(ImageFilter.GaussianBlur(1.5 * SCALE))


def _between(ends: tuple[float, float], at: float) -> float:
    return ends[0] + (ends[1] - ends[0]) * at


def _mixed(colour: Colour, other: Colour, share: float) -> Colour:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(colour, other, strict=True))
    return red, green, blue


def _disc(pen: ImageDraw.ImageDraw, x: float, y: float, radius: float, colour: Colour | int) -> None:
    pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=colour)
