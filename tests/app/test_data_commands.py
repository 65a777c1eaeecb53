"""The commands that make data sets, as a person sees them."""

from pathlib import Path

from click.testing import CliRunner, Result

from app.cli import main


def crowdhook(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


def test_cells_and_smears_are_drawn(tmp_path: Path) -> None:
    cells = crowdhook("samples", str(tmp_path / "cells"), "--kind", "cells", "--count", "4")
    assert cells.stdout == f"Drawn: 4 pictures in {tmp_path / 'cells'}\n"
    assert sorted(path.name for path in (tmp_path / "cells").iterdir()) == [
        "EOSINOPHIL",
        "LYMPHOCYTE",
        "MONOCYTE",
        "NEUTROPHIL",
        "difficulty.csv",
    ]
    assert crowdhook("samples", str(tmp_path / "smears"), "--count", "1").exit_code == 0
    assert sorted(path.name for path in (tmp_path / "smears").iterdir()) == ["Annotations", "JPEGImages"]


def test_crops_are_counted_and_what_was_not_cut_is_pointed_to(tmp_path: Path) -> None:
    crowdhook("samples", str(tmp_path / "smears"), "--count", "8")
    made = crowdhook("crops", str(tmp_path / "smears"), "--out", str(tmp_path / "out"), "--limit", "3")
    told, left_out = made.stdout.splitlines()
    assert told == f"Cut: white cell 3, in {tmp_path / 'out'}"
    assert left_out == f"Not cut: 1, see {tmp_path / 'out' / 'left-out.csv'}"
    crowdhook("samples", str(tmp_path / "one"), "--count", "1")
    assert len(crowdhook("crops", str(tmp_path / "one"), "--out", str(tmp_path / "all")).stdout.splitlines()) == 1


def test_what_is_wrong_is_one_line(tmp_path: Path) -> None:
    for dataset, words in ((str(tmp_path / "nowhere"), "nowhere"), ("kaggle:smears", "kaggle:owner/name")):
        made = crowdhook("crops", dataset, "--out", str(tmp_path / "out"))
        assert made.exit_code == 2
        assert len(made.stderr.splitlines()) == 1
        assert words in made.stderr
    assert list(tmp_path.iterdir()) == []
