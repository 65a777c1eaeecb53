"""Boxes: overlap, matching, Toloka's shapes and pixels."""

from decimal import Decimal
from math import isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.boxes import (
    Box,
    NotARectangle,
    from_edges,
    from_shape,
    from_shapes,
    iou,
    match,
    mean_iou,
    overlaps,
    right,
    to_pixels,
    to_shape,
)

A = Box(0.1, 0.1, 0.2, 0.2)
B = Box(0.6, 0.6, 0.2, 0.2)

edges = st.floats(0, 0.9)
sizes = st.floats(0.01, 1)
boxes = st.builds(lambda x, y, w, h: Box(x, y, min(w, 1 - x), min(h, 1 - y)), edges, edges, sizes, sizes)


def moved(box: Box, share: float) -> Box:
    """The box shifted to the right by a share of its width."""
    return Box(box.left + share * box.width, box.top, box.width, box.height)


def test_iou_of_boxes_that_are_the_same_apart_touching_and_shifted_by_half() -> None:
    assert isclose(iou(A, A), 1)
    assert iou(A, B) == 0
    assert iou(Box(0, 0, 0.5, 1), Box(0.5, 0, 0.5, 1)) == 0
    assert isclose(iou(A, moved(A, 0.5)), 1 / 3)


@given(boxes, boxes)
def test_iou_is_symmetric_and_a_share(a: Box, b: Box) -> None:
    assert iou(a, b) == iou(b, a)
    assert 0 <= iou(a, b) <= 1


def test_an_outline_is_right_when_every_object_is_matched_and_none_is_extra() -> None:
    assert right([B, moved(A, 0.1)], [A, B], 0.7)
    assert not right([A], [A, B], 0.7)
    assert not right([A, B, B], [A, B], 0.7)
    assert not right([A, moved(B, 0.3)], [A, B], 0.7)
    assert right([A, moved(B, 0.3)], [A, B], 0.5)
    assert right([], [], 0.7)
    assert not right([A], [], 0.7)


def test_two_boxes_on_one_object_match_it_once() -> None:
    assert match([A, moved(A, 0.05)], [A, B], 0.5) == [(0, 0)]


def test_as_many_boxes_are_matched_as_can_be_even_if_the_best_pair_must_part() -> None:
    """The first found box overlaps the second object best, but is the only one that fits the first."""
    first, second = Box(0.0, 0.0, 0.5, 0.5), Box(0.08, 0.0, 0.5, 0.5)
    found = [Box(0.05, 0.0, 0.5, 0.5), Box(0.14, 0.0, 0.5, 0.5)]
    assert iou(found[0], second) > iou(found[0], first) > 0.7 > iou(found[1], first)
    assert match(found, [first, second], 0.7) == [(0, 0), (1, 1)]
    assert right(found, [first, second], 0.7)


@given(st.lists(boxes, max_size=5), st.lists(boxes, max_size=5))
def test_matching_is_one_to_one_and_above_the_bar(found: list[Box], truth: list[Box]) -> None:
    pairs = match(found, truth, 0.3)
    assert len({i for i, _ in pairs}) == len({j for _, j in pairs}) == len(pairs)
    assert all(iou(found[i], truth[j]) >= 0.3 for i, j in pairs)


def test_missed_and_invented_objects_count_zero_in_the_mean_iou() -> None:
    assert overlaps([A], [A, B]) == [pytest.approx(1), 0.0]
    assert mean_iou([A], [A, B]) == pytest.approx(0.5)
    assert mean_iou([A, B], [A]) == pytest.approx(0.5)
    assert mean_iou([], []) == 1
    assert mean_iou([A], []) == 0


def test_a_shape_survives_the_way_through_toloka() -> None:
    assert from_shape(to_shape(A)) == A
    decimal = {name: Decimal("0.25") for name in ("left", "top", "width", "height")}
    assert from_shape({"shape": "rectangle", **decimal}) == Box(0.25, 0.25, 0.25, 0.25)
    assert from_shapes(None) == from_shapes([]) == ()
    assert from_shapes([to_shape(A), to_shape(B)]) == (A, B)


@pytest.mark.parametrize(
    "shape",
    [
        {"shape": "polygon", "points": []},
        {},
        {"shape": "rectangle", "left": 0.1},
        {"shape": "rectangle", "left": "x", "top": 0, "width": 0.1, "height": 0.1},
        {"shape": "rectangle", "left": None, "top": 0, "width": 0.1, "height": 0.1},
        {"shape": "rectangle", "left": 0, "top": 0, "width": 0, "height": 0.1},
        {"shape": "rectangle", "left": 0, "top": float("nan"), "width": 0.1, "height": 0.1},
    ],
)
def test_what_is_not_a_rectangle_is_refused(shape: dict[str, object]) -> None:
    with pytest.raises(NotARectangle):
        from_shape(shape)


def test_pixels_are_whole_and_inside_the_image() -> None:
    assert to_pixels(Box(0.25, 0.5, 0.5, 0.25), 640, 480) == (160, 240, 320, 120)
    assert to_pixels(Box(0.9, 0.9, 0.5, 0.5), 100, 50) == (90, 45, 10, 5)
    assert to_pixels(Box(-0.1, 0, 0.2, 1), 100, 50) == (0, 0, 10, 50)
    assert to_pixels(Box(0.999, 0.999, 0.0001, 0.0001), 100, 100) == (99, 99, 1, 1)


@given(boxes, st.integers(1, 3000), st.integers(1, 3000))
def test_pixels_never_leave_the_image(box: Box, width: int, height: int) -> None:
    x, y, wide, high = to_pixels(box, width, height)
    assert 0 <= x < x + wide <= width
    assert 0 <= y < y + high <= height


@given(st.integers(0, 600), st.integers(0, 400), st.integers(1, 39), st.integers(1, 79))
def test_pixel_edges_survive_the_way_to_fractions_and_back(x: int, y: int, wide: int, high: int) -> None:
    box = from_edges((x, y, x + wide, y + high), 640, 480)
    assert box is not None
    assert to_pixels(box, 640, 480) == (x, y, wide, high)


def test_edges_are_cut_to_the_image_and_boxes_without_extent_are_none() -> None:
    assert from_edges((-10, 0, 50, 200), 100, 100) == Box(0, 0, 0.5, 1)
    assert from_edges((50, 50, 50, 60), 100, 100) is None
    assert from_edges((120, 0, 130, 10), 100, 100) is None
