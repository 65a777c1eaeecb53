"""Rows out: JSON lines and CSV say the same of every image, and no cell of a spreadsheet becomes a formula."""

import csv
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ended import FAR, HELD, NOTHING, RESULTS, TWO_BOXES

from app.tables import COLUMNS, as_row, guarded, write_csv, write_jsonl


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def cells(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_row_says_all_that_is_known_of_an_image() -> None:
    assert as_row(TWO_BOXES) == {
        "key": "b.jpg",
        "status": "accepted",
        "reason": "",
        "verified": True,
        "boxes": [[0.25, 0.5, 0.5, 0.25], [0.9, 0.9, 0.3, 0.3]],
        "boxes_pixels": [[160, 240, 320, 120], [576, 432, 64, 48]],
        "width": 640,
        "height": 480,
        "rounds": 1,
        "performer": "p1",
        "assignment_id": "a1",
        "task_id": "t1",
        "verdict": "accept",
        "verdict_reason": "task 1: 1 OK, 1 BAD",
        "votes": [
            {"verifier": "v1", "vote": "OK", "wrong": "", "weight": 1.3863},
            {"verifier": "v2", "vote": "BAD", "wrong": "loose", "weight": 0.0},
        ],
        "cost": 0.0123,
        "events": [1, 7, 12],
    }


def test_nothing_here_is_an_empty_list_and_an_unknown_size_is_null() -> None:
    assert (as_row(NOTHING)["boxes"], as_row(NOTHING)["boxes_pixels"]) == ([], [])
    assert (as_row(FAR)["boxes"], as_row(FAR)["boxes_pixels"]) == ([[0.25, 0.5, 0.5, 0.25]], None)


def test_what_is_not_accepted_is_there_by_name_and_has_no_boxes(tmp_path: Path) -> None:
    write_jsonl(RESULTS, tmp_path / "results.jsonl")
    by_key = {line["key"]: line for line in lines(tmp_path / "results.jsonl")}
    assert list(by_key) == [result.key for result in RESULTS]
    assert [by_key[key]["status"] for key in ("c.jpg", "d.jpg")] == ["held", "unresolved"]
    assert by_key[HELD.key]["boxes"] == []
    assert by_key[HELD.key]["reason"] == "undecided after 7 votes"


def test_a_table_has_one_flat_row_for_each_image(tmp_path: Path) -> None:
    write_csv(RESULTS, tmp_path / "results.csv")
    rows = cells(tmp_path / "results.csv")
    assert list(rows[0]) == list(COLUMNS)
    assert [row["key"] for row in rows] == [result.key for result in RESULTS]
    assert rows[0] == {
        "key": "b.jpg",
        "status": "accepted",
        "reason": "",
        "verified": "true",
        "boxes": "0.25 0.5 0.5 0.25; 0.9 0.9 0.3 0.3",
        "boxes_pixels": "160 240 320 120; 576 432 64 48",
        "width": "640",
        "height": "480",
        "rounds": "1",
        "performer": "p1",
        "assignment_id": "a1",
        "task_id": "t1",
        "verdict": "accept",
        "verdict_reason": "task 1: 1 OK, 1 BAD",
        "votes": "v1 OK 1.3863; v2 BAD loose 0.0",
        "cost": "0.0123",
        "events": "1; 7; 12",
    }


@pytest.mark.parametrize("name", ["=1+1.jpg", "+1.jpg", "-1.jpg", "@sum.jpg", "\t=1.jpg", "\r=1.jpg"])
def test_no_name_becomes_a_formula(tmp_path: Path, name: str) -> None:
    write_csv([replace(NOTHING, key=name, reason=name)], tmp_path / "results.csv")
    (row,) = cells(tmp_path / "results.csv")
    assert row["key"] == row["reason"] == f"'{name}"


def test_other_texts_stay_as_they_are() -> None:
    assert [guarded(text) for text in ("a=b", "", "'x", "1-2")] == ["a=b", "", "'x", "1-2"]


def test_every_column_is_documented() -> None:
    page = (Path(__file__).parent.parent.parent / "docs/results.md").read_text(encoding="utf-8")
    assert [name for name in COLUMNS if f"| `{name}` |" not in page] == []
