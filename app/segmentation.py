"""Rehearse image segmentation: a data set or drawn samples in; boxes, pictures, a summary out."""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from app.boxes import Box
from app.crowds import SegmentationPeople
from app.datasets import Item, load
from app.desk import Desk
from app.driver import Person
from app.exports import NAMES, Run, write_all
from app.folder import taken
from app.known import known_values
from app.outcomes import refused_outlines
from app.progress import draw
from app.rehearsal import DATABASE, FILES, HISTORY, REQUESTS, Plan, Stage, staged
from app.samples import write_samples
from app.serve import WEB, WORKER
from app.summary import Measures, measure, results_of, summarize
from handlers.routing import Running
from handlers.segmentation_pools import Settings, settings
from simulator.crowd.crowd_file import read_crowd
from simulator.crowd.performers import Crowd
from simulator.records.hands import Hands
from store.sqlite import SqliteStore

PIPELINE = "image-segmentation"
WRITTEN = ("samples", "summary.json", "contact-sheet.png", "progress.png", *NAMES.values())
FEE = 0.3  # the simulated platform's, as a share of rewards
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
    crowd: Path | None = None  # TOML of the people, in place of performers, accuracy and shares of kinds
    accuracy: float = 0.9  # of careful verifiers
    outline_accuracy: float = 0.8  # share of outlines drawn right
    careless: float = 0.0  # share of verifiers who flip a coin
    always_yes: float = 0.0
    always_no: float = 0.0
    tasks_per_page: int = 1
    refuse: str | None = None  # earned, proposed, always or unguarded; None: earned with a desk, else unguarded
    controls: float = 0.1  # share of questions whose truth only we know; needs images of known truth
    policy: Mapping[str, float] = field(default_factory=dict)  # numbers of the pay policy that differ from the default
    max_rounds: int = 5  # outlining rounds for one image
    cap: float | None = None  # dollars that the run may cost, fee included; None: no cap
    daily_cap: float | None = None
    desk: str | None = None  # "truth": a simulated person decides held pages by the truth
    desk_rate: float = 60.0  # pages an hour
    hands: Hands = field(default_factory=Hands)  # what an operator clicks meanwhile on the site
    pictures: bool = True  # write results and pictures, not the summary alone
    repeat: bool = False
    shuffle: bool = False
    lose: float = 0.0
    faults: Path | None = None  # TOML of what else goes wrong
    worker: Sequence[str] = WORKER
    web: str = WEB


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What one rehearsal came to."""

    summary: dict[str, Any]
    measures: Measures
    files: tuple[Path, ...]


def rehearse(
    options: Options,
    watch: Callable[[Stage], None] = lambda stage: None,
    after: Callable[[Stage, Rehearsed], None] = lambda stage, done: None,
) -> Rehearsed:
    """Rehearse once; `watch` is called after each tick, `after` at the end, while everything still runs."""
    with taken(options.out, (*FILES, *WRITTEN)):
        items, label, folder = _items(options)
        started_at = time.monotonic()
        with staged(_plan(options, items, label, folder), watch) as at:
            done = _sum_up(options, at, items, label, started_at)
            after(at, done)
            return done


def _sum_up(options: Options, at: Stage, items: Sequence[Item], label: str, started_at: float) -> Rehearsed:
    truths = {item.key: item.truth for item in items}
    sizes = {item.key: (item.width, item.height) for item in items}
    results = results_of(at, sizes)
    summary = summarize(at, results, truths, time.monotonic() - started_at)
    told = options.out / "summary.json"
    told.write_text(json.dumps(summary, indent=2) + "\n", encoding="utf-8")
    written = [told, options.out / HISTORY, options.out / REQUESTS, options.out / DATABASE]
    if options.pictures:
        paths = {item.key: item.path for item in items if item.path is not None}
        run = Run(label, results, refused_outlines(at.store, at.running, sizes), paths)
        progress = options.out / "progress.png"
        draw(at.store, at.running, progress, fee=FEE)
        written = [*write_all(run, options.out), progress, *written]
    return Rehearsed(summary, measure(at, results, truths), tuple(written))


def _items(options: Options) -> tuple[list[Item], str, Path]:
    """Return the images, what is outlined in words, and the folder of their files."""
    if options.dataset is None:
        folder = write_samples(options.out / "samples", options.limit or 24, options.seed)
        return load(folder), SAMPLE_LABEL, folder
    folder = options.dataset if options.dataset.is_dir() else options.dataset.parent
    return load(options.dataset, options.label, options.limit), options.label or "object", folder


def _plan(options: Options, items: Sequence[Item], label: str, folder: Path) -> Plan:
    truths: dict[str, tuple[Box, ...] | None] = {item.key: item.truth for item in items}
    return Plan(
        pipeline=PIPELINE,
        settings={
            "label": label,
            "tasks_per_page": options.tasks_per_page,
            "refuse": _refuse(options),
            "max_rounds": options.max_rounds,
            "controls": options.controls,
            "known": known_values(items, {item.key: f"/files/{quote(item.key)}" for item in items}),
            "policy": dict(options.policy),
        },
        items=[{"key": item.key, "url": item.url or f"/files/{quote(item.key)}"} for item in items],
        crowd=read_crowd(options.crowd, options.seed) if options.crowd else _drawn(options, len(items)),
        answers=SegmentationPeople(truths, options.seed, options.outline_accuracy),
        out=options.out,
        files=folder,
        hands=options.hands,
        repeat=options.repeat,
        shuffle=options.shuffle,
        lose=options.lose,
        faults=options.faults,
        cap=options.cap,
        daily_cap=options.daily_cap,
        fee=FEE,
        person=_person(options, truths),
        worker=options.worker,
        web=options.web,
    )


def _drawn(options: Options, images: int) -> Crowd:
    return Crowd(
        performers=options.performers or max(60, images // 3),
        seed=options.seed,
        accuracy=options.accuracy,
        careless=options.careless,
        always_yes=options.always_yes,
        always_no=options.always_no,
    )


def settings_of(options: Options) -> Settings:
    """Return the pipeline's settings that the options make; raises BadSettings, BadPolicy."""
    return settings(
        tasks_per_page=options.tasks_per_page,
        refuse=_refuse(options),
        max_rounds=options.max_rounds,
        controls=options.controls,
        policy=options.policy,
    )


def _refuse(options: Options) -> str:
    """Return how refusals are made; with nobody at a desk no proposal would ever be seen."""
    return options.refuse or ("earned" if options.desk else "unguarded")


def _person(
    options: Options, truths: Mapping[str, Sequence[Box] | None]
) -> Callable[[SqliteStore, Running], Person | None]:
    def sit_down(store: SqliteStore, running: Running) -> Person | None:
        return Desk(store, running, truths, options.desk_rate) if options.desk == "truth" else None

    return sit_down
