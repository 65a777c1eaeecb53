"""Rehearse image classification: known examples in; labels, pictures and a summary out."""

import csv
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from app.allotment import Allotment
from app.cell_samples import write_cells
from app.classification_data import Sources, read_tasks
from app.confusion import draw
from app.disagreements import write_disagreements, write_doubts
from app.examples import write_left_out
from app.folder import taken
from app.label_files import write_labels_csv, write_labels_jsonl, write_labels_parquet
from app.label_people import bans, examined, people
from app.label_pool import read_pool
from app.label_records import FIELD, ROLE, records_of
from app.labellers import Labellers
from app.labelling import Labelling, labelling
from app.rehearsal import DATABASE, FILES, HISTORY, Plan, Stage, staged
from app.run_status import decisions_of
from app.scores import confusion
from app.serve import WEB, WORKER
from handlers.aggregation import aggregate
from handlers.aggregators import Method
from handlers.classification_budget import check_items
from handlers.classification_settings import settings
from simulator.performers import Crowd

PIPELINE = "image-classification"
COMPARED = ("MajorityVote", "DawidSkene")
WRITTEN = (
    "samples",
    "summary.json",
    "labels.csv",
    "labels.jsonl",
    "labels.parquet",
    "confusion.png",
    "disagreements.png",
    "doubted-controls.png",
    "left-out.csv",
)
FEE = 0.3  # the simulated platform's
SAMPLES = 240


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a person may choose for a rehearsal; shares are in 0..1."""

    out: Path
    dataset: Path | None = None  # class-named folders of known examples; None: sample cells are drawn
    limit: int | None = None
    seed: int = 0
    performers: int = 160
    accuracy: float = 0.92  # of taught people about easy images
    careless: float = 0.1
    guesser: float = 0.08
    cheater: float = 0.05
    overlap: int = 10
    classes: tuple[str, ...] = ()  # of a data set; (): the pipeline's own
    cap: float | None = None
    repeat: bool = False
    shuffle: bool = False
    lose: float = 0.0
    worker: tuple[str, ...] = WORKER
    web: str = WEB


@dataclass(frozen=True, slots=True)
class Classified:
    """What one rehearsal came to."""

    summary: dict[str, Any]
    files: tuple[Path, ...]


def rehearse(
    options: Options,
    watch: Callable[[Stage], None] = lambda stage: None,
    note: Callable[[str], None] = lambda text: None,
) -> Classified:
    """Rehearse once; `note` hears first what people and tasks it needs, `watch` is called after each tick.

    Raises BadSettings when the work could never end, and what data sets raise.
    """
    with taken(options.out, (*FILES, *WRITTEN)):
        folder = options.dataset or write_cells(options.out / "samples", SAMPLES, options.seed)
        values = _settings(options)
        chosen = settings(**values)
        tasks = read_tasks(chosen, Sources(known=folder, limit=options.limit, seed=options.seed))
        plan = _plan(options, values, tasks, folder)
        for text in check_items(chosen, plan.items):
            note(text)
        started_at = time.monotonic()
        with staged(plan, watch) as at:
            return _sum_up(options, at, tasks, time.monotonic() - started_at)


def _settings(options: Options) -> dict[str, Any]:
    values: dict[str, Any] = {"overlap": options.overlap}
    if options.classes:
        values["classes"] = [{"value": each} for each in options.classes]
    return values


def _plan(options: Options, values: dict[str, Any], tasks: Allotment, folder: Path) -> Plan:
    truths = {each.example.key: each.example.label for each in tasks.tasks if each.example.label}
    crowd = Crowd(
        performers=options.performers,
        seed=options.seed,
        accuracy=options.accuracy,
        careless=options.careless,
        guesser=options.guesser,
        cheater=options.cheater,
    )
    return Plan(
        pipeline=PIPELINE,
        settings=values,
        items=[each.item(f"/files/{quote(each.example.key)}") for each in tasks.tasks],
        crowd=crowd,
        answers=Labellers(truths, _difficulty(folder)),
        out=options.out,
        files=folder,
        repeat=options.repeat,
        shuffle=options.shuffle,
        lose=options.lose,
        cap=options.cap,
        fee=FEE,
        worker=options.worker,
        web=options.web,
    )


def _difficulty(folder: Path) -> Mapping[str, float]:
    """Read how hard each picture is to tell, where somebody said so."""
    table = folder / "difficulty.csv"
    if not table.exists():
        return {}
    with table.open(encoding="utf-8", newline="") as file:
        return {row["image"]: float(row["difficulty"]) for row in csv.DictReader(file)}


def _sum_up(options: Options, at: Stage, tasks: Allotment, seconds: float) -> Classified:
    paths = {each.example.key: each.example.path for each in tasks.tasks if each.example.path}
    chosen = at.running.settings
    records = records_of(at.store, at.running, chosen.method, tasks.truths, paths)
    classes = [each.value for each in chosen.classes]
    numbers = labelling(at.store, at.running, decisions_of(at.store, at.running))
    summary = {
        "pipeline": PIPELINE,
        "seed": options.seed,
        "images": len(records),
        "labelled": sum(each.answer is not None for each in records),
        "undecided": sum(each.undecided for each in records),
        "left_out": len(tasks.left_out),
        "accuracy": _accuracies(at, tasks.truths),
        "controls": _controls(numbers),
        "people": people(at),
        "exam": examined(at),
        "bans": bans(at),
        "money": at.money(),
        "hours": _hours(at),
        "platform_hours": round((at.world.now - at.world.state.start) / 3600, 2),
        "machine_seconds": round(seconds, 1),
        "ticks": at.driver.ticks,
        "decisions": dict(at.store.tally()),
    }
    out = options.out
    (out / "summary.json").write_text(json.dumps(summary, indent=2) + "\n", encoding="utf-8")
    write_labels_csv(records, classes, out / "labels.csv")
    write_labels_jsonl(records, out / "labels.jsonl")
    write_labels_parquet(records, classes, out / "labels.parquet")
    found = confusion(records, classes)
    draw(found.counts, found.classes, out / "confusion.png")
    write_disagreements(records, out / "disagreements.png")
    write_left_out(tasks.left_out, out / "left-out.csv")
    if numbers.doubts:
        write_doubts(numbers.doubts, paths, out / "doubted-controls.png")
    names = (*WRITTEN[1:], HISTORY, DATABASE)
    return Classified(summary, tuple(out / name for name in names if (out / name).exists()))


def _controls(numbers: Labelling) -> dict[str, Any]:
    return {
        "answers": numbers.control_answers,
        "right": numbers.control_right,
        "doubted": [asdict(each) for each in numbers.doubts],
    }


def _accuracies(at: Stage, truths: Mapping[str, str]) -> dict[str, dict[str, float]]:
    """Fit each method to the same answers and compare its labels with the truth."""
    pool = read_pool(at.store, at.running.pool_ids[ROLE], FIELD)
    told = {}
    for name in COMPARED:
        labels = list(aggregate(pool.votes, Method.read(name), pool.known).records())
        right = sum(truths.get(pool.keys[each.task_id]) == each.label for each in labels)
        told[name] = {
            "accuracy": round(right / len(labels), 4) if labels else 0.0,
            "labels": len(labels),
            "undecided": sum(each.undecided for each in labels),
        }
    return told


def _hours(at: Stage) -> dict[str, float]:
    """Tell how long each stage was worked at: from its first page to its last, in platform hours."""
    state, hours = at.world.state, {}
    for role, pool_id in at.running.pool_ids.items():
        pages = [state.assignments[each] for each in state.pools[pool_id].assignment_ids]
        times = [each.created for each in pages] + [each.submitted for each in pages if each.submitted]
        hours[role] = round((max(times) - min(times)) / 3600, 2) if times else 0.0
    return hours
