"""Rehearse image classification: known examples, or recorded answers, in; labels, pictures and a summary out."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console

from app.allotment import REAL
from app.cell_samples import write_cells
from app.classification_data import Sources, read_tasks
from app.classification_summary import WRITTEN, sum_up
from app.classification_work import Work, played_back, simulated
from app.confusions import read_confusions
from app.datasets import Item
from app.examples import write_left_out
from app.folder import taken
from app.labelled import classes_in
from app.orders import settings_of
from app.pipelines import find
from app.rehearsal import DATABASE, FILES, HISTORY, REQUESTS, Images, Plan, Stage, staged
from app.serve import WEB, WORKER
from simulator.crowd.crowd_file import read_crowd
from simulator.crowd.performers import Crowd

PIPELINE = "image-classification"
SAMPLED, LEFT_OUT = "samples", "left-out.csv"
FEE = 0.3  # the simulated platform's
SAMPLES = 240
FEWEST, FOR_AN_IMAGE = 400, 6  # performers


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a person may choose for a rehearsal; shares are in 0..1."""

    out: Path
    dataset: Path | None = None  # known examples: class-named folders, or a table; None: sample cells are drawn
    limit: int | None = None  # at most so many are labelled
    seed: int = 0
    performers: int | None = None  # None: as many as the number of images asks for
    crowd: Path | None = None  # TOML of the people, in place of performers, accuracy and shares of kinds
    accuracy: float = 0.92  # of taught people about easy images
    careless: float = 0.1
    guesser: float = 0.08
    cheater: float = 0.05
    confusions: Path | None = None  # CSV of what people take classes for; who is in it answers by that alone
    votes: Path | None = None  # answers to be played back, in place of a simulated crowd's
    truth: Path | None = None  # true labels of their tasks, for measuring only
    settings: Mapping[str, Any] = field(default_factory=dict)  # the pipeline's, that differ from the default
    images: str | None = None  # serve or s3://bucket/prefix: as on an account; None: the simulator shows them
    public: bool = False  # in the bucket for everybody to see
    console: Console = field(default_factory=lambda: Console(quiet=True))  # shows the progress of uploads
    cap: float | None = None  # dollars that the run may cost, fee included; None: no cap
    daily_cap: float | None = None
    repeat: bool = False
    shuffle: bool = False
    lose: float = 0.0
    faults: Path | None = None  # TOML of what else goes wrong
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
    after: Callable[[Stage, Classified], None] = lambda stage, done: None,
) -> Classified:
    """Rehearse once; `note` hears first what people and tasks it needs, `watch` is called after each tick.

    `after` is called at the end, while everything still runs. Raises BadSettings when the work could never end, and
    what settings, data sets and recorded answers raise.
    """
    with taken(options.out, (*FILES, *WRITTEN, SAMPLED, LEFT_OUT)):
        pipeline = find(PIPELINE)
        settings_of(pipeline, options.settings)
        if options.votes:
            work = played_back(options.settings, options.votes, options.truth, options.seed)
        else:
            work = _simulated(options, note)
        for text in pipeline.check_items(settings_of(pipeline, work.values), work.items):
            note(text)
        started_at = time.monotonic()
        with staged(_plan(options, work), watch) as at:
            summary = sum_up(at, work, time.monotonic() - started_at)
            names = (*WRITTEN, LEFT_OUT, HISTORY, REQUESTS, DATABASE)
            done = Classified(summary, tuple(options.out / name for name in names if (options.out / name).exists()))
            after(at, done)
            return done


def _simulated(options: Options, note: Callable[[str], None]) -> Work:
    dataset = options.dataset or write_cells(options.out / SAMPLED, SAMPLES, options.seed)
    values = _with_classes(options.settings, dataset, note)
    chosen = settings_of(find(PIPELINE), values)
    tasks = read_tasks(chosen, Sources(known=dataset, limit=options.limit, seed=options.seed))
    if tasks.left_out:
        first = tasks.left_out[0]
        write_left_out(tasks.left_out, options.out / LEFT_OUT)
        note(f"left out: {len(tasks.left_out)}, such as {first.key} ({first.reason}); see {options.out / LEFT_OUT}")
    crowd = read_crowd(options.crowd, options.seed) if options.crowd else _drawn(options, len(tasks.of(REAL)))
    matrices = (
        read_confusions(options.confusions, [each.value for each in chosen.classes]) if options.confusions else {}
    )
    return simulated(values, tasks, dataset if dataset.is_dir() else dataset.parent, crowd, matrices)


def _drawn(options: Options, images: int) -> Crowd:
    return Crowd(
        performers=options.performers or max(FEWEST, FOR_AN_IMAGE * images),
        seed=options.seed,
        accuracy=options.accuracy,
        careless=options.careless,
        guesser=options.guesser,
        cheater=options.cheater,
    )


def _with_classes(values: Mapping[str, Any], dataset: Path, note: Callable[[str], None]) -> Mapping[str, Any]:
    """Add the classes of the data set where neither settings nor the pipeline's default know any of them."""
    usual = settings_of(find(PIPELINE), values)
    own = [each.value for each in usual.classes]
    found = classes_in(dataset, own, usual.input)
    if "classes" in values or not found or set(found) & set(own):
        return values
    note(f"the classes are those of {dataset}: {', '.join(found)}")
    return {**values, "classes": found}


def _plan(options: Options, work: Work) -> Plan:
    return Plan(
        pipeline=PIPELINE,
        settings=work.values,
        items=work.items,
        crowd=work.crowd,
        answers=work.answers,
        out=options.out,
        files=work.files,
        images=_images(options, work),
        repeat=options.repeat,
        shuffle=options.shuffle,
        lose=options.lose,
        faults=options.faults,
        cap=options.cap,
        daily_cap=options.daily_cap,
        fee=FEE,
        worker=options.worker,
        web=options.web,
    )


def _images(options: Options, work: Work) -> Images | None:
    if options.images is None:
        return None
    files = [Item(key, path, None, None, None, None) for key, path in work.paths.items()]
    return Images(files, options.images, options.public, options.console)
