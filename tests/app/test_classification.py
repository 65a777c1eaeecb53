"""The classification, rehearsed by events alone: taught, examined, paid, labelled; one control task is wrong."""

import csv
import io
import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from rich.console import Console

from app.cell_samples import write_cells
from app.classification import Classified, Options, rehearse
from app.classification_data import Sources, read_tasks
from app.classifying import tell
from handlers.classification_settings import settings

IMAGES, SEED = 24, 5
CHOSEN = {"overlap": 8, "training_count": 12, "exam_count": 15, "control_count": 6}


@dataclass(frozen=True)
class Done:
    out: Path
    made: Classified
    wrong: str  # key of the control task that lies in a wrong folder
    shows: str  # the class that is to be seen on it


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Done:
    folder, out = tmp_path_factory.mktemp("cells"), tmp_path_factory.mktemp("classified") / "out"
    write_cells(folder, 64, SEED)
    wrong, shows = misplaced(folder)
    chosen = Options(out=out, dataset=folder, limit=IMAGES, seed=SEED, settings=CHOSEN, performers=80, accuracy=1.0)
    return Done(out, rehearse(chosen), wrong, shows)


def misplaced(folder: Path) -> tuple[str, str]:
    """Move one of the pictures that become control tasks into another kind's folder: its key, and what it shows."""
    table = folder / "difficulty.csv"
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    kinds = sorted({row["label"] for row in rows})
    for row in rows:
        old, new = row["image"], row["image"].replace(row["label"], kinds[kinds.index(row["label"]) - 1])
        shutil.move(folder / old, folder / new)
        if float(row["difficulty"]) < 0.4 and new in controls(folder):
            table.write_text(table.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
            return new, row["label"]
        shutil.move(folder / new, folder / old)
    raise LookupError("no easy picture becomes a control task")


def controls(folder: Path) -> set[str]:
    tasks = read_tasks(settings(**CHOSEN), Sources(known=folder, limit=IMAGES, seed=SEED))
    return {each.key for each in tasks.of("control")}


def printed(made: Classified) -> str:
    console = Console(file=io.StringIO(), width=200)
    tell(console, made)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_every_image_is_labelled_and_written(done: Done) -> None:
    assert done.made.summary["images"] == IMAGES
    with (done.out / "labels.csv").open(encoding="utf-8") as file:
        assert len(list(csv.DictReader(file))) == IMAGES
    for path in done.made.files:
        assert path.exists(), path
    (published,) = (done.out / "results").glob("image-classification-*.json")
    assert len(json.loads(published.read_text())) == IMAGES


def test_every_number_of_the_summary_is_explained(done: Done) -> None:
    page = (Path(__file__).parent.parent.parent / "docs/classification.md").read_text(encoding="utf-8")
    assert [name for name in done.made.summary if f"`{name}`" not in page] == []


def test_labels_are_mostly_right(done: Done) -> None:
    assert done.made.summary["accuracy"]["DawidSkene"]["accuracy"] > 0.75
    assert done.made.summary["accuracy"]["MajorityVote"]["labels"] == IMAGES


def test_only_who_passed_the_exam_was_paid(done: Done) -> None:
    people = done.made.summary["people"]
    assert people["training"] >= people["exam"] >= people["main"] > 0
    assert people["main"] <= done.made.summary["exam"]["passed"]


def test_the_exam_and_who_was_banned_are_told(done: Done) -> None:
    summary, text = done.made.summary, printed(done.made)
    assert len(summary["bans"]) == summary["people"]["banned"] > 0
    assert f"{summary['exam']['passed']} passed, {summary['exam']['failed']} failed" in text
    for ban in summary["bans"]:
        alike = sum(each["why"] == ban["why"] for each in summary["bans"])
        assert f"{alike}: {ban['why']}" in text


def test_the_control_task_in_a_wrong_folder_is_named_and_shown_and_no_other(done: Done) -> None:
    (doubt,) = done.made.summary["controls"]["doubted"]
    assert (doubt["key"], doubt["known"], doubt["said"]) == (done.wrong, done.wrong.partition("/")[0], done.shows)
    assert f"Control task: is {done.wrong} really {doubt['known']}?" in printed(done.made)
    assert done.out / "doubted-controls.png" in done.made.files


def test_labels_may_be_made_by_the_platform(tmp_path: Path) -> None:
    chosen = {"overlap": 3, "method": "platform:DAWID_SKENE", "without_banned": True}
    faults = tmp_path / "faults.toml"
    faults.write_text('[[fault]]\nkind = "repeat"\nnth = [3, 5]\n', encoding="utf-8")
    done = rehearse(Options(out=tmp_path / "out", limit=8, seed=5, settings=chosen, faults=faults))
    assert (done.summary["images"], done.summary["unfinished"]) == (8, 0)
    assert done.summary["faults"] == {"repeat": 2}
    assert re.search(r"faults +│ 2 repeat ", printed(done))
    (published,) = (tmp_path / "out/results").glob("image-classification-*.json")
    labels = {each["key"]: each["label"] for each in json.loads(published.read_text())}
    assert len(labels) == 8
    assert sum(label is not None for label in labels.values()) == done.summary["labelled"] > 4
