from pathlib import Path

import pytest
from compared import Answer, compared, pool
from PIL import Image

from app.label_plot import LINES, draw_confusion, draw_overlap

METHODS = ("DawidSkene", "MajorityVote", "Wawa", "OneCoinDawidSkene")


def classes(number: int) -> tuple[list[Answer], dict[str, str]]:
    """Three tasks of each class, and three performers of whom one is often wrong."""
    names = [f"a class with a long name {at:02}" for at in range(number)]
    truth = {f"t{at}-{n}": name for at, name in enumerate(names) for n in range(3)}
    wrong = dict(zip(names, names[1:] + names[:1], strict=True))
    said = [(task, who, label) for task, label in truth.items() for who in ("ann", "bob")]
    return said + [(task, "eve", wrong[label]) for task, label in truth.items()], truth


@pytest.mark.parametrize("number", [1, 2, 35])
def test_any_number_of_labels_can_be_drawn(number: int, tmp_path: Path) -> None:
    answers, truth = classes(number)
    comparison, _ = compared(pool(answers, truth=truth), "MajorityVote")
    draw_confusion(comparison, tmp_path / "confusion.png")
    draw_overlap(comparison, tmp_path / "overlap.png")
    for name in ("confusion", "overlap"):
        with Image.open(tmp_path / f"{name}.png") as image:
            assert image.format == "PNG"
            assert image.width < 4000


def test_every_method_has_a_line_of_its_own_colour(tmp_path: Path) -> None:
    answers, truth = classes(3)
    comparison, _ = compared(pool(answers, known=dict(list(truth.items())[:4])), *METHODS)
    draw_overlap(comparison, tmp_path / "overlap.png")
    draw_confusion(comparison, tmp_path / "confusion.png")
    with Image.open(tmp_path / "overlap.png") as image:
        found = {colour for _, colour in image.convert("RGB").getcolors(1 << 24) or []}
    wanted = {tuple(bytes.fromhex(line[1:])) for line in LINES[: len(METHODS)]}
    assert wanted <= found
