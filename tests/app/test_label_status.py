"""How a labelling stands: while it goes on, when it is done, and when it ended too early."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from app.classification import Options, rehearse
from app.cli import main
from app.label_status import LabelStatus, label_status
from app.rehearsal import Stage

PIPELINE = "image-classification"


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[LabelStatus], Mapping[str, Any]]:
    """A rehearsal's folder, its status after each tick, and its summary."""
    out, statuses = tmp_path_factory.mktemp("labelled") / "out", list[LabelStatus]()

    def look(at: Stage) -> None:
        statuses.append(label_status(at.store, at.running, at.world.now))

    done = rehearse(Options(out=out, limit=16, seed=5, overlap=4, performers=80), look)
    return out, statuses, done.summary


def said(out: Path, *words: str) -> str:
    result = CliRunner().invoke(
        main, ["status", PIPELINE, *words], env={"CROWDHOOK_DATABASE": str(out / "crowdhook.db")}
    )
    assert result.exit_code == 0, result.output
    return result.output


def test_counts_agreement_and_control_results_grow_while_it_goes_on(
    seen: tuple[Path, list[LabelStatus], Mapping[str, Any]],
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


def test_when_it_is_done_the_labels_are_told(seen: tuple[Path, list[LabelStatus], Mapping[str, Any]]) -> None:
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


def test_no_picture_of_progress_is_drawn_of_labels(
    seen: tuple[Path, list[LabelStatus], Mapping[str, Any]], tmp_path: Path
) -> None:
    out, _, _ = seen
    words = ["status", PIPELINE, "--picture", str(tmp_path / "a.png")]
    result = CliRunner().invoke(main, words, env={"CROWDHOOK_DATABASE": str(out / "crowdhook.db")})
    assert (result.exit_code, (tmp_path / "a.png").exists()) == (2, False)
    assert "Only the progress of a segmentation can be drawn" in result.stderr
