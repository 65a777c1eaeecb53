"""A comparison of methods as files: labels and performers as CSV, numbers as JSON, pictures as PNG."""

import csv
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas

from app.label_methods import Tried
from app.label_plot import draw_confusion, draw_overlap
from app.label_report import Comparison, as_json
from app.tables import guarded

LABEL_COLUMNS = ("task", "key", "label", "probability", "votes", "undecided")


def write(comparison: Comparison, tried: Sequence[Tried], folder: Path) -> list[Path]:
    """Write all that a comparison came to into a folder; return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    numbers = folder / "comparison.json"
    numbers.write_text(json.dumps(as_json(comparison), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    labels = [_write_labels(each, comparison.pool.keys, folder) for each in tried]
    performers = folder / "performers.csv"
    _write_performers(tried, performers)
    return [numbers, *labels, performers, *_draw(comparison, folder)]


def _write_labels(tried: Tried, keys: Mapping[str, str], folder: Path) -> Path:
    path = folder / f"labels-{re.sub(r'[^A-Za-z0-9._=-]+', '-', tried.method)}.csv"
    rows = tried.published.labels.itertuples(index=False, name=None)
    _write_rows(
        path,
        LABEL_COLUMNS,
        ((task, keys.get(task, ""), label, _number(chance), votes, tie) for task, label, chance, tie, votes in rows),
    )
    return path


def _write_performers(tried: Sequence[Tried], path: Path) -> None:
    """Write a row a performer: how many answers, and a column for each method with what he is worth by it."""
    skills = [each.published.performers.set_index("performer")["skill"].rename(each.method) for each in tried]
    answers = tried[0].published.performers.set_index("performer")["answers"]
    rows = pandas.concat([answers, *skills], axis=1).sort_index()
    numbers = ((name, int(count), *map(_number, values)) for name, count, *values in rows.itertuples(name=None))
    _write_rows(path, ("performer", "answers", *(each.method for each in tried)), numbers)


def _write_rows(path: Path, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows([_cell(each) for each in row] for row in rows)


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        return guarded(value)
    return str(value).lower() if isinstance(value, bool) else value


def _number(value: float) -> float | str:
    """Return a share or a weight with six digits; nothing where there is none."""
    return "" if pandas.isna(value) else float(f"{value:.6g}")


def _draw(comparison: Comparison, folder: Path) -> list[Path]:
    drawn = []
    if any(each.curve for each in comparison.scores):
        drawn.append(folder / "overlap.png")
        draw_overlap(comparison, drawn[-1])
    if any(each.confusion for each in comparison.scores):
        drawn.append(folder / "confusion.png")
        draw_confusion(comparison, drawn[-1])
    return drawn
