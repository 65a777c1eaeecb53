"""A run's labels out of the database, into files: what `crowdhook export` does for a classification."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from app.confusion import draw
from app.datasets import MissingDataset
from app.disagreements import write_disagreements, write_doubts
from app.label_files import write_labels_csv, write_labels_jsonl, write_labels_parquet
from app.label_records import records_of
from app.label_truth import read_truth
from app.labelling import Doubt, labelling
from app.labels import Labelled
from app.run_status import decisions_of
from app.runs import find_run
from app.score_report import in_all
from app.scores import confusion
from store.errors import CrowdhookError
from store.labels import TaskLabel
from store.sqlite import SqliteStore


class UnknownLabelFormat(CrowdhookError):
    """Labels cannot be exported in this format:"""


class NoLabels(CrowdhookError):
    """No labels were made by this method yet: `crowdhook aggregate` makes them of the answers there are;"""


class NeedsTruth(CrowdhookError):
    """What labels are taken for can only be told against the truth: name it with --truth."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelSource:
    """Where labels are read from, and what they are compared with."""

    database: Path
    pipeline: str
    run: str | None = None  # None: the pipeline's only one
    method: str | None = None  # None: the run's own
    truth: Path | None = None  # CSV of true labels: task or key, label
    dataset: Path | None = None  # where the images are, for pictures


@dataclass(frozen=True, slots=True)
class Labels:
    """A run's labels, by key."""

    records: Sequence[Labelled]
    classes: Sequence[str]
    doubts: Sequence[Doubt]
    paths: Mapping[str, Path]  # of images, by key


def _draw_confusion(made: Labels, out: Path) -> None:
    found = confusion(made.records, made.classes)
    draw(found.counts, found.classes, out)


FORMATS: Mapping[str, Callable[[Labels, Path], object]] = {
    "csv": lambda made, out: write_labels_csv(made.records, made.classes, out),
    "jsonl": lambda made, out: write_labels_jsonl(made.records, out),
    "parquet": lambda made, out: write_labels_parquet(made.records, made.classes, out),
    "sheets": lambda made, out: write_disagreements(made.records, out),
    "doubts": lambda made, out: write_doubts(made.doubts, made.paths, out),
    "confusion": _draw_confusion,
}


def export_labels(source: LabelSource, format: str, out: Path) -> str:
    """Write a run's labels to the file `out` and return what to tell about them.

    Raises UnknownLabelFormat, NeedsTruth, NoLabels, UnknownPipeline, UnknownRun, WrongTruth, and what the database
    raises; then nothing was written.
    """
    if format not in FORMATS:
        raise UnknownLabelFormat(f"{format}. There are {', '.join(FORMATS)}.")
    if format == "confusion" and source.truth is None:
        raise NeedsTruth
    made = read_labels(source)
    out.parent.mkdir(parents=True, exist_ok=True)
    FORMATS[format](made, out)
    return f"{_told(made, source)} Written: {out}"


def read_labels(source: LabelSource) -> Labels:
    """Read what a run's answers came to. Raises NoLabels, and what `export_labels` raises."""
    truth = read_truth(source.truth) if source.truth else None
    with closing(SqliteStore(source.database, time.time)) as store:
        running = find_run(store, source.pipeline, source.run)
        pool_id, method = running.pool_ids["main"], source.method or running.settings.method
        _check_made(store.labels(pool_id), method)
        keys = {task: str(shown["item"]) for task, _, shown in store.tasks_of(pool_id)}
        known = {keys[task]: label for task, label in truth.by_task(keys).items()} if truth else {}
        paths = _paths(source.dataset, keys.values())
        records = records_of(store, running, method, known, paths)
        doubts = labelling(store, running, decisions_of(store, running)).doubts
        return Labels(records, [each.value for each in running.settings.classes], doubts, paths)


def _check_made(made: Mapping[str, Sequence[TaskLabel]], method: str) -> None:
    if method not in made:
        there = f"; there are some by {', '.join(sorted(made))}" if made else ""
        raise NoLabels(f"{method}{there}.")


def _paths(dataset: Path | None, keys: Iterable[str]) -> dict[str, Path]:
    """Return the files of images, by key."""
    if dataset is None:
        return {}
    if not dataset.is_dir():
        raise MissingDataset(f"Not a folder: {dataset}")
    return {key: dataset / key for key in keys if (dataset / key).is_file()}


def _told(made: Labels, source: LabelSource) -> str:
    labelled = sum(each.answer is not None for each in made.records)
    text = f"{len(made.records)} images or texts, {labelled} with a label."
    return f"{text} {in_all(confusion(made.records, made.classes))}" if source.truth else text
