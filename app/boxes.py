"""Rectangles on images: how well two agree, which belong together, and their shapes in Toloka's words and in pixels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

from store.errors import CrowdhookError


class NotARectangle(CrowdhookError):
    """This shape is not a rectangle with left, top, width and height: only rectangles can be outlines here."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle on an image, all four numbers as fractions of the image's width or height (0..1)."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """The right edge, as a fraction of the image's width."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """The bottom edge, as a fraction of the image's height."""
        return self.top + self.height

    @property
    def area(self) -> float:
        """The area, as a fraction of the image's."""
        return self.width * self.height


def iou(a: Box, b: Box) -> float:
    """Intersection over union of two boxes: 0 when they share nothing, 1 when they are the same."""
    across = min(a.right, b.right) - max(a.left, b.left)
    down = min(a.bottom, b.bottom) - max(a.top, b.top)
    if across <= 0 or down <= 0:
        return 0.0
    shared = across * down
    return min(1.0, shared / (a.area + b.area - shared))


def match(found: Sequence[Box], truth: Sequence[Box], at: float) -> list[tuple[int, int]]:
    """Pair found boxes with true ones, one to one: as many pairs (found index, true index) of IoU >= `at` as possible.

    Augmenting paths, every box trying its best partner first: the number of pairs is the largest there is, and the same
    boxes in the same order always give the same pairs.
    """
    wishes = [_partners(box, truth, at) for box in found]
    taken: dict[int, int] = {}  # true index -> found index

    def place(i: int, tried: set[int]) -> bool:
        for j in wishes[i]:
            if j in tried:
                continue
            tried.add(j)
            if j not in taken or place(taken[j], tried):
                taken[j] = i
                return True
        return False

    for i in range(len(found)):
        place(i, set())
    return sorted((i, j) for j, i in taken.items())


def right(found: Sequence[Box], truth: Sequence[Box], at: float) -> bool:
    """Whether an outline is right: every true box is matched with IoU >= `at`, and no found box is extra."""
    return len(found) == len(truth) == len(match(found, truth, at))


def overlaps(found: Sequence[Box], truth: Sequence[Box]) -> list[float]:
    """One IoU per object that is true, found or both: that of the pair where two boxes meet, 0 for a box left alone.

    Pairs are taken greedily, best IoU first; nothing found where nothing is gives an empty list.
    """
    pairs = [(iou(a, b), -i, -j) for i, a in enumerate(found) for j, b in enumerate(truth)]
    used_found: set[int] = set()
    used_true: set[int] = set()
    values = []
    for value, i, j in sorted(pairs, reverse=True):
        if value > 0 and i not in used_found and j not in used_true:
            used_found.add(i)
            used_true.add(j)
            values.append(value)
    alone = len(found) + len(truth) - 2 * len(values)
    return values + [0.0] * alone


def mean_iou(found: Sequence[Box], truth: Sequence[Box]) -> float:
    """The mean of `overlaps`: 1 when both say that there is nothing."""
    values = overlaps(found, truth)
    return sum(values) / len(values) if values else 1.0


def from_shape(shape: Mapping[str, Any]) -> Box:
    """Read one shape as Toloka's image annotation gives it (numbers may be Decimal). Raises NotARectangle."""
    if shape.get("shape") != "rectangle":
        raise NotARectangle(f"Its shape is {shape.get('shape')!r}.")
    try:
        box = Box(*(float(shape[name]) for name in ("left", "top", "width", "height")))
    except (KeyError, TypeError, ValueError) as error:
        raise NotARectangle(f"Unreadable: {error!r}.") from error
    if not all(map(isfinite, (box.left, box.top, box.width, box.height))) or box.width <= 0 or box.height <= 0:
        raise NotARectangle("It has no extent.")
    return box


def from_shapes(shapes: Sequence[Mapping[str, Any]] | None) -> tuple[Box, ...]:
    """Read a whole outline; None and an empty list both mean no boxes. Raises NotARectangle."""
    return tuple(map(from_shape, shapes or ()))


def to_shape(box: Box) -> dict[str, Any]:
    """Write a box as Toloka's image annotation does."""
    return {"shape": "rectangle", "left": box.left, "top": box.top, "width": box.width, "height": box.height}


def to_pixels(box: Box, width: int, height: int) -> tuple[int, int, int, int]:
    """The box as whole pixels (x, y, width, height) of an image of this size: inside it, at least one pixel large."""
    x, wide = _span(box.left, box.right, width)
    y, high = _span(box.top, box.bottom, height)
    return x, y, wide, high


def from_edges(edges: tuple[float, float, float, float], width: float, height: float) -> Box | None:
    """A box from its pixel edges (left, top, right, bottom), cut to the image; None if nothing of it is left."""
    left, right_edge = (min(max(edge / width, 0.0), 1.0) for edge in (edges[0], edges[2]))
    top, bottom = (min(max(edge / height, 0.0), 1.0) for edge in (edges[1], edges[3]))
    if right_edge <= left or bottom <= top:
        return None
    return Box(left, top, right_edge - left, bottom - top)


def _span(start: float, end: float, size: int) -> tuple[int, int]:
    first = min(max(round(start * size), 0), size - 1)
    last = min(max(round(end * size), first + 1), size)
    return first, last - first


def _partners(box: Box, truth: Sequence[Box], at: float) -> list[int]:
    values = [iou(box, other) for other in truth]
    return sorted((j for j, value in enumerate(values) if value >= at and value > 0), key=lambda j: (-values[j], j))
