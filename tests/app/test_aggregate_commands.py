"""`crowdhook aggregate` on a database filled by hand: table, labels, numbers and pictures, or a line that says why."""

import csv
import json
import os
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import pytest
from calm import Calm
from click.testing import CliRunner, Result
from PIL import Image
from sorting import MAIN, OTHER, Sorted

from app.cli import main
from handlers.aggregation import aggregate
from handlers.aggregators import Method
from handlers.votes import gather

LABELS = ("blood", "cell", "platelet")
ITEMS = [f"item-{at:03}" for at in range(120)]
CONTROLS = {f"control-{at:02}": LABELS[at % 3] for at in range(15)}


@dataclass(frozen=True)
class Filled:
    database: Path
    truth: dict[str, str]  # by item, controls among them
    answers: list[tuple[str, str, str]]

    def truth_file(self, folder: Path, header: str = "key,label") -> Path:
        path = folder / "truth.csv"
        rows = (f"{item},{label}" for item, label in self.truth.items() if item not in CONTROLS)
        path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
        return path


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Filled:
    made = Sorted(tmp_path_factory.mktemp("sorting"))
    draw = Random(4)
    truth = {item: draw.choice(LABELS) for item in ITEMS} | CONTROLS
    answers = []
    for item, label in truth.items():
        for who in draw.sample(range(20), 15 if item in CONTROLS else 5):
            right = draw.random() < 0.4 + 0.025 * who
            answers.append((item, f"user-{who:02}", label if right else draw.choice(LABELS)))
    made.ask(ITEMS, CONTROLS)
    made.say(answers)
    made.say([(item, "user-01", "OK") for item in ITEMS[:5]], field="verdict", pool_id=OTHER)
    made.store.close()
    return Filled(made.database, truth, answers)


def crowdhook(database: Path, out: Path, *options: str, pipeline: str = "sorting", **env: str) -> Result:
    clean = {name: None for name in os.environ if name.startswith(("CROWDHOOK_", "TOLOKA_"))}
    settings = {**clean, "CROWDHOOK_DATABASE": str(database), **env}
    return CliRunner().invoke(main, ["aggregate", pipeline, "--out", str(out), *options], env=settings)


