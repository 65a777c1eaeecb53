"""What labels of up to a million answers take: ours beside plain crowd-kit, alternated, each in a process of its own.

The answers (4 labels, 10 on each task, 500 of each performer) lie in a real SQLite store. Ours streams them into
integers; the peer makes a DataFrame of the same rows as texts, sorted the same, and gives it to crowd-kit. Both must
come to the same labels. Seconds are CPU seconds, which other programs disturb least; peak MB is the whole process, of
which Python with crowd-kit is about 230. Run it with `python -m benchmarks.aggregate`, `--help` says what can be set.
"""

import json
import resource
import subprocess
import sys
import time
from argparse import ArgumentDefaultsHelpFormatter, ArgumentParser
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import pandas

from handlers.aggregation import aggregate
from handlers.aggregators import Method
from handlers.votes import gather
from store.migrations import migrate
from store.records import Answer, Page
from store.sqlite import SqliteStore

POOL, FIELD = "1234567", "result"
LABELS, OVERLAP, TASKS_A_PAGE, ANSWERS_A_PERFORMER = 4, 10, 10, 500
PAGES_A_FOLD = 2000
WAYS = ("crowd-kit", "ours")


def answers(number: int) -> Iterator[tuple[int, int, int]]:
    """Make up (performer, task, label) of a crowd that is right in 50 to 95 percent, by performer."""
    draw, tasks = Random(0), number // OVERLAP
    performers = max(2 * OVERLAP, number // ANSWERS_A_PERFORMER)
    care = [draw.uniform(0.5, 0.95) for _ in range(performers)]
    truth = [draw.randrange(LABELS) for _ in range(tasks)]
    yield from sorted(
        (who, task, label if draw.random() < care[who] else draw.randrange(LABELS))
        for task, label in enumerate(truth)
        for who in draw.sample(range(performers), OVERLAP)
    )


def pages(number: int) -> Iterator[Page]:
    """Put each performer's answers on pages of ten, under ids that look like Toloka's."""
    said = list(answers(number))
    for at in range(0, number, TASKS_A_PAGE):
        name, who = f"000012d687--{at:024x}", said[at][0]
        placed = tuple(
            Answer(name, f"000012d687--{task:024x}", place, {}, {FIELD: f"label-{label}"})
            for place, (_, task, label) in enumerate(each for each in said[at : at + TASKS_A_PAGE])
        )
        yield Page(name, POOL, f"{who:032x}", "ACCEPTED", 0.01, 1.0, 2.0, 3.0, placed)


def fill(path: Path, number: int) -> None:
    migrate(path)
    store = SqliteStore(path, time.time)
    batch: list[Page] = []
    for page in pages(number):
        batch.append(page)
        if len(batch) == PAGES_A_FOLD:
            store.fold(batch)
            batch.clear()
    store.fold(batch)
    store.close()


def one(path: Path, way: str, name: str) -> dict[str, Any]:
    """Read the answers, make labels of them, and say what that took."""
    store, method = SqliteStore(path, time.time), Method.read(name)
    started = time.process_time()
    if way == "ours":
        votes = gather(store.labels_of(POOL, FIELD))
        read = time.process_time()
        labels = dict(aggregate(votes, method).labels[["task", "label"]].itertuples(index=False, name=None))
    else:
        rows = pandas.DataFrame(store.labels_of(POOL, FIELD), columns=["task", "worker", "label"])
        rows = rows.sort_values(["label", "task", "worker"], ignore_index=True)
        read = time.process_time()
        labels = dict(method.aggregator.make(**method.aggregator.parameters).fit_predict(rows))
    digest = sha256(json.dumps(sorted(labels.items())).encode()).hexdigest()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"read": read - started, "fit": time.process_time() - read, "peak": peak, "labels": digest}


def alternated(path: Path, name: str, ways: list[str], rounds: int) -> dict[str, list[dict[str, Any]]]:
    """Try the ways in turn; refuse to go on when they do not come to the same labels."""
    tried: dict[str, list[dict[str, Any]]] = {way: [] for way in ways}
    for _ in range(rounds):
        for way in ways:
            command = [sys.executable, "-m", "benchmarks.aggregate", "--one", str(path), way, name]
            told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
            tried[way].append(json.loads(told))
    if len({each["labels"] for every in tried.values() for each in every}) != 1:
        raise AssertionError(f"{name}: the labels are not the same")
    return tried


def report(rows: int, name: str, tried: dict[str, list[dict[str, Any]]]) -> None:
    peer = 0.0
    for way, every in tried.items():
        read, fit, peak = (median(each[what] for each in every) for what in ("read", "fit", "peak"))
        ratio = f"{peer / fit:.1f}x" if peer else ""
        print(f"{rows:>9,}  {name:<14} {way:<10} {read:>7.2f} {fit:>7.2f} {peak:>9.0f}  {ratio:>6}", flush=True)
        peer = fit


def main() -> None:
    parser = ArgumentParser(description=__doc__, formatter_class=ArgumentDefaultsHelpFormatter)
    parser.add_argument("--rows", type=int, nargs="+", default=[10_000, 100_000, 1_000_000], help="answers")
    parser.add_argument("--methods", nargs="+", default=["MajorityVote", "DawidSkene"])
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=WAYS)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--one", nargs=3, metavar=("DATABASE", "WAY", "METHOD"), help="one try, as JSON")
    chosen = parser.parse_args()
    if chosen.one:
        print(json.dumps(one(Path(chosen.one[0]), *chosen.one[1:])))
        return
    print(f"{'answers':>9}  {'method':<14} {'way':<10} {'read s':>7} {'fit s':>7} {'peak MB':>9}  {'ratio':>6}")
    with TemporaryDirectory() as directory:
        for rows in chosen.rows:
            path = Path(directory) / f"{rows}.db"
            fill(path, rows)
            for name in chosen.methods:
                report(rows, name, alternated(path, name, chosen.ways, chosen.rounds))


if __name__ == "__main__":
    main()
