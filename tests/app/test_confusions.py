"""Confusion matrices of simulated people, read from a CSV file; what is wrong in it is told with its line."""

from pathlib import Path

import pytest

from app.confusions import WrongConfusion, by_performer, read_confusions

CLASSES = ("A", "B", "C")
HEADER = "performer,truth,label,chance\n"


def written(folder: Path, text: str) -> Path:
    path = folder / "confusions.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_each_performer_has_his_rows_and_all_others_those_of_the_star(tmp_path: Path) -> None:
    rows = "*,A,B,0.25\n*,A,C,0.5\n1,C,A,1\n01,A,B,0.125\n"
    read = read_confusions(written(tmp_path, HEADER + rows), CLASSES)
    others, own = {"A": {"B": 0.25, "C": 0.5}}, {"C": {"A": 1.0}, "A": {"B": 0.125}}
    assert read == {"*": others, "1": own}
    assert by_performer(read, ["x", "y", "z"]) == {"x": others, "y": own, "z": others}
    assert by_performer({"1": own}, ["x", "y"]) == {"y": own}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("performer,truth,label\n", "line 1: no column chance"),
        (HEADER + "ann,A,B,0.5\n", "line 2: performer is 'ann'"),
        (HEADER + "-1,A,B,0.5\n", "performer is '-1'"),
        (HEADER + "0,D,B,0.5\n", "truth 'D' is none of the classes A, B, C"),
        (HEADER + "0,A,b,0.5\n", "label 'b' is none"),
        (HEADER + "0,A,B,half\n", "chance is 'half'"),
        (HEADER + "0,A,B,1.5\n", "chance is '1.5'"),
        (HEADER + "0,A,B,nan\n", "chance is 'nan'"),
        (HEADER + "0,A,B,0.6\n0,A,C,0.6\n", "line 3: the chances of 0 and A add up to more than 1"),
    ],
)
def test_what_is_wrong_is_told(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(WrongConfusion, match=told):
        read_confusions(written(tmp_path, text), CLASSES)


def test_a_performer_beyond_the_crowd_is_told() -> None:
    with pytest.raises(WrongConfusion, match="no performer 7: the crowd has 2"):
        by_performer({"7": {}}, ["x", "y"])
