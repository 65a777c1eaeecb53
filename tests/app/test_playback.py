"""Recorded answers played back through the whole service give crowd-kit's labels to the last bit, whatever happens."""

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import pandas
import pyarrow.parquet
import pytest
from crowdkit import aggregation as crowdkit
from PIL import Image

from app.classification import Classified, Options, rehearse
from app.label_truth import WrongTruth
from app.rehearsal import Stage

CLASSES = ("ant", "bee", "cat", "dog")
LABELS = ("CANT_TELL", *CLASSES)
OVERLAPS = (2, 4, 5, 5, 5, 6)
MODELS: Mapping[str, Any] = {
    "MajorityVote": crowdkit.MajorityVote,
    "DawidSkene": lambda: crowdkit.DawidSkene(n_iter=20),
}
DISTURBED = {"repeat": True, "shuffle": True, "lose": 0.3}

Row = tuple[str, str, str, str]


def made_up() -> tuple[list[Row], dict[str, str]]:
    """240 tasks by 2 to 6 of 25 performers, good ones and bad: (task, performer, label, seconds), and the truth."""
    draw = Random(3)
    rows, truth = [], {}
    for number in range(240):
        task = f"cell {draw.randrange(10**6):06}, {number}"
        truth[task] = draw.choice(CLASSES)
        for who in draw.sample(range(25), draw.choice(OVERLAPS)):
            right = draw.random() < 0.3 + 0.02 * who
            seconds = f"{1 + 9 * draw.random():.2f}" if who else ""
            rows.append((task, f"w/{who}", truth[task] if right else draw.choice(LABELS), seconds))
    draw.shuffle(rows)
    return rows, truth


ROWS, TRUTH = made_up()


