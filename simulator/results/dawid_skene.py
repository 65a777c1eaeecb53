"""Dawid and Skene's model: the true labels of tasks and what each performer makes of each label, by EM from a vote.

A. P. Dawid and A. M. Skene, Maximum Likelihood Estimation of Observer Error-Rates Using the EM Algorithm, 1979.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

ITERATIONS = 20
LEAST = 1e-10
"""No probability is taken for smaller than this."""
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table: its different values, sorted, and the place of each row's value among them."""

    values: list[str]
    places: NDArray[np.intp]


def chances(answers: Sequence[tuple[str, str, str]]) -> dict[str, dict[str, float]]:
    """The probability of each label for each task, from at least one answer (task, performer, label)."""
    task, performer, label = (_column(values) for values in zip(*sorted(answers), strict=True))
    votes = np.zeros((len(task.values), len(label.values)))
    np.add.at(votes, (task.places, label.places), 1.0)
    found: Floats = votes / votes.sum(axis=1, keepdims=True)
    for _ in range(ITERATIONS):
        found = _expected(found, task, performer, label)
    rows = zip(task.values, found.tolist(), strict=True)
    return {name: dict(zip(label.values, row, strict=True)) for name, row in rows}


def _column(values: Sequence[str]) -> Column:
    known, places = np.unique(np.asarray(values, dtype=object), return_inverse=True)
    return Column(list(known), places)


def _expected(truth: Floats, task: Column, performer: Column, label: Column) -> Floats:
    """One step: how the performers err if this is the truth, and then what is the truth if they err so."""
    count = len(label.values)
    errors = np.zeros((len(performer.values), count, count))  # performer, label given, true label
    np.add.at(errors, (performer.places, label.places), truth[task.places])
    errors = np.maximum(errors, LEAST)
    errors /= errors.sum(axis=1, keepdims=True)
    logs = np.tile(np.log(np.maximum(truth.mean(axis=0), LEAST)), (len(truth), 1))
    np.add.at(logs, task.places, np.log(errors[performer.places, label.places]))
    likelihoods = np.exp(logs - logs.max(axis=1, keepdims=True))
    result: Floats = likelihoods / likelihoods.sum(axis=1, keepdims=True)
    return result
