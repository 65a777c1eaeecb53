"""What a rehearsal of the classification came to: numbers, labels, pictures."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from app.classification_work import Work
from app.confusion import draw
from app.disagreements import write_disagreements, write_doubts
from app.label_files import write_labels_csv, write_labels_jsonl, write_labels_parquet
from app.label_people import bans, examined, people
from app.label_pool import NothingToLabel, read_pool
from app.label_records import FIELD, ROLE, records_of
from app.labelling import Labelling, labelling
from app.labels import Labelled
from app.rehearsal import Stage
from app.run_status import decisions_of
from app.scores import confusion
from handlers.aggregation import aggregate
from handlers.aggregators import Method

COMPARED = ("MajorityVote", "DawidSkene")
PICTURES = ("confusion.png", "disagreements.png", "doubted-controls.png")
WRITTEN = ("summary.json", "labels.csv", "labels.jsonl", "labels.parquet", *PICTURES)


def sum_up(at: Stage, work: Work, seconds: float) -> dict[str, Any]:
    """Count what came out, write it into the rehearsal's folder, and return the numbers."""
    chosen = at.running.settings
    records = records_of(at.store, at.running, chosen.method, work.truths, work.paths)
    numbers = labelling(at.store, at.running, decisions_of(at.store, at.running))
    summary = {
        "pipeline": at.plan.pipeline,
        "seed": at.plan.crowd.seed,
        "images": len(records),
        "labelled": sum(each.answer is not None for each in records),
        "undecided": sum(each.undecided for each in records),
        "left_out": len(work.left_out),
        "unfinished": _unfinished(at),
        "accuracy": _accuracies(at, work.truths),
        "controls": _controls(numbers),
        "people": people(at),
        **({"exam": examined(at)} if chosen.examined else {}),
        "bans": bans(at),
        "money": at.money(),
        "hours": _hours(at),
        "platform_hours": round((at.world.now - at.world.state.start) / 3600, 2),
        "machine_seconds": round(seconds, 1),
        "ticks": at.driver.ticks,
        "decisions": dict(at.store.tally()),
        "faults": dict(sorted(at.simulator.strikes.counts.items())),
    }
    out = at.plan.out
    (out / "summary.json").write_text(json.dumps(summary, indent=2) + "\n", encoding="utf-8")
    classes = [each.value for each in chosen.classes]
    write_labels_csv(records, classes, out / "labels.csv")
    write_labels_jsonl(records, out / "labels.jsonl")
    write_labels_parquet(records, classes, out / "labels.parquet")
    _draw(records, classes, numbers, work.paths, out)
    return summary


def _draw(
    records: list[Labelled], classes: list[str], numbers: Labelling, paths: Mapping[str, Path], out: Path
) -> None:
    matrix, disagreements, doubted = (out / name for name in PICTURES)
    if any(each.truth for each in records):
        found = confusion(records, classes)
        draw(found.counts, found.classes, matrix)
    write_disagreements(records, disagreements)
    if numbers.doubts:
        write_doubts(numbers.doubts, paths, doubted)


def _unfinished(at: Stage) -> int:
    """Count the images that lack answers because nobody is left who may give them."""
    stranded = at.world.stranded().get(at.running.pool_ids[ROLE])
    return stranded.tasks if stranded else 0


def _controls(numbers: Labelling) -> dict[str, Any]:
    return {
        "answers": numbers.control_answers,
        "right": numbers.control_right,
        "doubted": [asdict(each) for each in numbers.doubts],
    }


def _accuracies(at: Stage, truths: Mapping[str, str]) -> dict[str, dict[str, float | None]]:
    """Fit each method to the same answers and compare its labels with the truth, where that is known."""
    try:
        pool = read_pool(at.store, at.running.pool_ids[ROLE], FIELD)
    except NothingToLabel:
        return {}
    told: dict[str, dict[str, float | None]] = {}
    for name in COMPARED:
        labels = list(aggregate(pool.votes, Method.read(name), pool.known).records())
        known = [truths[pool.keys[each.task_id]] == each.label for each in labels if pool.keys[each.task_id] in truths]
        told[name] = {
            "accuracy": round(sum(known) / len(known), 4) if known else None,
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
