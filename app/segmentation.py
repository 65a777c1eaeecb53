"""Rehearse image segmentation: a data set or drawn samples in; boxes, pictures, a summary out."""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from app.boxes import Box
from app.crowds import SegmentationPeople
from app.datasets import Item, load
from app.exports import write_coco, write_contact_sheet
from app.quality import ImageQuality, OutlineTally
from app.rehearsal import Plan, Stage, clear, stage
from app.samples import write_samples
from app.serve import WEB, WORKER
from app.summary import measure, results_of, summarize
from simulator.performers import Crowd

PIPELINE = "image-segmentation"
SAMPLE_LABEL = "white cell"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a person may choose for a rehearsal; shares are in 0..1."""

    out: Path
    dataset: Path | None = None  # None: samples are drawn
    label: str | None = None  # class to be outlined; None: every annotated object
    limit: int | None = None
    seed: int = 0
    performers: int | None = None  # None: as many as the number of images asks for
    accuracy: float = 0.9  # of careful verifiers
    outline_accuracy: float = 0.8  # share of outlines drawn right
    careless: float = 0.0  # share of verifiers who flip a coin
    always_yes: float = 0.0
    repeat: bool = False
    shuffle: bool = False
    lose: float = 0.0
    worker: Sequence[str] = WORKER
    web: str = WEB


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What one rehearsal came to."""

    summary: dict[str, Any]
    images: ImageQuality
    outlines: OutlineTally
    files: tuple[Path, ...]


def rehearse(
    options: Options,
    watch: Callable[[Stage], None] = lambda stage: None,
    after: Callable[[Stage], None] = lambda stage: None,
) -> Rehearsed:
    """Rehearse once; `watch` is called after each tick, `after` at the end, while everything still runs."""
    items, label, folder = _items(options)
    truths = {item.key: item.truth for item in items}
    started_at = time.monotonic()
    with stage(_plan(options, items, label, folder), watch) as at:
        results = results_of(at, {item.key: (item.width, item.height) for item in items})
        summary = summarize(at, results, truths, time.monotonic() - started_at)
        files = {name: options.out / name for name in ("results.coco.json", "contact-sheet.png", "summary.json")}
        write_coco(results, label, files["results.coco.json"])
        paths = {item.key: item.path for item in items if item.path is not None}
        write_contact_sheet(results, paths, files["contact-sheet.png"], f"{label}: what came out")
        files["summary.json"].write_text(json.dumps(summary, indent=2) + "\n", encoding="utf-8")
        written = (*files.values(), options.out / "world.jsonl", options.out / "crowdhook.db")
        after(at)
        return Rehearsed(summary, *measure(at, results, truths), written)


def _items(options: Options) -> tuple[list[Item], str, Path]:
    """Return the images, what is outlined in words, and the folder of their files."""
    if options.dataset is None:
        clear(options.out, "samples")
        folder = write_samples(options.out / "samples", options.limit or 24, options.seed)
        return load(folder), SAMPLE_LABEL, folder
    folder = options.dataset if options.dataset.is_dir() else options.dataset.parent
    return load(options.dataset, options.label, options.limit), options.label or "object", folder


def _plan(options: Options, items: Sequence[Item], label: str, folder: Path) -> Plan:
    truths: dict[str, tuple[Box, ...] | None] = {item.key: item.truth for item in items}
    return Plan(
        pipeline=PIPELINE,
        settings={"label": label},
        items=[{"key": item.key, "url": item.url or f"/files/{quote(item.key)}"} for item in items],
        crowd=Crowd(
            performers=options.performers or max(60, len(items) // 3),
            seed=options.seed,
            accuracy=options.accuracy,
            careless=options.careless,
            always_yes=options.always_yes,
        ),
        answers=SegmentationPeople(truths, options.seed, options.outline_accuracy),
        out=options.out,
        files=folder,
        repeat=options.repeat,
        shuffle=options.shuffle,
        lose=options.lose,
        worker=options.worker,
        web=options.web,
    )
