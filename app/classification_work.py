"""What is labelled in a rehearsal of the classification, by whom, and what is known of it."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from app.allotment import Allotment
from app.confusions import Confusion, by_performer
from app.examples import LeftOut
from app.label_truth import WrongTruth, read_truth
from app.labellers import Labellers
from app.recorded_votes import read_votes
from handlers.classification_settings import CANT_TELL, settings
from simulator.crowd.performers import Answers, Population
from simulator.crowd.recorded import Recorded

DIFFICULTY = "difficulty.csv"  # says of samples what they show and how hard they are to tell


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """Items with the settings to label them by, the people who do it and their answers; the rest is by item's key."""

    values: Mapping[str, Any]  # the pipeline's settings
    items: Sequence[Mapping[str, Any]]
    crowd: Population
    answers: Answers
    truths: Mapping[str, str] = field(default_factory=dict)
    paths: Mapping[str, Path] = field(default_factory=dict)
    files: Path | None = None  # folder that the paths are in
    left_out: Sequence[LeftOut] = ()


def simulated(
    values: Mapping[str, Any],
    tasks: Allotment,
    folder: Path,
    crowd: Population,
    confusions: Mapping[str, Confusion] | None = None,
) -> Work:
    """Have a simulated crowd look at images (or texts) whose class is known; `folder` is where the images are.

    `confusions` are of people by their place in the crowd. Raises WrongConfusion.
    """
    matrices = by_performer(confusions or {}, [each.id for each in crowd.people()])
    truths = {each.example.key: each.example.label for each in tasks.tasks if each.example.label}
    paths = {each.example.key: each.example.path for each in tasks.tasks if each.example.path}
    shown, difficulty = _samples(folder)
    return Work(
        values=values,
        items=[each.item(f"/files/{quote(each.example.key)}" if each.example.path else None) for each in tasks.tasks],
        crowd=crowd,
        answers=Labellers({**truths, **shown}, difficulty, confusions=matrices),
        truths=tasks.truths,
        paths=paths,
        files=folder if paths else None,
        left_out=tasks.left_out,
    )


def played_back(values: Mapping[str, Any], votes: Path, truth: Path | None, seed: int) -> Work:
    """Have recorded performers answer again as they did, whatever tasks they did, with nobody examined.

    Tasks are shown by their names. Classes are the labels in the file, unless settings name them. Raises
    WrongAnswers, WrongTruth, OSError.
    """
    read = read_votes(votes, _answers(values))
    labels = sorted({vote.label for vote in read})
    recorded = Recorded(read, task_of=lambda inputs: str(inputs["item"]), seed=seed)
    overlaps = sorted(recorded.overlaps.items())
    found = {"classes": [each for each in labels if each != CANT_TELL], "cant_tell": CANT_TELL in labels}
    return Work(
        values={**values, **({} if "classes" in values else found), "input": "text", "examined": False},
        items=[{"key": task, "url": task, "overlap": overlap} for task, overlap in overlaps],
        crowd=recorded,
        answers=recorded,
        truths=_truths(truth, [task for task, _ in overlaps], labels) if truth else {},
    )


def _answers(values: Mapping[str, Any]) -> list[str]:
    """Return what may be answered by the settings' own classes; nothing where they name none."""
    chosen = settings(**values)
    offered = [*(each.value for each in chosen.classes), *([CANT_TELL] if chosen.cant_tell else [])]
    return offered if "classes" in values else []


def _truths(path: Path, tasks: Sequence[str], labels: Sequence[str]) -> dict[str, str]:
    truth = read_truth(path)
    found = truth.by_task({task: task for task in tasks})
    if not found:
        raise WrongTruth(f"{path}: no {truth.named_by} in it was answered; tasks are such as {tasks[0]!r}.")
    if not set(found.values()) & set(labels):
        raise WrongTruth(f"{path}: no label in it was ever answered; those were {', '.join(labels[:20])}.")
    return found


def _samples(folder: Path) -> tuple[dict[str, str], dict[str, float]]:
    """Read what each picture shows and how hard it is to tell, where somebody said so, whatever folder it lies in."""
    table = folder / DIFFICULTY
    if not table.exists():
        return {}, {}
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return {row["image"]: row["label"] for row in rows}, {row["image"]: float(row["difficulty"]) for row in rows}