@pytest.fixture(scope="module")
def compared(filled: Filled, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    out = tmp_path_factory.mktemp("compared") / "deep" / "down"
    truth = filled.truth_file(tmp_path_factory.mktemp("truth"))
    options = ("--method", "DawidSkene:n_iter=10", "--method", "MajorityVote", "--method", "GoldMajorityVote")
    return out, crowdhook(filled.database, out, *options, "--truth", str(truth))


def numbers(out: Path) -> dict[str, Any]:
    return dict(json.loads((out / "comparison.json").read_text(encoding="utf-8")))


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def refused(result: Result, *words: str) -> None:
    assert result.exit_code == 2, result.output
    assert "\n" not in result.stderr.strip()
    for word in words:
        assert word in result.stderr


def test_the_methods_are_compared_in_a_table_of_80_columns_and_files(compared: tuple[Path, Result]) -> None:
    out, result = compared
    assert result.exit_code == 0, result.output
    drawn = [line for line in result.stdout.splitlines() if not line.startswith("  ")]
    assert max(map(len, drawn)) <= 80
    for word in ("120 tasks, 15 control tasks, 825 answers", "DawidSkene:", "n_iter=10", "GoldMajorityVote", "%"):
        assert word in result.stdout
    names = ["DawidSkene-n_iter=10", "MajorityVote", "GoldMajorityVote"]
    files = {"comparison.json", "performers.csv", "overlap.png", "confusion.png", *(f"labels-{n}.csv" for n in names)}
    assert {path.name for path in out.iterdir()} == files
    for name in files:
        assert str(out / name) in result.stdout


def test_the_labels_in_the_files_are_those_of_the_aggregation(filled: Filled, compared: tuple[Path, Result]) -> None:
    votes = gather((f"t-{item}", who, label) for item, who, label in filled.answers)
    known = {f"t-{item}": label for item, label in CONTROLS.items()}
    made = aggregate(votes, Method.read("DawidSkene:n_iter=10"), known)
    written = rows(compared[0] / "labels-DawidSkene-n_iter=10.csv")
    assert list(written[0]) == ["task", "key", "label", "probability", "votes", "undecided"]
    assert [row["key"] for row in written] == ITEMS
    assert [row["task"] for row in written] == list(made.labels["task"])
    assert [row["label"] for row in written] == list(made.labels["label"])
    assert [float(row["probability"]) for row in written] == pytest.approx(list(made.labels["probability"]), rel=1e-5)
    assert {(row["votes"], row["undecided"]) for row in written} == {("5", "false")}


def test_the_numbers_count_what_is_right_against_truth_and_control_tasks(
    filled: Filled, compared: tuple[Path, Result]
) -> None:
    told = numbers(compared[0])
    assert (told["answers"], told["tasks"], told["control_tasks"], told["true_labels"]) == (825, 120, 15, 120)
    assert (told["judged_by"], told["performers"], told["labels"]) == ("truth", 20, list(LABELS))
    assert told["price"] == pytest.approx(0.02 * _pages(filled) / 600, abs=1e-5)
    assert 0.0 < told["agreement"] < 1.0
    for method in told["methods"]:
        name = method["method"].replace(":", "-")
        written = rows(compared[0] / f"labels-{name}.csv")
        right = sum(filled.truth[row["key"]] == row["label"] for row in written)
        assert (method["right_on_truth"]["count"], method["right_on_truth"]["of"]) == (right, 120)
        assert method["right_on_truth"]["low"] < method["right_on_truth"]["value"] < method["right_on_truth"]["high"]
        assert method["right_on_controls"]["of"] == 15
        assert (method["labelled"]["count"], method["labelled"]["of"]) == (120, 120)
        assert sum(map(sum, method["confusion"]["counts"])) == 120
    majority = told["methods"][1]
    assert majority["undecided"]["count"] == sum(
        row["undecided"] == "true" for row in rows(compared[0] / "labels-MajorityVote.csv")
    )
    assert majority["undecided"]["count"] > 0


def _pages(filled: Filled) -> int:
    users = [who for _, who, _ in filled.answers]
    return sum(-(-users.count(who) // 10) for who in set(users))


def test_more_votes_cost_more_and_all_of_them_are_what_is_published(compared: tuple[Path, Result]) -> None:
    told = numbers(compared[0])
    for method in told["methods"]:
        curve = method["overlap"]
        assert [(point["votes"], point["answers"]) for point in curve] == [(k, 120 * k) for k in range(1, 6)]
        assert curve[-1]["cost"] == pytest.approx(600 * told["price"] * 1.3, abs=0.01)
        assert curve[0]["cost"] == pytest.approx(curve[-1]["cost"] / 5, abs=1e-4)
        assert curve[-1]["right"]["value"] > curve[0]["right"]["value"]
        assert curve[-1]["right"] == method["right_on_truth"]


def test_performers_are_listed_with_what_each_method_makes_of_them(compared: tuple[Path, Result]) -> None:
    people = rows(compared[0] / "performers.csv")
    assert [row["performer"] for row in people] == [f"user-{who:02}" for who in range(20)]
    assert sum(int(row["answers"]) for row in people) == 600
    assert float(people[-1]["DawidSkene:n_iter=10"]) > float(people[0]["DawidSkene:n_iter=10"])
    assert all(row["GoldMajorityVote"] for row in people)


@pytest.mark.parametrize(("name", "colours"), [("overlap", {(11, 122, 75)}), ("confusion", {(255, 255, 255)})])
def test_the_pictures_are_drawn(compared: tuple[Path, Result], name: str, colours: set[tuple[int, ...]]) -> None:
    with Image.open(compared[0] / f"{name}.png") as image:
        assert image.format == "PNG"
        assert image.width > 900
        assert colours <= {colour for _, colour in image.convert("RGB").getcolors(1 << 24) or []}


def test_labels_are_kept_in_the_database_by_method(filled: Filled, compared: tuple[Path, Result]) -> None:
    store = Sorted(filled.database.parent).store
    kept = store.labels(MAIN)["MajorityVote"]
    written = rows(compared[0] / "labels-MajorityVote.csv")
    store.close()
    assert [(each.task_id, each.label) for each in kept] == [(row["task"], row["label"]) for row in written]
    assert sum(each.undecided for each in kept) == sum(row["undecided"] == "true" for row in written)


def test_without_truth_control_tasks_are_the_judge(filled: Filled, tmp_path: Path) -> None:
    result = crowdhook(filled.database, tmp_path / "out")
    assert result.exit_code == 0, result.output
    told = numbers(tmp_path / "out")
    assert told["judged_by"] == "controls"
    assert [each["method"] for each in told["methods"]] == ["DawidSkene", "MajorityVote"]
    assert {each["right_on_truth"] for each in told["methods"]} == {None}
    assert [point["votes"] for point in told["methods"][0]["overlap"]] == [1, 2, 3, 4, 5]
    assert {point["right"]["of"] for point in told["methods"][0]["overlap"]} == {15}
    assert "control tasks" in result.stdout


def test_where_nothing_is_known_labels_are_written_and_nothing_is_drawn(filled: Filled, tmp_path: Path) -> None:
    result = crowdhook(filled.database, tmp_path / "out", "--pool", "other", "--field", "verdict")
    assert result.exit_code == 0, result.output
    names = {"comparison.json", "performers.csv", "labels-DawidSkene.csv", "labels-MajorityVote.csv"}
    assert {path.name for path in (tmp_path / "out").iterdir()} == names
    told = numbers(tmp_path / "out")
    assert (told["judged_by"], told["agreement"], told["tasks"]) == (None, None, 5)
    assert told["methods"][0]["overlap"] == []


def test_a_file_of_labels_can_be_the_truth_of_another(
    filled: Filled, compared: tuple[Path, Result], tmp_path: Path
) -> None:
    labels = compared[0] / "labels-MajorityVote.csv"
    result = crowdhook(filled.database, tmp_path / "out", "--method", "MajorityVote", "--truth", str(labels))
    assert result.exit_code == 0, result.output
    assert numbers(tmp_path / "out")["methods"][0]["right_on_truth"]["value"] == 1.0


def test_questions_of_another_pipeline_are_aggregated_likewise(calm: Calm, tmp_path: Path) -> None:
    options = ("--pool", "checking", "--field", "verdict")
    result = crowdhook(calm.out / "crowdhook.db", tmp_path / "out", *options, pipeline="image-segmentation")
    assert result.exit_code == 0, result.output
    told = numbers(tmp_path / "out")
    assert told["labels"] == ["BAD", "OK"]
    assert told["tasks"] >= told["methods"][0]["labelled"]["count"] > 0


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--method", "Best"), ["Best", "DawidSkene, MajorityVote", "platform:DAWID_SKENE"]),
        (("--method", "GLAD:depth=3"), ["'depth'", "n_iter"]),
        (("--method", "KOS"), ["KOS", "exactly 2 labels, and there are 3"]),
        (("--run", "second"), ["second", "test"]),
        (("--pool", "exam"), ["exam", "main, other", "--pool"]),
        (("--field", "label"), ["label", MAIN, "result", "--field"]),
        (("--pool", "other", "--method", "GoldMajorityVote", "--field", "verdict"), ["control tasks"]),
        (("--truth", "nowhere.csv"), ["nowhere.csv"]),
        (("--without-banned",), ["TOLOKA_TOKEN"]),
        (("--method", "platform:DAWID_SKENE"), ["TOLOKA_TOKEN"]),
        (("--method", "platform:DAWID_SKENE", "--without-banned"), ["banned"]),
        (("--method", "platform:MAGIC"), ["platform", "platform:DAWID_SKENE"]),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_written(
    filled: Filled, options: tuple[str, ...], words: list[str], tmp_path: Path
) -> None:
    refused(crowdhook(filled.database, tmp_path / "out", *options), *words)
    assert not (tmp_path / "out").exists()


def test_a_database_or_pipeline_that_is_not_there_is_named(filled: Filled, tmp_path: Path) -> None:
    refused(crowdhook(tmp_path / "no.db", tmp_path / "out"), "no.db")
    refused(crowdhook(filled.database, tmp_path / "out", pipeline="unheard-of"), "unheard-of")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("image,label\nx,cell\n", ["truth.csv line 1", "image, label", "task or key"]),
        ("key,label\n", ["truth.csv line 1", "no label"]),
        ("key,label\nitem-001,\n", ["truth.csv line 2", "filled"]),
        ("key,label\nitem-001,cell\nitem-001,blood\n", ["truth.csv line 3", "'blood'", "'cell'"]),
        ("key,label\nelsewhere,cell\n", ["no key", "item-000"]),
        ("task,label\nitem-001,cell\n", ["no task", "t-item-000"]),
        ("key,label\nitem-001,Cell\n", ["no label", "blood, cell, platelet"]),
        ('key,label\n"item-001,cell\n', ["truth.csv", "not CSV"]),
    ],
)
def test_a_truth_that_does_not_fit_is_named(filled: Filled, text: str, words: list[str], tmp_path: Path) -> None:
    path = tmp_path / "truth.csv"
    path.write_text(text, encoding="utf-8")
    refused(crowdhook(filled.database, tmp_path / "out", "--truth", str(path)), *words)
    assert not (tmp_path / "out").exists()
