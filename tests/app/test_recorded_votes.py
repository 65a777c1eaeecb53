"""Recorded answers are read as they are, and what is wrong with a file is one line that names where."""

from pathlib import Path

import pytest

from app.recorded_votes import WrongAnswers, read_votes
from simulator.crowd.recorded import Vote

HEADER = "task,performer,label"


def written(folder: Path, *lines: str, encoding: str = "utf-8") -> Path:
    path = folder / "votes.csv"
    path.write_text("\n".join(lines) + "\n", encoding=encoding)
    return path


def test_answers_are_read_in_the_order_of_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, HEADER, "b,ann,cat", '"a, too",bob, dog ')
    assert read_votes(path) == [Vote("b", "ann", "cat"), Vote("a, too", "bob", " dog ")]


def test_columns_stand_in_any_order_and_others_are_passed_over(tmp_path: Path) -> None:
    path = written(
        tmp_path, ",label,when,seconds,task,performer", "0,cat,now,4.5,a,ann", "1,dog,,,a,bob", encoding="utf-8-sig"
    )
    assert read_votes(path) == [Vote("a", "ann", "cat", 4.5), Vote("a", "bob", "dog", None)]


def test_with_classes_one_of_them_may_be_all_that_was_answered(tmp_path: Path) -> None:
    assert len(read_votes(written(tmp_path, HEADER, "a,ann,cat"), ["cat", "dog"])) == 1


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (("task,worker,label", "a,ann,cat"), "line 1: no column performer; the columns are task, worker, label"),
        ((), "line 1: no column task, performer, label"),
        ((HEADER,), "no answer follows the header"),
        ((HEADER, "a,ann,cat", ",ann,dog"), "line 3: task is empty"),
        ((HEADER, "a, ,cat"), "line 2: performer is empty"),
        ((HEADER, "a,ann"), "line 2: label is empty"),
        ((HEADER, "a,b,ann,cat"), "line 2: more cells than columns"),
        ((HEADER, "a,ann,cat", "b,ann,dog", "a,ann,dog"), "line 4: 'ann' answers task 'a' again, first on line 2"),
        ((HEADER, "a,ann,cat", "b,ann,cat"), "all 2 answers say 'cat'; there must be two labels"),
        ((HEADER, '"a,ann,cat'), "line 2: not CSV"),
        *(
            ((f"{HEADER},seconds", f"a,ann,cat,{seconds}"), f"line 2: seconds is '{seconds}'")
            for seconds in ("soon", "-1", "nan", "inf")
        ),
    ],
)
def test_what_is_wrong_is_named_with_its_line(tmp_path: Path, lines: tuple[str, ...], words: str) -> None:
    path = written(tmp_path, *lines)
    with pytest.raises(WrongAnswers) as raised:
        read_votes(path)
    assert words in str(raised.value)
    assert str(path) in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_label_that_is_no_class_is_named(tmp_path: Path) -> None:
    path = written(tmp_path, HEADER, "a,ann,cat", "a,bob,Dog")
    with pytest.raises(WrongAnswers, match="line 3: the label 'Dog' is none of the classes cat, dog"):
        read_votes(path, ["cat", "dog"])


def test_what_is_not_utf_8_is_named_with_its_line(tmp_path: Path) -> None:
    path = written(tmp_path, HEADER, *(f"{at},ann,cat" for at in range(3000)), "x,ann,dög", encoding="latin-1")
    with pytest.raises(WrongAnswers, match="line 3002: not UTF-8"):
        read_votes(path)
