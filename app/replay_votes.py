"""Recorded votes in: a CSV file of who said what of which task, and a second one that knows the truth."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from store.errors import CrowdhookError

VOTES = ("page", "task", "verifier", "vote")
TRUTH = ("page", "task", "right")
SAYS = {"OK": True, "BAD": False}
RIGHT = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}

Row = tuple[int, dict[str, str]]
"""A line's number and its cells by column."""
TaskKey = tuple[str, str]
"""Page and task: a task's name need only be unique on its page."""


class WrongVotes(CrowdhookError):
    """These votes cannot be replayed; put right what is named:"""


class WrongTruth(CrowdhookError):
    """This truth does not fit the votes; put right what is named:"""


@dataclass(frozen=True, slots=True)
class RecordedVote:
    """What one verifier said of a task, and the line of the file that says so: later lines came later."""

    verifier: str
    ok: bool
    line: int


@dataclass(frozen=True, slots=True)
class RecordedTask:
    """One task of a page and all its recorded votes, oldest first; at least one."""

    name: str
    votes: tuple[RecordedVote, ...]


@dataclass(frozen=True, slots=True)
class RecordedPage:
    """One page and its tasks, in the order in which the file first names them."""

    name: str
    tasks: tuple[RecordedTask, ...]


Truth = Mapping[TaskKey, bool]
"""Whether a task is right, by page and task."""


def read_votes(path: Path, tasks_per_page: int | None = None) -> list[RecordedPage]:
    """Read recorded votes (columns page, task, verifier, vote; in order of arrival), pages as they first appear.

    With `tasks_per_page` every page must have so many tasks. Raises WrongVotes, OSError.
    """
    pages: dict[str, dict[str, dict[str, RecordedVote]]] = {}
    for line, row in _rows(path, VOTES, WrongVotes):
        if row["vote"] not in SAYS:
            raise WrongVotes(f"{path} line {line}: the vote is {row['vote']!r}, not OK or BAD.")
        given = pages.setdefault(row["page"], {}).setdefault(row["task"], {})
        if (earlier := given.get(row["verifier"])) is not None:
            raise WrongVotes(f"{path} line {line}: {_second_vote(row)}, the first is on line {earlier.line}.")
        given[row["verifier"]] = RecordedVote(row["verifier"], SAYS[row["vote"]], line)
    if not pages:
        raise WrongVotes(f"{path} line 1: no vote follows the header.")
    read = [_page(name, tasks) for name, tasks in pages.items()]
    if tasks_per_page is not None:
        _require_size(read, tasks_per_page, path)
    return read


def read_truth(path: Path, pages: list[RecordedPage]) -> Truth:
    """Read which tasks are right (columns page, task, right: 1 or 0, true or false, yes or no) of exactly these pages.

    Raises WrongTruth for a task without votes, without truth, or with two truths; OSError.
    """
    first = {(page.name, task.name): task.votes[0].line for page in pages for task in page.tasks}
    truth: dict[TaskKey, bool] = {}
    for line, row in _rows(path, TRUTH, WrongTruth):
        key = (row["page"], row["task"])
        if row["right"].lower() not in RIGHT:
            raise WrongTruth(f"{path} line {line}: right is {row['right']!r}, not 1 or 0, true or false, yes or no.")
        if key not in first:
            raise WrongTruth(f"{path} line {line}: nobody voted on task {key[1]!r} of page {key[0]!r}.")
        if key in truth:
            raise WrongTruth(f"{path} line {line}: task {key[1]!r} of page {key[0]!r} stands there twice.")
        truth[key] = RIGHT[row["right"].lower()]
    for key, line in first.items():
        if key not in truth:
            raise WrongTruth(f"{path} lacks task {key[1]!r} of page {key[0]!r}, voted on in line {line} of the votes.")
    return truth


def _second_vote(row: Mapping[str, str]) -> str:
    return f"a second vote of {row['verifier']!r} on task {row['task']!r} of page {row['page']!r}"


def _page(name: str, tasks: Mapping[str, Mapping[str, RecordedVote]]) -> RecordedPage:
    return RecordedPage(name, tuple(RecordedTask(task, tuple(votes.values())) for task, votes in tasks.items()))


def _require_size(pages: list[RecordedPage], wanted: int, path: Path) -> None:
    for page in pages:
        if len(page.tasks) != wanted:
            line, found = page.tasks[0].votes[0].line, len(page.tasks)
            raise WrongVotes(
                f"{path} line {line}: page {page.name!r} has {found} tasks, --tasks-per-page says {wanted}."
            )


def _rows(path: Path, columns: tuple[str, ...], wrong: type[CrowdhookError]) -> Iterator[Row]:
    """Yield the lines of a CSV file that has exactly these columns, in any order, and every cell filled."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file, strict=True)
        try:
            header = next(reader, [])
            if sorted(header) != sorted(columns):
                raise wrong(f"{path} line 1: the columns are {', '.join(header)}; they must be {', '.join(columns)}.")
            for cells in filter(None, reader):
                if len(cells) != len(header) or not all(cells):
                    raise wrong(f"{path} line {reader.line_num}: {', '.join(header)} must all be filled, and no more.")
                yield reader.line_num, dict(zip(header, cells, strict=True))
        except UnicodeDecodeError as error:
            raise wrong(f"{path} after line {reader.line_num}: not UTF-8 text.") from error
        except csv.Error as error:
            raise wrong(f"{path} line {reader.line_num}: not CSV, {error}.") from error
