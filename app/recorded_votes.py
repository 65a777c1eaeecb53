"""Recorded answers in: a CSV file of who gave which task which label, and how long it took."""

import math
from collections.abc import Collection, Mapping
from pathlib import Path

from app.rows import named_rows
from simulator.crowd.recorded import Vote
from store.errors import CrowdhookError

COLUMNS = ("task", "performer", "label")
SECONDS = "seconds"  # may be missing, and empty in any row


class WrongAnswers(CrowdhookError):
    """These recorded answers cannot be played back; put right what is named:"""


def read_votes(path: Path, classes: Collection[str] = ()) -> list[Vote]:
    """Read a CSV file with the columns task, performer, label, and maybe seconds; others are passed over.

    With `classes`, each label must be one of them; without, there must be two labels at least. Raises WrongAnswers,
    OSError.
    """
    header, rows = named_rows(path, WrongAnswers)
    missing = [name for name in COLUMNS if name not in header]
    if missing:
        raise WrongAnswers(f"{path} line 1: no column {', '.join(missing)}; the columns are {', '.join(header)}.")
    lines: dict[tuple[str, str], int] = {}
    votes = [_vote(f"{path} line {line}", row, classes) for line, row in rows]
    for vote, (line, _) in zip(votes, rows, strict=True):
        first = lines.setdefault((vote.task, vote.performer), line)
        if first != line:
            raise WrongAnswers(
                f"{path} line {line}: {vote.performer!r} answers task {vote.task!r} again, first on line {first}."
            )
    labels = sorted(classes or {vote.label for vote in votes})
    if len(labels) < 2:
        found = f"all {len(votes)} answers say {labels[0]!r}" if votes else "no answer follows the header"
        raise WrongAnswers(f"{path}: {found}; there must be two labels at least.")
    return votes


def _vote(where: str, row: Mapping[str, str], classes: Collection[str]) -> Vote:
    task, performer, label = (row[name] for name in COLUMNS)
    for name in COLUMNS:
        if not row[name].strip():
            raise WrongAnswers(f"{where}: {name} is empty.")
    if classes and label not in classes:
        raise WrongAnswers(f"{where}: the label {label!r} is none of the classes {', '.join(classes)}.")
    return Vote(task, performer, label, _seconds(where, row.get(SECONDS, "")))


def _seconds(where: str, text: str) -> float | None:
    """Read a time; nothing where nobody knows it."""
    if not text.strip():
        return None
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not (math.isfinite(seconds) and seconds >= 0):
        raise WrongAnswers(f"{where}: seconds is {text!r}, not a number from 0 on.")
    return seconds
