"""Crowd-kit's models fitted to votes: a label a task, how sure it is, and what each performer is worth."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy
import pandas

from store.errors import CrowdhookError


class Unfit(CrowdhookError):
    """This method cannot be used on these answers:"""


@dataclass(frozen=True, slots=True)
class Fit:
    """What a method made of votes, by their integers."""

    labels: pandas.Series  # by task
    scores: pandas.DataFrame | None  # a row a task, a column a label; None: the method gives none
    skills: pandas.Series | None  # by performer; None: the method gives none
    chances: bool = True  # whether the scores are probabilities

    def probabilities(self, tasks: pandas.Index) -> numpy.ndarray:
        """Return how likely the labels of these tasks are; NaN where the method does not say."""
        if self.scores is None or not self.chances:
            return numpy.full(len(tasks), numpy.nan)
        return numpy.asarray(self.scores.loc[tasks].max(axis=1))

    def ties(self, tasks: pandas.Index, within: float) -> numpy.ndarray:
        """Say of which of these tasks the two best labels score the same, within so much."""
        if self.scores is None or self.scores.shape[1] < 2:
            return numpy.zeros(len(tasks), dtype=bool)
        best = numpy.sort(self.scores.loc[tasks].to_numpy(), axis=1)[:, -2:]
        return numpy.asarray(best[:, 1] - best[:, 0] <= within)


@dataclass(frozen=True, slots=True)
class Lessons:
    """What performers said of tasks whose label is known."""

    rows: pandas.DataFrame
    truth: pandas.Series  # the known label by task, as integers


Fitter = Callable[[Any, pandas.DataFrame, Lessons], Fit]
"""Takes a model of crowd-kit's, the rows to label, and what is known of others."""


def plain(skills: Callable[[Any], Any]) -> Fitter:
    """Fit and label in one; `skills` takes the performers' skills out of the fitted model."""

    def fit(model: Any, rows: pandas.DataFrame, lessons: Lessons) -> Fit:
        labels = model.fit_predict(rows)
        return Fit(labels, getattr(model, "probas_", None), skills(model))

    return fit


def weighing(model: Any, rows: pandas.DataFrame, lessons: Lessons) -> Fit:
    """Fit a weighed vote: some weights are below zero, so that its scores are no probabilities."""
    labels = model.fit_predict(rows)
    return Fit(labels, model.scores_, model.skills_, chances=False)


def taught(model: Any, rows: pandas.DataFrame, lessons: Lessons) -> Fit:
    """Learn from the lessons whom to believe; who took none of them has no say."""
    if lessons.rows.empty:
        raise Unfit("GoldMajorityVote needs answers to control tasks, and there are none.")
    model.fit(lessons.rows, lessons.truth)
    heard = rows[rows["worker"].isin(model.skills_.index)]
    return Fit(model.predict(heard), model.probas_, model.skills_)


def by_appearance(model: Any, rows: pandas.DataFrame, lessons: Lessons) -> Fit:
    """Number the performers in the order in which they appear: in any other, MACE confounds what they are like."""
    places, performers = pandas.factorize(rows["worker"])
    labels = model.fit_predict(rows.assign(worker=places))
    return Fit(labels, model.probas_, pandas.Series(model.spamming_[:, 1], performers))


def diagonal(model: Any) -> pandas.Series:
    """Return how likely each performer is to be right: the diagonal of his confusion matrix, by the labels' shares."""
    matrix = model.errors_
    said = matrix.index.get_level_values("label")
    right = matrix.to_numpy()[numpy.arange(len(matrix)), matrix.columns.get_indexer(said)]
    weighed = pandas.Series(right * model.priors_.reindex(said).to_numpy(), matrix.index)
    return weighed.groupby(level="worker").sum()


def unweighed(model: Any, rows: pandas.DataFrame, lessons: Lessons) -> Fit:
    """Fit what gives labels alone."""
    try:
        return Fit(model.fit_predict(rows), None, None)
    except KeyError as error:
        raise Unfit("KOS cannot tell a task whose votes cancel out from the others: use another method.") from error
