"""Quality figures: counts that add up, with intervals."""

from math import isclose

import pytest

from app.boxes import Box
from app.quality import ImageQuality, JudgedOutline, OutlineTally, Share, image_quality, tally_outlines, wilson
from app.results import ImageResult

A = Box(0.1, 0.1, 0.2, 0.2)
LOOSE = Box(0.1, 0.1, 0.12, 0.2)  # IoU 0.6 with A
B = Box(0.6, 0.6, 0.2, 0.2)


def result(key: str, *boxes: Box, status: str = "accepted") -> ImageResult:
    return ImageResult(key, status, boxes, 100, 100, 1, "p", "a")


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (5, 10, 0.2366, 0.7634), (81, 263, 0.2553, 0.3662)],
)
def test_wilson_intervals_are_those_of_the_books(k: int, n: int, low: float, high: float) -> None:
    assert wilson(k, n) == pytest.approx((low, high), abs=5e-4)


def test_nothing_counted_says_nothing() -> None:
    assert wilson(0, 0) == (0, 1)
    assert Share().value is None
    assert ImageQuality().mean_iou is None


def test_an_image_is_right_at_half_and_missed_or_invented_boxes_count_zero() -> None:
    results = [result("a", LOOSE), result("b", A, B), result("c"), result("d", A), result("e", B, status="held")]
    quality = image_quality(results, {"a": [A], "b": [A], "c": [], "d": None, "e": [A]})
    assert quality.images == Share(2, 3)
    assert quality.boxes == 3
    assert quality.mean_iou is not None
    assert isclose(quality.mean_iou, (0.6 + 1 + 0) / 3)


def test_wrong_outlines_paid_and_right_ones_refused_are_counted_at_the_verifiers_bar() -> None:
    outlines = [
        JudgedOutline((A,), (A,), "ACCEPTED"),
        JudgedOutline((A,), (A,), "REJECTED"),
        JudgedOutline((LOOSE,), (A,), "ACCEPTED"),
        JudgedOutline((LOOSE,), (A,), "REJECTED"),
        JudgedOutline((B,), (A,), "SUBMITTED"),
    ]
    tally = tally_outlines(outlines)
    assert tally == OutlineTally(Share(1, 3), Share(1, 2), wrong_refused=1, right_paid=1)
    assert tally.wrong_paid.interval == wilson(1, 3)
    assert tally_outlines(outlines, at=0.5).wrong_paid == Share(0, 1)


def test_runs_are_pooled_by_adding() -> None:
    first, second = [JudgedOutline((A,), (A,), "ACCEPTED")] * 2, [JudgedOutline((A,), (B,), "REJECTED")]
    assert tally_outlines(first) + tally_outlines(second) == tally_outlines(first + second)
    one, two = [result("a", A)], [result("b", A, B)]
    truths = {"a": [A], "b": [B]}
    assert image_quality(one, truths) + image_quality(two, truths) == image_quality(one + two, truths)