def write(path: Path, header: tuple[str, ...], rows: list[Any]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def by_crowdkit(method: str) -> tuple[dict[str, str], dict[str, float], set[str]]:
    """What crowd-kit makes of the file's rows, sorted: labels, probabilities, and which tasks tie."""
    rows = sorted(((label, task, who) for task, who, label, _ in ROWS))
    model = MODELS[method]()
    labels = model.fit_predict(pandas.DataFrame(rows, columns=["label", "task", "worker"]))
    best = {task: sorted(row)[-2:] for task, row in zip(model.probas_.index, model.probas_.to_numpy(), strict=True)}
    ties = {task for task, (second, first) in best.items() if first - second <= 1e-9}
    return labels.to_dict(), model.probas_.max(axis=1).to_dict(), ties


@dataclass
class Played:
    """One playback: what came out, and what was seen at its end."""

    method: str
    done: Classified
    notes: list[str]
    bound: set[str]  # roles of what was created
    people: set[str]  # who handed in any page
    kept: dict[str, tuple[str, float | None, bool]]  # label, probability, undecided as the store has them, by task

    @property
    def out(self) -> Path:
        return self.done.files[0].parent


def played(folder: Path, method: str, rows: list[Row], **faults: Any) -> Played:
    votes = write(folder / "votes.csv", ("task", "performer", "label", "seconds"), rows)
    truth = write(folder / "truth.csv", ("task", "label"), list(TRUTH.items()))
    seen: dict[str, Any] = {}

    def look(at: Stage, done: Classified) -> None:
        pool_id = at.running.pool_ids["main"]
        names = {task: shown["item"] for task, _, shown in at.store.tasks_of(pool_id)}
        kept = at.store.labels(pool_id)[method]
        seen["kept"] = {names[each.task_id]: (each.label, each.probability, each.undecided) for each in kept}
        seen["people"] = {page.user_id for page in at.store.pages_of(pool_id)}
        seen["bound"] = {each.role for each in at.store.bindings("image-classification")}

    notes: list[str] = []
    options = Options(out=folder / "out", votes=votes, truth=truth, settings={"method": method}, **faults)
    done = rehearse(options, note=notes.append, after=look)
    return Played(method, done, notes, **seen)


@pytest.fixture(scope="module", params=list(MODELS))
def plain(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Played:
    return played(tmp_path_factory.mktemp("plain"), request.param, ROWS)


@pytest.fixture(scope="module", params=list(MODELS))
def disturbed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Played:
    return played(tmp_path_factory.mktemp("disturbed"), request.param, sorted(ROWS), **DISTURBED)


def check(made: Played) -> None:
    labels, probabilities, ties = by_crowdkit(made.method)
    assert made.kept == {task: (label, probabilities[task], task in ties) for task, label in labels.items()}


def test_labels_and_probabilities_are_crowdkits_to_the_last_bit(plain: Played) -> None:
    check(plain)


def test_they_are_the_same_when_events_are_repeated_shuffled_and_lost(disturbed: Played) -> None:
    check(disturbed)


def test_a_tie_is_undecided_and_has_no_label_in_any_file(plain: Played) -> None:
    labels, probabilities, ties = by_crowdkit(plain.method)
    assert plain.method == "DawidSkene" or len(ties) > 20
    rows = pyarrow.parquet.read_table(plain.out / "labels.parquet").to_pylist()
    lines = (plain.out / "labels.jsonl").read_text(encoding="utf-8").splitlines()
    with (plain.out / "labels.csv").open(encoding="utf-8", newline="") as file:
        cells = list(csv.DictReader(file))
    for row, line, cell in zip(rows, map(json.loads, lines), cells, strict=True):
        task = row["key"]
        assert (row["label"], row["undecided"]) == (None if task in ties else labels[task], task in ties)
        assert row["probability"] == line["probability"] == float(cell["probability"]) == probabilities[task]
        assert (line["key"], line["label"], cell["label"]) == (task, row["label"], row["label"] or "")
    assert {row["key"] for row in rows} == TRUTH.keys()


def test_everybody_who_was_recorded_comes_and_nobody_is_taught_examined_or_banned(plain: Played) -> None:
    assert plain.people == {who for _, who, _, _ in ROWS}
    assert plain.bound == {"project:main", "pool:main"}
    assert plain.done.summary["people"] == {"main": 25, "banned": 0}
    (note,) = plain.notes
    assert "by at least 6 performers" in note


def test_both_methods_are_told_with_what_is_right(plain: Played) -> None:
    assert plain.done.summary["unfinished"] == 0
    for method, told in plain.done.summary["accuracy"].items():
        labels, _, ties = by_crowdkit(method)
        right = sum(TRUTH[task] == label for task, label in labels.items())
        assert told == {"accuracy": round(right / 240, 4), "labels": 240, "undecided": len(ties)}


def test_the_files_are_written_and_the_pictures_can_be_opened(plain: Played) -> None:
    names = {path.name for path in plain.done.files}
    assert {"summary.json", "labels.csv", "confusion.png", "disagreements.png", "crowdhook.db"} <= names
    for path in plain.done.files:
        assert path.exists()
        if path.suffix == ".png":
            with Image.open(path) as image:
                assert image.width > 500


def test_without_truth_nothing_is_called_right_or_wrong(tmp_path: Path) -> None:
    votes = write(tmp_path / "votes.csv", ("task", "performer", "label"), [row[:3] for row in ROWS[:60]])
    settings = {"classes": ["dog", "cat", "bee", {"value": "ant"}], "cant_tell": True, "input": "image", "overlap": 900}
    done = rehearse(Options(out=tmp_path / "out", votes=votes, settings=settings))
    assert {told["accuracy"] for told in done.summary["accuracy"].values()} == {None}
    assert done.summary["labelled"] + done.summary["undecided"] == len({row[0] for row in ROWS[:60]})
    assert not (tmp_path / "out" / "confusion.png").exists()
    columns = pyarrow.parquet.read_table(tmp_path / "out" / "labels.parquet").column_names
    assert columns[-5:] == ["votes_dog", "votes_cat", "votes_bee", "votes_ant", "votes_CANT_TELL"]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([("elsewhere", "ant")], "no task in it was answered"),
        ([(ROWS[0][0], "Ant")], "no label in it was ever answered"),
    ],
)
def test_a_truth_about_something_else_is_told(tmp_path: Path, rows: list[Any], words: str) -> None:
    votes = write(tmp_path / "votes.csv", ("task", "performer", "label"), [row[:3] for row in ROWS[:60]])
    truth = write(tmp_path / "truth.csv", ("task", "label"), rows)
    with pytest.raises(WrongTruth, match=words):
        rehearse(Options(out=tmp_path / "out", votes=votes, truth=truth))
