"""Aggregation: answers of many performers to each task become one label a task, with how sure it is."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy
import pandas
from crowdkit.metrics.data import alpha_krippendorff

from handlers.aggregators import Method
from handlers.fits import Fit, Lessons, Unfit
from handlers.votes import Votes, places
from store.labels import TaskLabel

TIE = 1e-9  # labels whose scores lie so close are equally likely
FOLDS = 5  # whom to believe about a control task is learnt from the four fifths of them that it is not in
COLUMNS = ["task", "label", "probability", "undecided", "votes"]
NOTHING_KNOWN: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True, eq=False)
class Aggregation:
    """What a method made of votes.

    `labels`: a row a task in the votes' order, with the columns task, label, probability (NaN: the method gives none),
    undecided (another label is as likely) and votes. `performers`: a row a performer with the columns performer, skill
    (docs/aggregation.md says what it means by method) and answers.
    """

    method: str
    labels: pandas.DataFrame
    performers: pandas.DataFrame

    def records(self) -> Iterator[TaskLabel]:
        """Yield the labels as the store keeps them."""
        for task, label, probability, undecided, _ in self.labels.itertuples(index=False, name=None):
            yield TaskLabel(task, label, None if numpy.isnan(probability) else float(probability), bool(undecided))


def aggregate(
    votes: Votes, method: Method, known: Mapping[str, str] = NOTHING_KNOWN, *, insist: bool = False
) -> Aggregation:
    """Label the tasks whose label nobody knows yet: what is published.

    `known` are the labels of control tasks by task id. Votes on them are left out, save that GoldMajorityVote learns
    from them whom to believe. A task that gets no label is not in the result. Raises TooMuch (unless `insist`), Unfit.
    """
    method.check(votes, insist=insist)
    published = votes.not_on(known)
    fit = method.fit(published, _lessons(votes, known)) if len(published) else None
    labels = _labels(published, fit)
    if fit is not None and labels.empty:
        raise Unfit(f"{method} comes to nothing.")
    return Aggregation(str(method), labels, _performers(published, labels, fit.skills if fit else None))


def adopt(votes: Votes, method: str, labels: Iterable[TaskLabel], known: Mapping[str, str]) -> Aggregation:
    """Take over labels that somebody else made of the votes, without those of control tasks."""
    kept = {each.task_id: each for each in labels if each.task_id not in known}
    published = votes.not_on(known)
    given = published.per_task()
    table = pandas.DataFrame(
        [
            (task, each.label, each.probability, each.undecided, given.get(task, 0))
            for task, each in sorted(kept.items())
        ],
        columns=COLUMNS,
    ).astype({"probability": float})
    return Aggregation(method, table, _performers(published, table, None))


def label_controls(votes: Votes, method: Method, known: Mapping[str, str], *, insist: bool = False) -> pandas.DataFrame:
    """Label the control tasks by a fit of its own over all votes, as if their labels were not known.

    Returns the columns of `Aggregation.labels`. What GoldMajorityVote learns about a task, it learns from other ones.
    Raises TooMuch (unless `insist`), Unfit.
    """
    method.check(votes, insist=insist)
    answered = votes.on(known).answered
    if not method.aggregator.taught:
        labels = _labels(votes, method.fit(votes, _lessons(votes, {}))) if answered else _labels(votes, None)
        return labels[labels["task"].isin(answered)].reset_index(drop=True)
    folds = [answered[at::FOLDS] for at in range(min(FOLDS, len(answered)))] if len(answered) > 1 else []
    tried = [_labels(votes, method.fit(votes.on(fold), _lessons(votes.not_on(fold), known))) for fold in folds]
    found = [each for each in tried if not each.empty] or [_labels(votes, None)]
    return pandas.concat(found).sort_values("task", ignore_index=True)


def agreement(votes: Votes) -> float | None:
    """Return Krippendorff's alpha of the votes: 1 all agree, 0 as by chance; None where no task has two of them."""
    if not votes.rows.duplicated("task").any():
        return None
    return float(alpha_krippendorff(votes.rows))


def _lessons(votes: Votes, known: Mapping[str, str]) -> Lessons:
    """Gather what was said of the known tasks; a known label that nobody gave is one that nobody was right about."""
    places_of = {label: at for at, label in enumerate(votes.labels)}
    taught = votes.on(known)
    truth = [places_of.get(known[task], -1) for task in taught.answered]
    return Lessons(taught.rows, pandas.Series(truth, places(votes.tasks, taught.answered)))


def _labels(votes: Votes, fit: Fit | None) -> pandas.DataFrame:
    if fit is None:
        return pandas.DataFrame({name: [] for name in COLUMNS})
    labels = fit.labels.dropna().astype(int).sort_index()
    return pandas.DataFrame(
        {
            "task": votes.tasks[labels.index],
            "label": votes.labels[labels],
            "probability": fit.probabilities(labels.index),
            "undecided": fit.ties(labels.index, TIE),
            "votes": votes.rows["task"].value_counts().reindex(labels.index).to_numpy(),
        }
    )


def _performers(votes: Votes, labels: pandas.DataFrame, skills: pandas.Series | None) -> pandas.DataFrame:
    """Say what each performer is worth: by the method's skills, else by the share of his answers that agree with it."""
    rows = votes.rows
    answers = rows.groupby("worker").size()
    if skills is None:
        made = labels.set_index("task")["label"].reindex(votes.tasks[rows["task"]]).to_numpy()
        skills = pandas.Series(made == votes.labels[rows["label"]]).groupby(rows["worker"]).mean()
    return pandas.DataFrame(
        {
            "performer": votes.performers[answers.index],
            "skill": skills.reindex(answers.index).to_numpy(),
            "answers": answers.to_numpy(),
        }
    )
