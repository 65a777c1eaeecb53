"""Results as rows: JSON lines for programs, CSV for spreadsheets. One row an image, whatever became of it."""

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from app.boxes import Box, to_pixels
from app.results import CountedVote, ImageResult

FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what makes a spreadsheet take a text for a formula

COLUMNS = (
    "key",
    "status",
    "reason",
    "verified",
    "boxes",
    "boxes_pixels",
    "width",
    "height",
    "rounds",
    "performer",
    "assignment_id",
    "task_id",
    "verdict",
    "verdict_reason",
    "votes",
    "cost",
    "events",
)


def as_row(result: ImageResult) -> dict[str, Any]:
    """Return a result as plain JSON values, by the names in COLUMNS; docs/results.md says what each means."""
    row = {name: getattr(result, name) for name in COLUMNS if name != "boxes_pixels"}
    row["status"] = str(result.status)
    row["boxes"] = [_fractions(box) for box in result.boxes]
    row["boxes_pixels"] = _pixels(result)
    row["votes"] = [_vote(vote) for vote in result.votes]
    row["events"] = list(result.events)
    return {name: row[name] for name in COLUMNS}


def write_jsonl(results: Iterable[ImageResult], path: Path) -> None:
    """Write one JSON object a line and image."""
    lines = [json.dumps(as_row(result), ensure_ascii=False) + "\n" for result in results]
    path.write_text("".join(lines), encoding="utf-8")


def write_csv(results: Iterable[ImageResult], path: Path) -> None:
    """Write one line an image, UTF-8 with a header; lists are flattened, and no cell is taken for a formula."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(_cells(as_row(result)) for result in results)


def guarded(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula: with ' before it where one might."""
    return f"'{text}" if text.startswith(FORMULA) else text


def _fractions(box: Box) -> list[float]:
    return [box.left, box.top, box.width, box.height]


def _pixels(result: ImageResult) -> list[list[int]] | None:
    if result.width is None or result.height is None:
        return None
    return [list(to_pixels(box, result.width, result.height)) for box in result.boxes]


def _vote(vote: CountedVote) -> dict[str, Any]:
    return {
        "verifier": vote.verifier,
        "vote": "OK" if vote.ok else "BAD",
        "wrong": vote.wrong,
        "weight": round(vote.weight, 4),
    }


def _cells(row: Mapping[str, Any]) -> list[Any]:
    return [_cell(row[name]) for name in COLUMNS]


def _cell(value: Any) -> Any:
    """Return what a spreadsheet cell holds: parts of a thing apart by spaces, things by semicolons."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return guarded("; ".join(_part(each) for each in value))
    return guarded(value) if isinstance(value, str) else value


def _part(value: Any) -> str:
    if isinstance(value, Mapping):
        return " ".join(str(each) for each in value.values() if each != "")
    return " ".join(map(str, value)) if isinstance(value, Sequence) else str(value)
