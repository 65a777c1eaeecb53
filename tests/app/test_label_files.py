"""Labels as files: the same in CSV, JSON lines and Parquet, and no cell of a spreadsheet becomes a formula."""

import csv
import json
from dataclasses import replace
from pathlib import Path

import pandas
import pyarrow
import pyarrow.parquet
import pytest

from app.label_files import TYPES, as_row, write_labels_csv, write_labels_jsonl, write_labels_parquet
from app.labels import Labelled

CLASSES = ("CAT", "DOG")
SURE = Labelled("a.jpg", "CAT", 2 / 3, False, {"CAT": 3, "DOG": 1}, truth="DOG", path=Path("/x/a.jpg"))
TIED = Labelled("b.jpg", "DOG", None, True, {"DOG": 1, "CANT_TELL": 1}, text="Meow,\nthen\nwoof")
DOCS = (Path(__file__).parent.parent.parent / "docs/classification.md").read_text(encoding="utf-8")


def cells(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_row_says_all_that_is_known_and_an_undecided_one_has_no_label() -> None:
    assert as_row(SURE) == {
        "key": "a.jpg",
        "label": "CAT",
        "probability": 2 / 3,
        "undecided": False,
        "performers": 4,
        "disagreement": 0.25,
        "truth": "DOG",
        "text": None,
        "votes": {"CAT": 3, "DOG": 1},
    }
    assert as_row(TIED) == {
        "key": "b.jpg",
        "label": None,
        "probability": None,
        "undecided": True,
        "performers": 2,
        "disagreement": 0.5,
        "truth": None,
        "text": "Meow,\nthen\nwoof",
        "votes": {"CANT_TELL": 1, "DOG": 1},
    }


def test_json_lines_hold_the_rows(tmp_path: Path) -> None:
    write_labels_jsonl([SURE, TIED], tmp_path / "labels.jsonl")
    lines = (tmp_path / "labels.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in lines] == [as_row(SURE), as_row(TIED)]


def test_a_spreadsheet_has_a_column_for_each_class_and_for_what_else_was_chosen(tmp_path: Path) -> None:
    write_labels_csv([SURE, TIED], CLASSES, tmp_path / "labels.csv")
    sure, tied = cells(tmp_path / "labels.csv")
    assert sure == {
        "key": "a.jpg",
        "label": "CAT",
        "probability": str(2 / 3),
        "undecided": "false",
        "performers": "4",
        "disagreement": "0.25",
        "truth": "DOG",
        "text": "",
        "votes_CAT": "3",
        "votes_DOG": "1",
        "votes_CANT_TELL": "0",
    }
    assert (tied["label"], tied["probability"], tied["undecided"], tied["text"]) == (
        "",
        "",
        "true",
        "Meow,\nthen\nwoof",
    )
    assert [tied[f"votes_{label}"] for label in (*CLASSES, "CANT_TELL")] == ["0", "1", "1"]


@pytest.mark.parametrize("start", "=+-@\t\r")
def test_no_cell_becomes_a_formula(tmp_path: Path, start: str) -> None:
    text = f"{start}cmd|' /C calc'!A0"
    record = Labelled(text, text, 1.0, False, {text: 1}, truth=text, text=text)
    write_labels_csv([record], (text,), tmp_path / "labels.csv")
    (row,) = cells(tmp_path / "labels.csv")
    assert row["key"] == row["label"] == row["truth"] == row["text"] == f"'{text}"
    assert not any(name.startswith(tuple("=+-@\t\r")) for name in row)


def test_parquet_has_the_columns_of_the_spreadsheet_with_types(tmp_path: Path) -> None:
    write_labels_csv([SURE, TIED], CLASSES, tmp_path / "labels.csv")
    write_labels_parquet([SURE, TIED], CLASSES, tmp_path / "labels.parquet")
    table = pyarrow.parquet.read_table(tmp_path / "labels.parquet")
    assert table.column_names == list(cells(tmp_path / "labels.csv")[0])
    assert {field.name: field.type for field in table.schema} == {
        **TYPES,
        **dict.fromkeys(("votes_CAT", "votes_DOG", "votes_CANT_TELL"), pyarrow.int32()),
    }
    rows = table.to_pylist()
    assert [row["label"] for row in rows] == ["CAT", None]
    assert [row["probability"] for row in rows] == [2 / 3, None]
    assert [row["votes_CANT_TELL"] for row in rows] == [0, 1]
    frame = pandas.read_parquet(tmp_path / "labels.parquet")
    assert frame.votes_CAT.sum() == 3
    assert list(frame[frame.undecided].key) == ["b.jpg"]


def test_no_labels_are_files_with_columns_and_no_rows(tmp_path: Path) -> None:
    write_labels_csv([], CLASSES, tmp_path / "labels.csv")
    write_labels_parquet([], CLASSES, tmp_path / "labels.parquet")
    assert cells(tmp_path / "labels.csv") == []
    assert pyarrow.parquet.read_table(tmp_path / "labels.parquet").num_rows == 0


def test_a_formula_in_parquet_and_json_stays_as_it_is(tmp_path: Path) -> None:
    record = replace(SURE, key="=1+1")
    write_labels_parquet([record], CLASSES, tmp_path / "labels.parquet")
    write_labels_jsonl([record], tmp_path / "labels.jsonl")
    assert pyarrow.parquet.read_table(tmp_path / "labels.parquet").to_pylist()[0]["key"] == "=1+1"
    assert json.loads((tmp_path / "labels.jsonl").read_text())["key"] == "=1+1"


def test_every_column_is_documented() -> None:
    assert [name for name in TYPES if f"| `{name}` |" not in DOCS] == []
