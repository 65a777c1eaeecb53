"""`crowdhook status` and `crowdhook export` of a labelling: while it goes on, and when it is done."""

import csv
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from PIL import Image

from app.classification import Options, rehearse
from app.cli import main
from app.label_status import LabelStatus, label_status
from app.rehearsal import Stage

PIPELINE = "image-classification"
Seen = tuple[Path, list[LabelStatus], Mapping[str, Any]]


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    """A rehearsal's folder, its status after each tick, and its summary."""
    out, statuses = tmp_path_factory.mktemp("labelled") / "out", list[LabelStatus]()

    def look(at: Stage) -> None:
        statuses.append(label_status(at.store, at.running, at.world.now))

    done = rehearse(Options(out=out, limit=16, seed=5, settings={"overlap": 4}, performers=80), look)
    return out, statuses, done.summary


def crowdhook(out: Path, *words: object) -> Result:
    return CliRunner().invoke(
        main, [str(word) for word in words], env={"CROWDHOOK_DATABASE": str(out / "crowdhook.db")}
    )


def said(out: Path, *words: str) -> str:
    result = crowdhook(out, "status", PIPELINE, *words)
    assert result.exit_code == 0, result.output
    return result.output


def test_counts_agreement_and_control_results_grow_while_it_goes_on(
    seen: Seen,
) -> None:
    _, statuses, _ = seen
    answers = [each.labelling.answers for each in statuses]
    assert answers == sorted(answers)
    half = next(each for each in statuses if 0 < each.labelling.answers < each.labelling.wanted)
    assert (half.labelling.images, half.labelling.wanted, half.made) == (16, 64, None)
    assert half.labelling.complete < 16
    assert half.labelling.control_answers > 0
    assert half.labelling.agreement is not None
    assert {each.role: each.status for each in half.pools} == {"main": "open", "training": "open", "exam": "open"}


def test_when_it_is_done_the_labels_are_told(seen: Seen) -> None:
    out, statuses, summary = seen
    last = statuses[-1]
    assert last.made is not None
    assert (last.made.tasks, last.made.answers, last.made.published) == (16, 64, True)
    assert last.labelling.complete == 16
    assert last.labelling.control_right == summary["controls"]["right"]
    assert {each.status for each in last.pools} == {"closed"}
    assert not any(each.advice for each in last.pools)
    text = said(out)
    assert "16, 16 of them asked about, 16 with all their answers" in text
    assert "16 by DawidSkene of 64 answers" in text
    told = json.loads(said(out, "--json"))
    assert told["labelling"]["answers"] == 64
    assert told["spending"]["purse"]["paid"] == pytest.approx(summary["money"]["total"])


def test_no_picture_of_progress_is_drawn_of_labels(seen: Seen, tmp_path: Path) -> None:
    out, _, _ = seen
    result = crowdhook(out, "status", PIPELINE, "--picture", tmp_path / "a.png")
    assert (result.exit_code, (tmp_path / "a.png").exists()) == (2, False)
    assert "Only the progress of a segmentation can be drawn" in result.stderr


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def truth_file(out: Path, folder: Path) -> Path:
    path = folder / "truth.csv"
    lines = [f"{row['key']},{row['key'].partition('/')[0]}\n" for row in rows(out / "labels.csv")]
    path.write_text("key,label\n" + "".join(lines), encoding="utf-8")
    return path


def test_labels_are_exported_as_the_rehearsal_wrote_them(seen: Seen, tmp_path: Path) -> None:
    out, _, summary = seen
    truth = truth_file(out, tmp_path)
    result = crowdhook(out, "export", PIPELINE, "--format", "csv", "--truth", truth, "--out", tmp_path / "a.csv")
    assert result.exit_code == 0, result.output
    assert rows(tmp_path / "a.csv") == rows(out / "labels.csv")
    right = round(summary["accuracy"]["DawidSkene"]["accuracy"] * 16)
    assert f"16 images or texts, 16 with a label. Right: {right} of 16" in result.output


def test_pictures_of_labels_are_exported(seen: Seen, tmp_path: Path) -> None:
    out, _, _ = seen
    truth = truth_file(out, tmp_path)
    for format in ("confusion", "sheets"):
        more = ("--truth", truth, "--dataset", out / "samples", "--out", tmp_path / f"{format}.png")
        assert crowdhook(out, "export", PIPELINE, "--format", format, *more).exit_code == 0
        with Image.open(tmp_path / f"{format}.png") as image:
            assert image.width > 300
    assert (tmp_path / "sheets.png").read_bytes() == (out / "disagreements.png").read_bytes()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--format", "coco"), "There are csv, jsonl, parquet, sheets, doubts, confusion."),
        (("--format", "confusion"), "--truth"),
        (("--format", "csv", "--method", "Wawa"), "crowdhook aggregate"),
        (("--format", "csv", "--status", "accepted"), "--status"),
        (("--format", "sheets", "--dataset", "nowhere"), "Not a folder: nowhere"),
    ],
)
def test_what_cannot_be_exported_is_one_line(seen: Seen, tmp_path: Path, words: tuple[str, ...], told: str) -> None:
    result = crowdhook(seen[0], "export", PIPELINE, *words, "--out", tmp_path / "out")
    assert (result.exit_code, result.stderr.count("\n"), (tmp_path / "out").exists()) == (2, 1, False)
    assert told in result.stderr
