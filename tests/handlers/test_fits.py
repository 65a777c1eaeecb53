import numpy
import pandas
import pytest

from handlers.aggregators import Method
from handlers.fits import Fit, Lessons, Unfit
from handlers.votes import Votes, gather

NOTHING = Lessons(pandas.DataFrame({"task": [], "worker": [], "label": []}), pandas.Series(dtype=int))
SPLIT = [("t1", "ann", "cat"), ("t1", "bob", "dog"), ("t2", "ann", "cat"), ("t2", "bob", "cat")]


def skill(fit: Fit, votes: Votes, performer: str) -> float:
    assert fit.skills is not None
    return float(fit.skills[list(votes.performers).index(performer)])


def test_labels_tie_when_the_two_best_score_the_same_within_a_billionth():
    scores = pandas.DataFrame([[0.4, 0.4, 0.2], [0.5, 0.5 - 1e-12, 0.0], [0.5, 0.499, 0.0]], index=[3, 4, 5])
    fit = Fit(scores.idxmax(axis=1), scores, None)
    assert list(fit.ties(scores.index, 1e-9)) == [True, True, False]
    assert list(fit.probabilities(scores.index)) == [0.4, 0.5, 0.5]
    assert list(Fit(fit.labels, scores[[0]], None).ties(scores.index, 1e-9)) == [False] * 3


def test_scores_that_are_no_probabilities_are_not_shown_as_such():
    scores = pandas.DataFrame([[3.0, 3.0]])
    fit = Fit(scores.idxmax(axis=1), scores, None, chances=False)
    assert numpy.isnan(fit.probabilities(scores.index)).all()
    assert list(fit.ties(scores.index, 1e-9)) == [True]
    nothing = Fit(fit.labels, None, None)
    assert numpy.isnan(nothing.probabilities(scores.index)).all()
    assert not nothing.ties(scores.index, 1e-9).any()


def test_a_dawid_skene_skill_is_how_likely_the_performer_is_to_be_right():
    shares = {"cat": 60, "dog": 40}
    tasks = [(f"{label}{n}", label) for label, number in shares.items() for n in range(number)]
    sure = [(task, f"sure-{who}", label) for task, label in tasks for who in range(4)]
    always_cat = [(task, "cat-lover", "cat") for task, _ in tasks]
    votes = gather(sure + always_cat)
    fit = Method.read("DawidSkene").fit(votes, NOTHING)
    assert skill(fit, votes, "sure-0") == pytest.approx(1.0, abs=1e-6)
    assert skill(fit, votes, "cat-lover") == pytest.approx(0.6, abs=1e-6)


def test_mace_knows_each_performer_whatever_his_name():
    """Crowd-kit's, given names that do not appear in their sorted order, takes one's preferences for another's."""
    rows = [(f"t{n:03}", f"user-{who:02}", "abcd"[n % 4]) for n in range(120) for who in (3, 1, 4)]
    rows += [(f"t{n:03}", f"user-{who:02}", "abcd"[who % 4]) for n in range(120) for who in (9, 2, 6, 5)]
    renamed = {f"user-{who:02}": f"user-{at}" for at, who in enumerate((9, 6, 5, 4, 3, 2, 1))}
    one, other = gather(rows), gather((task, renamed[who], label) for task, who, label in rows)
    fits = [Method.read("MACE").fit(each, NOTHING) for each in (one, other)]
    assert fits[0].labels.sort_index().equals(fits[1].labels.sort_index())
    for who, new in renamed.items():
        assert skill(fits[0], one, who) == pytest.approx(skill(fits[1], other, new), abs=1e-3)


def test_kos_says_that_votes_cancel_out():
    once = [("t1", "ann", "cat"), ("t1", "bob", "dog"), ("t2", "eve", "cat"), ("t2", "zoe", "dog")]
    with pytest.raises(Unfit, match="cancel out"):
        Method.read("KOS").fit(gather(once), NOTHING)


def test_who_took_no_control_task_has_no_say_in_a_gold_majority():
    votes = gather([*SPLIT, ("t2", "eve", "dog"), ("t2", "zoe", "dog")])
    lessons = Lessons(votes.on(["t1"]).rows, pandas.Series([1], [0]))
    fit = Method.read("GoldMajorityVote").fit(votes.on(["t2"]), lessons)
    assert votes.labels[fit.labels.iloc[0]] == "cat"
    assert (skill(fit, votes, "ann"), skill(fit, votes, "bob")) == (0.0, 1.0)
    with pytest.raises(Unfit, match="control tasks"):
        Method.read("GoldMajorityVote").fit(votes, NOTHING)
