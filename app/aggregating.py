"""Aggregate a pool's answers by several methods and compare them: what `crowdhook aggregate` does."""

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from app.config import Settings
from app.label_methods import OurTrial, PlatformTrial, Trial, Tried
from app.label_pool import LabelPool, pool_id_of, read_pool
from app.label_report import compare, headline, table
from app.label_truth import read_truth
from app.method_files import write
from app.runs import Account, find_run, signed_in
from handlers.aggregators import Method
from handlers.bans import banned
from handlers.platform_aggregation import DAWID_SKENE, PlatformAggregation
from store.contract import Store
from store.errors import CrowdhookError
from store.sqlite import SqliteStore

DEFAULT = ("DawidSkene", "MajorityVote")
LOOK_SECONDS, PATIENCE_SECONDS = 2.0, 600.0  # between two looks at Toloka's own aggregation, and in all


class TakesAll(CrowdhookError):
    """Toloka's own aggregation takes the answers of banned performers, too: leave out one of the two."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be aggregated, and how."""

    pipeline: str
    run: str | None  # None: the pipeline's only one
    pool: str  # role
    field: str
    methods: Sequence[str]  # none: the default ones
    truth: Path | None
    without_banned: bool
    insist: bool
    fee: float
    out: Path


def run(settings: Settings, order: Order, console: Console, errors: Console) -> None:
    """Aggregate, keep the labels in the database, print the comparison and write all of it into a folder.

    Progress is shown on `errors`. What is wrong is raised before anything is kept or written.
    """
    names = _methods(order)
    truth = read_truth(order.truth) if order.truth else None
    with ExitStack() as at_end:
        store = at_end.enter_context(closing(SqliteStore(settings.database, time.time)))
        running = find_run(store, order.pipeline, order.run)
        pool_id = pool_id_of(running, order.pool)
        online = order.without_banned or DAWID_SKENE in names
        account = at_end.enter_context(signed_in(settings, store)) if online else None
        unwanted = banned(account.gateway, pool_id, account.now) if account and order.without_banned else ()
        with _progress(errors) as progress:
            told = _teller(progress)
            pool = read_pool(store, pool_id, order.field, truth=truth, banned=unwanted, told=told)
            trials = [_trial(name, order, pool, store, account) for name in names]
            tried = [_tried(progress, *each, pool) for each in zip(names, trials, strict=True)]
        for each in tried:
            store.write_labels(pool_id, each.method, each.published.records())
    comparison = compare(running.pipeline.name, running.run, pool, tried)
    console.print(headline(comparison), highlight=False, soft_wrap=True)
    console.print(table(comparison))
    for path in write(comparison, tried, order.out):
        console.print(f"  {path}", highlight=False, markup=False, soft_wrap=True)


def _methods(order: Order) -> list[str]:
    """Return the methods as they are written, each once. Raises WrongMethod, TakesAll."""
    names = dict.fromkeys(text if text == DAWID_SKENE else str(Method.read(text)) for text in order.methods or DEFAULT)
    if DAWID_SKENE in names and order.without_banned:
        raise TakesAll
    return list(names)


def _trial(name: str, order: Order, pool: LabelPool, store: Store, account: Account | None) -> Trial:
    """Make a trial of a method; raises TooMuch and Unfit, before anything is fitted."""
    if account is not None and name == DAWID_SKENE:
        platform = PlatformAggregation(store, account.gateway, pool.pool_id, pool.field)
        return PlatformTrial(name, platform, _patience())
    method = Method.read(name)
    method.check(pool.votes, insist=order.insist)
    return OurTrial(method, order.fee, order.insist)


def _patience() -> Callable[[], bool]:
    """Return what waits between two looks, and says when it was long enough."""
    end, never = time.monotonic() + PATIENCE_SECONDS, threading.Event()
    return lambda: not never.wait(LOOK_SECONDS) and time.monotonic() < end


def _progress(errors: Console) -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=errors, transient=True, disable=not errors.is_terminal)


def _teller(progress: Progress) -> Callable[[int], None]:
    reading = progress.add_task("reading answers", total=None)
    return lambda read: progress.update(reading, completed=read)


def _tried(progress: Progress, name: str, trial: Trial, pool: LabelPool) -> Tried:
    task = progress.add_task(name, total=trial.steps(pool))
    return trial(pool, lambda: progress.advance(task))
