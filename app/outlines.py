"""How simulated people draw: careful outlines, and the ways in which an outline goes wrong."""

from collections.abc import Callable, Sequence

from app.boxes import Box, iou, right

MARGIN = 0.05  # the IoU of a careful box lies at least this much above the bar, where there is room

Draw = Callable[..., float]  # draw(*what) -> a number in [0, 1), always the same for the same `what`


def careful_outline(truth: Sequence[Box], at: float, draw: Draw) -> tuple[Box, ...]:
    """All true boxes, each a little off, none below IoU `at` plus a margin."""
    wanted = min(at + MARGIN, (1 + at) / 2)
    return tuple(_blurred(box, wanted, lambda *what, i=i: draw("blur", i, *what)) for i, box in enumerate(truth))


def wrong_outline(truth: Sequence[Box], at: float, draw: Draw) -> tuple[Box, ...]:
    """An outline that is not right at IoU `at`: an object missed, loose, beside the object, or one too many."""
    drawn = careful_outline(truth, at, draw)
    if not truth:
        return (_elsewhere(truth, draw),)
    spoilt = int(draw("which") * len(truth))
    without = (*drawn[:spoilt], *drawn[spoilt + 1 :])
    outlines = (
        without,
        (*without, _loose(truth[spoilt], at, draw)),
        (*without, _shifted(truth[spoilt], draw)),
        (*drawn, _elsewhere(truth, draw)),
    )
    chosen = outlines[int(draw("how") * len(outlines))]
    return without if right(chosen, truth, at) else chosen


def imagined_outline(draw: Draw) -> tuple[Box, ...]:
    """The box that a crowd agrees on where nobody knows the truth."""
    wide, high = 0.2 + 0.3 * draw("wide"), 0.2 + 0.3 * draw("high")
    return (_box(draw("left") * (1 - wide), draw("top") * (1 - high), wide, high),)


def _box(left: float, top: float, width: float, height: float) -> Box:
    """A box cut to the image, with six decimals, as an interface would send it."""
    left, top = (round(min(max(edge, 0.0), 0.99), 6) for edge in (left, top))
    return Box(left, top, round(min(width, 1 - left), 6), round(min(height, 1 - top), 6))


def _blurred(box: Box, wanted: float, draw: Draw) -> Box:
    """The box with each edge moved; tries again with half the movement until its IoU is at least `wanted`."""
    for attempt in range(12):
        left, top, right_edge, bottom = (0.1 / 2**attempt * (2 * draw(attempt, edge) - 1) for edge in range(4))
        moved = _box(
            box.left + left * box.width,
            box.top + top * box.height,
            box.width * (1 + right_edge - left),
            box.height * (1 + bottom - top),
        )
        if iou(moved, box) >= wanted:
            return moved
    return box


def _loose(box: Box, at: float, draw: Draw) -> Box:
    """A box inside or around the true one, with an IoU well below the bar."""
    side = (at * (0.5 + 0.35 * draw("loose"))) ** 0.5
    scale = side if draw("inside") < 0.5 else 1 / side
    wide, high = box.width * scale, box.height * scale
    return _box(box.left + (box.width - wide) / 2, box.top + (box.height - high) / 2, wide, high)


def _shifted(box: Box, draw: Draw) -> Box:
    """A box of the same size beside the true one, towards the middle of the image."""
    far = 0.4 + 0.6 * draw("far")
    across = box.width * far * (1 if box.left + box.width / 2 < 0.5 else -1)
    down = box.height * far * (1 if box.top + box.height / 2 < 0.5 else -1)
    return _box(box.left + across, box.top + down, box.width, box.height)


def _elsewhere(truth: Sequence[Box], draw: Draw) -> Box:
    """A box where no object is, or hardly any."""
    tries = [_box(0.85 * draw("left", i), 0.85 * draw("top", i), 0.15, 0.15) for i in range(8)]
    return min(tries, key=lambda box: max((iou(box, other) for other in truth), default=0.0))
