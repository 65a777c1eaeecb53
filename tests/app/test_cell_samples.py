"""Sample cells: what the hints for performers say is what the pictures show, measured in pixels."""

import csv
from collections import Counter
from collections.abc import Callable
from functools import cache, partial
from itertools import pairwise
from pathlib import Path
from statistics import fmean

import pytest
from PIL import Image

from app.cell_samples import HARD, LOOKS, PLASMA, SIDE, cell, difficulty, write_cells
from app.labelled import read_known
from handlers.classification_settings import BLOOD_CELLS
from simulator.elements.draws import fraction

Pixel = tuple[int, int, int]
SEEDS = range(6)
EASY, HARDEST = 0.1, 0.9
MIDDLE = SIDE // 2


@cache
def drawn(kind: str, hard: float, seed: int) -> Image.Image:
    return cell(kind, hard, partial(fraction, seed))


def violet(pixel: Pixel) -> bool:
    red, green, blue = pixel
    return blue > red + 15 and red > green + 8 and sum(pixel) < 480


def dotted(pixel: Pixel) -> bool:
    red, green, blue = pixel
    return red > 195 and red - green > 55 and red - blue > 55


def share(picture: Image.Image, is_it: Callable[[Pixel], bool]) -> float:
    """Which share of the picture's middle, where no red cell is, has such pixels."""
    half = 60
    middle = picture.crop((MIDDLE - half, MIDDLE - half, MIDDLE + half, MIDDLE + half))
    return sum(count for count, pixel in middle.getcolors(1 << 15) if is_it(pixel)) / (2 * half) ** 2


def extent(picture: Image.Image) -> float:
    """How wide the cell is, in pixels: the longest of some rows near its middle."""

    def length(row: int) -> int:
        line = [picture.getpixel((x, row)) for x in range(SIDE)]
        own = [sum(abs(a - b) for a, b in zip(pixel, PLASMA, strict=True)) > 14 for pixel in line]
        left = right = MIDDLE
        while left > 0 and own[left - 1]:
            left -= 1
        while right < SIDE - 1 and own[right + 1]:
            right += 1
        return right - left

    return max(length(row) for row in range(MIDDLE - 15, MIDDLE + 16, 5))


def mean(kind: str, hard: float, measure: Callable[[Image.Image], float]) -> float:
    return fmean(measure(drawn(kind, hard, seed)) for seed in SEEDS)


def test_the_kinds_are_those_of_the_pipeline() -> None:
    assert tuple(LOOKS) == tuple(each.value for each in BLOOD_CELLS)


@pytest.mark.parametrize("hard", [EASY, HARDEST])
def test_only_eosinophils_have_red_and_orange_dots(hard: float) -> None:
    dots = {kind: mean(kind, hard, lambda picture: share(picture, dotted)) for kind in LOOKS}
    assert dots["EOSINOPHIL"] > 0.2
    assert all(dots[kind] < 0.002 for kind in LOOKS if kind != "EOSINOPHIL")


@pytest.mark.parametrize("hard", [EASY, HARDEST])
def test_a_lymphocyte_is_small_and_a_monocyte_large(hard: float) -> None:
    sizes = {kind: mean(kind, hard, extent) for kind in LOOKS}
    assert sizes["LYMPHOCYTE"] < 0.9 * min(sizes["EOSINOPHIL"], sizes["NEUTROPHIL"])
    assert sizes["MONOCYTE"] > 1.1 * max(sizes["EOSINOPHIL"], sizes["NEUTROPHIL"])


def test_the_nucleus_nearly_fills_a_lymphocyte_and_no_other() -> None:
    filled = {
        kind: mean(kind, EASY, lambda picture: share(picture, violet) * 120**2 / (extent(picture) ** 2 * 0.785))
        for kind in LOOKS
    }
    assert filled["LYMPHOCYTE"] > 0.6
    assert all(filled[kind] < 0.45 for kind in LOOKS if kind != "LYMPHOCYTE")


def test_parts_of_a_nucleus_are_apart_but_for_a_pinch_and_a_monocytes_is_undivided() -> None:
    for seed in SEEDS:
        draw = partial(fraction, seed)
        for kind, look in LOOKS.items():
            parts = look.parts(EASY, draw)
            gaps = [((x - u) ** 2 + (y - v) ** 2) ** 0.5 - r - s for (x, y, r), (u, v, s) in pairwise(parts)]
            if kind in {"EOSINOPHIL", "NEUTROPHIL"}:
                assert 2 <= len(parts) <= (2 if kind == "EOSINOPHIL" else 4)
                assert min(gaps) > -0.1
                assert 0 < look.pinch[0] < min(size for _, _, size in parts)
            else:
                assert all(gap < -0.3 for gap in gaps)


def test_a_neutrophil_has_two_to_four_parts_of_unequal_size() -> None:
    parts = [LOOKS["NEUTROPHIL"].parts(EASY, partial(fraction, seed)) for seed in range(40)]
    assert {len(each) for each in parts} == {2, 3, 4}
    assert all(max(size for _, _, size in each) > 1.2 * min(size for _, _, size in each) for each in parts)


def test_the_stain_of_hard_pictures_is_paler() -> None:
    def darkest(picture: Image.Image) -> float:
        return picture.convert("L").getextrema()[0]

    assert all(mean(kind, HARDEST, darkest) > mean(kind, EASY, darkest) + 12 for kind in LOOKS)


def test_about_one_in_five_is_hard() -> None:
    hard = [difficulty(0, number) for number in range(1000)]
    assert all(0 <= each < 0.4 or 0.6 <= each <= 1 for each in hard)
    assert abs(sum(each >= 0.6 for each in hard) / 1000 - HARD) < 0.04


def test_samples_are_a_data_set_of_class_named_folders_with_their_difficulty(tmp_path: Path) -> None:
    found = read_known(write_cells(tmp_path, 10, seed=3), tuple(LOOKS))
    assert Counter(each.label for each in found.examples) == dict(zip(LOOKS, (3, 3, 2, 2), strict=True))
    assert found.left_out == ()
    with (tmp_path / "difficulty.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {(row["image"], row["label"]) for row in rows} == {(each.key, each.label) for each in found.examples}
    assert [float(row["difficulty"]) for row in rows] == [round(difficulty(3, number), 3) for number in range(10)]


def test_the_same_seed_draws_the_same_cells_and_another_seed_others(tmp_path: Path) -> None:
    def content(folder: Path) -> dict[str, bytes]:
        return {path.name: path.read_bytes() for path in sorted(folder.rglob("*.*"))}

    first = content(write_cells(tmp_path / "first", 4, seed=5))
    assert first == content(write_cells(tmp_path / "again", 4, seed=5))
    other = content(write_cells(tmp_path / "other", 4, seed=6))
    assert first.keys() == other.keys()
    assert not any(first[name] == other[name] for name in first)
