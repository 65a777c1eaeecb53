"""How people draw: careful outlines are right with a margin, wrong ones are never right."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.boxes import Box, iou, right
from app.outlines import careful_outline, imagined_outline, wrong_outline
from simulator.elements.draws import fraction

edges = st.floats(0, 0.9)
sizes = st.floats(0.02, 1)
boxes = st.builds(lambda x, y, w, h: Box(x, y, min(w, 1 - x), min(h, 1 - y)), edges, edges, sizes, sizes)
truths = st.lists(boxes, max_size=5)


def inside(box: Box) -> bool:
    return 0 <= box.left < box.right <= 1 + 1e-9 and 0 <= box.top < box.bottom <= 1 + 1e-9


@given(truth=truths, seed=st.integers(0, 10**6), at=st.sampled_from([0.5, 0.7, 0.9]))
def test_a_careful_outline_has_every_box_above_the_bar_with_a_margin(truth: list[Box], seed: int, at: float) -> None:
    found = careful_outline(truth, at, lambda *what: fraction(seed, *what))
    assert right(found, truth, at)
    assert all(iou(a, b) >= at + 0.04 for a, b in zip(found, truth, strict=True))
    assert all(map(inside, found))


@given(truth=truths, seed=st.integers(0, 10**6), at=st.sampled_from([0.5, 0.7, 0.9]))
def test_a_wrong_outline_is_never_right(truth: list[Box], seed: int, at: float) -> None:
    found = wrong_outline(truth, at, lambda *what: fraction(seed, *what))
    assert not right(found, truth, at)
    assert all(map(inside, found))


def test_a_box_too_small_to_be_drawn_carefully_is_drawn_exactly() -> None:
    dot = Box(0.1, 0.1, 2.5e-6, 2.5e-6)  # below the six decimals of an answer
    assert careful_outline([dot], 0.9, lambda *what: fraction(1, *what)) == (dot,)


def test_outlines_go_wrong_in_every_way() -> None:
    truth = [Box(0.1, 0.1, 0.2, 0.2), Box(0.6, 0.5, 0.25, 0.2)]
    found = [wrong_outline(truth, 0.7, lambda *what, seed=seed: fraction(seed, *what)) for seed in range(100)]
    assert {len(outline) for outline in found} == {1, 2, 3}
    best = [min(max(iou(box, other) for other in truth) for box in outline) for outline in found if len(outline) == 2]
    assert any(0.3 < value < 0.7 for value in best)  # not tight
    assert any(value < 0.3 for value in best)  # beside the object


def test_objects_that_lie_on_each_other_do_not_make_a_wrong_outline_right() -> None:
    truth = [Box(0.1, 0.1, 0.5, 0.5), Box(0.1, 0.1, 0.5, 0.48)]
    for seed in range(50):
        assert not right(wrong_outline(truth, 0.7, lambda *what, seed=seed: fraction(seed, *what)), truth, 0.7)


@pytest.mark.parametrize("seed", range(5))
def test_an_imagined_outline_is_one_box_on_the_image(seed: int) -> None:
    (box,) = imagined_outline(lambda *what: fraction(seed, *what))
    assert inside(box)
