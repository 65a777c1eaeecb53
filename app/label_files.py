"""Labels as files: CSV for spreadsheets, JSON lines for programs, Parquet for data frames."""

import csv
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pyarrow
import pyarrow.parquet

from app.labels import Labelled
from app.tables import guarded

TYPES = {
    "key": pyarrow.string(),
    "label": pyarrow.string(),
    "probability": pyarrow.float64(),
    "undecided": pyarrow.bool_(),
    "performers": pyarrow.int32(),
    "disagreement": pyarrow.float64(),
    "truth": pyarrow.string(),
    "text": pyarrow.string(),
}
VOTES = "votes_"  # and the class: how many chose it


def as_row(each: Labelled) -> dict[str, Any]:
    """Return a record as plain JSON values; docs/classification.md says what each means."""
    return {
        "key": each.key,
        "label": each.answer,
        "probability": each.probability,
        "undecided": each.undecided,
        "performers": each.performers,
        "disagreement": round(each.disagreement, 6),
        "truth": each.truth,
        "text": each.text,
        "votes": dict(sorted(each.votes.items())),
    }


def write_labels_jsonl(records: Iterable[Labelled], path: Path) -> None:
    """Write one JSON object a line and record."""
    lines = [json.dumps(as_row(each), ensure_ascii=False) + "\n" for each in records]
    path.write_text("".join(lines), encoding="utf-8")


def write_labels_csv(records: Iterable[Labelled], classes: Sequence[str], path: Path) -> None:
    """Write one line a record, UTF-8 with a header, votes by class in columns; no cell is taken for a formula."""
    rows, columns = _flat(records, classes)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows([_cell(row[name]) for name in columns] for row in rows)


def write_labels_parquet(records: Iterable[Labelled], classes: Sequence[str], path: Path) -> None:
    """Write one row a record with the columns of the CSV file, typed; what is not known is null."""
    rows, columns = _flat(records, classes)
    schema = pyarrow.schema([(name, TYPES.get(name, pyarrow.int32())) for name in columns])
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows, schema), path)


def _flat(records: Iterable[Labelled], classes: Sequence[str]) -> tuple[list[dict[str, Any]], list[str]]:
    """Rows with a column for each class, and for whatever else was chosen; and the names of all columns."""
    rows = [as_row(each) for each in records]
    chosen = {label for row in rows for label in row["votes"]}
    voted = [*classes, *sorted(chosen - set(classes))]
    for row in rows:
        votes = row.pop("votes")
        row.update({f"{VOTES}{label}": votes.get(label, 0) for label in voted})
    return rows, [*TYPES, *(f"{VOTES}{label}" for label in voted)]


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return guarded(value) if isinstance(value, str) else value
