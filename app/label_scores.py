"""How good labels are, against what is known: how many are right, and which is taken for which. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isnan

import pandas
from sklearn.metrics import precision_recall_fscore_support

from app.quality import Share


@dataclass(frozen=True, slots=True)
class ClassScore:
    """How one label fares: found among those that have it, right where it was given; None: there was none of these."""

    label: str
    tasks: int  # that truly have it
    precision: float | None
    recall: float | None
    f1: float | None


@dataclass(frozen=True, slots=True)
class Confusion:
    """Which label was given (columns) to tasks that truly have another (rows): counts in the order of `labels`."""

    labels: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]
    classes: tuple[ClassScore, ...]


def right(labels: pandas.DataFrame, truth: Mapping[str, str]) -> Share:
    """Count the right ones among the labels whose truth is known; undecided ones by the label that stands there."""
    judged = _judged(labels, truth)
    return Share(sum(given == true for given, true in judged), len(judged))


def confusion(labels: pandas.DataFrame, truth: Mapping[str, str]) -> Confusion | None:
    """Count which labels were given to which; None where no label's truth is known."""
    judged = _judged(labels, truth)
    if not judged:
        return None
    given, true = [each[0] for each in judged], [each[1] for each in judged]
    names = sorted({*given, *true})
    precision, recall, f1, tasks = precision_recall_fscore_support(
        true, given, labels=names, zero_division=float("nan")
    )
    pairs = Counter(zip(true, given, strict=True))
    return Confusion(
        labels=tuple(names),
        counts=tuple(tuple(pairs[row, column] for column in names) for row in names),
        classes=tuple(
            ClassScore(name, int(tasks[at]), *(_number(each[at]) for each in (precision, recall, f1)))
            for at, name in enumerate(names)
        ),
    )


def _judged(labels: pandas.DataFrame, truth: Mapping[str, str]) -> Sequence[tuple[str, str]]:
    """Pair the label given with the true one, for every task whose truth is known."""
    pairs = zip(labels["task"], labels["label"], strict=True)
    return [(given, truth[task]) for task, given in pairs if task in truth]


def _number(value: float) -> float | None:
    return None if isnan(value) else float(value)
