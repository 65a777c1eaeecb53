"""The classification, rehearsed by events alone: taught, examined, paid, labelled."""

import csv
import json
from pathlib import Path

import pytest

from app.classification import Classified, Options, rehearse


def options(out: Path, **chosen: object) -> Options:
    return Options(**{"out": out, "limit": 24, "seed": 5, "settings": {"overlap": 5}, "performers": 80, **chosen})


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Classified]:
    out = tmp_path_factory.mktemp("classified") / "out"
    return out, rehearse(options(out))


def test_every_image_is_labelled_and_written(done: tuple[Path, Classified]) -> None:
    out, made = done
    assert made.summary["images"] == 24
    with (out / "labels.csv").open(encoding="utf-8") as file:
        assert len(list(csv.DictReader(file))) == 24
    for path in made.files:
        assert path.exists(), path
    (published,) = (out / "results").glob("image-classification-*.json")
    assert len(json.loads(published.read_text())) == 24


def test_every_number_of_the_summary_is_explained(done: tuple[Path, Classified]) -> None:
    page = (Path(__file__).parent.parent.parent / "docs/classification.md").read_text(encoding="utf-8")
    assert [name for name in done[1].summary if f"`{name}`" not in page] == []


def test_labels_are_mostly_right(done: tuple[Path, Classified]) -> None:
    _, made = done
    assert made.summary["accuracy"]["DawidSkene"]["accuracy"] > 0.75
    assert made.summary["accuracy"]["MajorityVote"]["labels"] == 24


def test_only_who_passed_the_exam_was_paid(done: tuple[Path, Classified]) -> None:
    _, made = done
    people = made.summary["people"]
    assert people["training"] >= people["exam"] >= people["main"] > 0
    assert people["banned"] > 0
