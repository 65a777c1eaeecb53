"""Make up recorded votes of a stated crowd, and the truth about them, for `crowdhook policy`.

Each page has so many tasks, each right with the same chance; each task is voted on by so many different verifiers, and
a page's votes arrive in any order. A careful verifier is right with the stated chance, a careless one flips a coin. The
same numbers make the same files. Run it with `python -m benchmarks.policy_votes`, `--help` says what can be set.
"""

import csv
from argparse import ArgumentDefaultsHelpFormatter, ArgumentParser
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from random import Random


@dataclass(frozen=True, slots=True)
class Made:
    """How many of what, and how good: shares and chances lie in 0..1."""

    pages: int = 1000
    tasks: int = 5  # on a page
    overlap: int = 7  # votes on a task
    verifiers: int = 60
    right: float = 0.8  # of the tasks
    accuracy: float = 0.9  # of careful verifiers
    careless: float = 0.2  # of the verifiers
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Task:
    """A task's names, and whether it is right."""

    page: str
    name: str
    right: bool


def tasks_of(made: Made, draw: Random) -> list[list[Task]]:
    """Draw the truth, page by page."""
    return [
        [Task(f"page-{page:05}", f"task-{at}", draw.random() < made.right) for at in range(1, made.tasks + 1)]
        for page in range(1, made.pages + 1)
    ]


def votes_on(page: Sequence[Task], made: Made, draw: Random) -> Iterator[tuple[str, str, str, str]]:
    """Draw who votes on a page, in which order, and what they say."""
    asked = [(task, who) for task in page for who in draw.sample(range(made.verifiers), made.overlap)]
    draw.shuffle(asked)
    for task, who in asked:
        chance = 0.5 if who < made.careless * made.verifiers else made.accuracy
        says = task.right == (draw.random() < chance)
        yield task.page, task.name, f"verifier-{who:03}", "OK" if says else "BAD"


def write(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
    print(path)


def main() -> None:
    parser = ArgumentParser(description=__doc__, formatter_class=ArgumentDefaultsHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("policy"), help="folder for votes.csv and truth.csv")
    for each in fields(Made):
        parser.add_argument(f"--{each.name}", type=type(each.default), default=each.default, help="as in the text")
    chosen = vars(parser.parse_args())
    out, made = chosen.pop("out"), Made(**chosen)
    draw = Random(made.seed)
    pages = tasks_of(made, draw)
    out.mkdir(parents=True, exist_ok=True)
    truth = [(task.page, task.name, str(int(task.right))) for page in pages for task in page]
    write(out / "truth.csv", ("page", "task", "right"), truth)
    write(
        out / "votes.csv",
        ("page", "task", "verifier", "vote"),
        (v for page in pages for v in votes_on(page, made, draw)),
    )


if __name__ == "__main__":
    main()
