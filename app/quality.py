"""How good the results are, against the truth: pure counts that can be added up over runs, with their intervals."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

from app.boxes import Box, overlaps, right
from app.results import ImageResult, ImageStatus

RIGHT_AT = 0.5  # an image is right when every object is matched with this IoU
TIGHT_AT = 0.7  # an outline is right when every object is matched with this IoU: what verifiers are told
Z95 = 1.959964  # standard deviations of a two-sided 95 % interval


def wilson(k: int, n: int) -> tuple[float, float]:
    """The Wilson 95 % interval (low, high) of the share k of n; of nothing it is (0, 1)."""
    if n == 0:
        return 0.0, 1.0
    share, square = k / n, Z95 * Z95
    middle = (share + square / (2 * n)) / (1 + square / n)
    half = Z95 / (1 + square / n) * sqrt(share * (1 - share) / n + square / (4 * n * n))
    return max(0.0, middle - half), min(1.0, middle + half)


@dataclass(frozen=True, slots=True)
class Share:
    """`count` of `total`, such as the images that are right among those that were accepted."""

    count: int = 0
    total: int = 0

    def __add__(self, other: "Share") -> "Share":
        return Share(self.count + other.count, self.total + other.total)

    @property
    def value(self) -> float | None:
        """The share in 0..1; None of nothing."""
        return self.count / self.total if self.total else None

    @property
    def interval(self) -> tuple[float, float]:
        """Its Wilson 95 % interval."""
        return wilson(self.count, self.total)


@dataclass(frozen=True, slots=True)
class ImageQuality:
    """The accepted images of known truth: how many are right, and how well their boxes lie."""

    images: Share = Share()  # right ones of all
    iou_sum: float = 0.0
    boxes: int = 0  # objects true, found or both

    def __add__(self, other: "ImageQuality") -> "ImageQuality":
        return ImageQuality(self.images + other.images, self.iou_sum + other.iou_sum, self.boxes + other.boxes)

    @property
    def mean_iou(self) -> float | None:
        """The mean IoU over objects: of the best pairs found-true; a missed or an invented object counts 0."""
        return self.iou_sum / self.boxes if self.boxes else None


@dataclass(frozen=True, slots=True)
class JudgedOutline:
    """One submitted outline, the truth about its image, and its page's status as Toloka writes it."""

    boxes: tuple[Box, ...]
    truth: tuple[Box, ...]
    status: str  # ACCEPTED: paid; REJECTED: refused; else: neither, such as held


@dataclass(frozen=True, slots=True)
class OutlineTally:
    """Money against truth: what wrong outlines were paid, and what right ones were refused."""

    wrong_paid: Share = Share()  # of all wrong outlines, those paid
    right_refused: Share = Share()  # of all right outlines, those refused
    wrong_refused: int = 0
    right_paid: int = 0

    def __add__(self, other: "OutlineTally") -> "OutlineTally":
        return OutlineTally(
            self.wrong_paid + other.wrong_paid,
            self.right_refused + other.right_refused,
            self.wrong_refused + other.wrong_refused,
            self.right_paid + other.right_paid,
        )


@dataclass(frozen=True, slots=True)
class JudgedPage:
    """One page that was decided or held: whether it deserved pay, how it ended, and whether a person was needed."""

    good: bool
    status: str  # as Toloka writes it
    by_person: bool  # a person decided it, or it waits for one
    held: bool  # it was held at some time


@dataclass(frozen=True, slots=True)
class PageTally:
    """What the rule did by itself: good pages refused, bad pages paid, pages that it left to a person."""

    good_refused: Share = Share()  # of all good pages, those refused without a person
    bad_paid: Share = Share()  # of all bad pages, those paid without a person
    held: Share = Share()  # of all pages, those that a person had to see
    refused: int = 0  # refusals without a person, of good and bad pages

    def __add__(self, other: "PageTally") -> "PageTally":
        return PageTally(
            self.good_refused + other.good_refused,
            self.bad_paid + other.bad_paid,
            self.held + other.held,
            self.refused + other.refused,
        )


def tally_pages(pages: Iterable[JudgedPage]) -> PageTally:
    """Count the pages, good and bad ones apart."""
    return sum((_page(page) for page in pages), start=PageTally())


def _page(page: JudgedPage) -> PageTally:
    refused = int(page.status == "REJECTED" and not page.by_person)
    paid = int(page.status == "ACCEPTED" and not page.by_person)
    return PageTally(
        good_refused=Share(refused, 1) if page.good else Share(),
        bad_paid=Share() if page.good else Share(paid, 1),
        held=Share(int(page.held), 1),
        refused=refused,
    )


def image_quality(
    results: Iterable[ImageResult], truths: Mapping[str, Sequence[Box] | None], at: float = RIGHT_AT
) -> ImageQuality:
    """Compare the accepted results with the truths (by key); images whose truth nobody knows are left out."""
    known = [(result.boxes, truths.get(result.key)) for result in results if result.status == ImageStatus.ACCEPTED]
    measured = (_image_quality(found, truth, at) for found, truth in known if truth is not None)
    return sum(measured, start=ImageQuality())


def tally_outlines(outlines: Iterable[JudgedOutline], at: float = TIGHT_AT) -> OutlineTally:
    """Count the outlines that were paid and refused, right and wrong ones apart."""
    return sum((_tally(outline, at) for outline in outlines), start=OutlineTally())


def _image_quality(found: Sequence[Box], truth: Sequence[Box], at: float) -> ImageQuality:
    values = overlaps(found, truth)
    return ImageQuality(Share(int(right(found, truth, at)), 1), sum(values), len(values))


def _tally(outline: JudgedOutline, at: float) -> OutlineTally:
    paid, refused = int(outline.status == "ACCEPTED"), int(outline.status == "REJECTED")
    if right(outline.boxes, outline.truth, at):
        return OutlineTally(right_refused=Share(refused, 1), right_paid=paid)
    return OutlineTally(wrong_paid=Share(paid, 1), wrong_refused=refused)
