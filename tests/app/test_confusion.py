"""The picture of a confusion matrix: a matrix of up to 20 classes, above that the pairs confused most."""

import re
from pathlib import Path

import numpy
import pytest
from PIL import Image

from app.confusion import DOTS_AN_INCH, INCHES_A_CLASS, draw


def words(path: Path) -> str:
    """All texts of a picture that was drawn as SVG with its texts as comments."""
    return " ".join(re.findall(r"<!-- (.*?) -->", path.read_text(encoding="utf-8")))


def matrix(classes: int) -> list[list[int]]:
    return [[9 if row == column else int(column == row + 1) for column in range(classes)] for row in range(classes)]


def names(classes: int) -> list[str]:
    return [f"class {at}" for at in range(classes)]


def test_a_matrix_names_classes_and_counts(tmp_path: Path) -> None:
    draw([[91, 2, 0], [3, 84, 0]], ("CAT", "DOG"), tmp_path / "a.svg", "Cats and dogs")
    assert words(tmp_path / "a.svg") == "CAT DOG label CAT DOG truth 91 2 3 84 Cats and dogs"


def test_what_has_no_label_has_a_column_where_there_is_any(tmp_path: Path) -> None:
    draw([[91, 2, 7], [3, 84, 0]], ("CAT", "DOG"), tmp_path / "a.svg")
    assert "no label" in words(tmp_path / "a.svg")


def test_an_array_is_drawn_as_a_list_is(tmp_path: Path) -> None:
    draw(numpy.array([[91, 2], [3, 84]]), ("CAT", "DOG"), tmp_path / "array.png")
    draw([[91, 2], [3, 84]], ("CAT", "DOG"), tmp_path / "list.png")
    assert (tmp_path / "array.png").read_bytes() == (tmp_path / "list.png").read_bytes()


@pytest.mark.parametrize("classes", [2, 20])
def test_every_class_has_its_room(tmp_path: Path, classes: int) -> None:
    draw(matrix(classes), names(classes), tmp_path / "a.png")
    with Image.open(tmp_path / "a.png") as picture:
        assert picture.format == "PNG"
        assert min(picture.size) > classes * INCHES_A_CLASS * DOTS_AN_INCH


def test_a_full_cell_is_darker_than_an_empty_one(tmp_path: Path) -> None:
    draw([[5, 0], [0, 5]], ("A", "B"), tmp_path / "a.png")
    with Image.open(tmp_path / "a.png") as picture:
        counts = {colour: count for count, colour in picture.convert("RGB").getcolors(1 << 18)}
    dark, pale = (0, 68, 27), (247, 252, 245)
    assert counts[dark] == pytest.approx(counts[pale], rel=0.1)
    assert counts[dark] > 8000


def test_of_many_classes_the_pairs_confused_most_are_drawn(tmp_path: Path) -> None:
    counts = matrix(21)
    counts[3][7] = 6
    draw(counts, names(21), tmp_path / "a.svg")
    said = words(tmp_path / "a.svg")
    assert "class 3 → class 7" in said
    assert "6 (38 % of its class)" in said
    assert "the 21 pairs of 21 classes confused most" in said
    assert "class 3 → class 3" not in said


def test_nothing_confused_is_a_picture_too(tmp_path: Path) -> None:
    draw([[int(row == column) for column in range(21)] for row in range(21)], names(21), tmp_path / "a.svg")
    assert "the 0 pairs of 21 classes" in words(tmp_path / "a.svg")


@pytest.mark.parametrize("classes", [2, 21])
def test_a_long_name_is_cut_and_dollars_are_no_formula(tmp_path: Path, classes: int) -> None:
    named = ["x" * 80, "$\\no$", *names(classes)[2:]]
    draw(matrix(classes), named, tmp_path / "a.svg", "$\\no$ formula")
    said = words(tmp_path / "a.svg")
    assert f"{'x' * 23}…" in said
    assert "$\\no$ formula" in said
