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
