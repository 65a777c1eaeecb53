"""Aggregated labels are crowd-kit's own to the last bit, whatever the order of answers; control tasks stay apart."""

import warnings
from random import Random
from typing import Any

import crowdkit.aggregation as crowdkit
import numpy
import pandas
import pytest
from made_up_votes import Answer, first, made_up

from handlers.aggregation import Aggregation, adopt, aggregate, agreement, label_controls
from handlers.aggregators import AGGREGATORS, Method
from handlers.fits import Unfit
from handlers.votes import gather
from store.labels import TaskLabel

FEW_STEPS = {"ZeroBasedSkill": "n_iter=8", "GLAD": "n_iter=2,m_step_max_iter=5", "MACE": "n_iter=8", "KOS": "n_iter=20"}
METHODS = {name: Method.read(f"{name}:{FEW_STEPS.get(name, '')}") for name in AGGREGATORS}
PLAIN = [name for name in AGGREGATORS if name != "GoldMajorityVote"]
DEFAULT = Method.read("DawidSkene")


def answers_for(name: str, seed: int = 0) -> tuple[list[Answer], dict[str, str]]:
    return made_up(seed, labels=("cat", "dog") if name == "KOS" else ("True", "cat", "dog", "emu"))


def theirs(name: str) -> Any:
    """Crowd-kit's aggregator with the parameters of ours."""
    method = METHODS[name]
    return method.aggregator.make(**{**method.aggregator.parameters, **method.chosen})


def sorted_frame(answers: list[Answer]) -> pandas.DataFrame:
    """The rows as anybody would give them to crowd-kit: each performer once a task, by (label, task, worker)."""
    frame = pandas.DataFrame(answers, columns=["task", "worker", "label"])
    return frame.sort_values(["label", "task", "worker"]).drop_duplicates(["task", "worker"]).reset_index(drop=True)


def by_appearance(frame: pandas.DataFrame) -> pandas.DataFrame:
    """Performers under names whose sorted order is that in which they appear, which MACE needs."""
    names = {worker: f"{at:03}" for at, worker in enumerate(pandas.unique(frame["worker"]))}
    return frame.assign(worker=frame["worker"].map(names))


def plainly(model: Any, *given: Any) -> tuple[pandas.Series, pandas.DataFrame | None]:
    """Labels and probabilities as crowd-kit gives them, by task."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        labels = model.fit_predict(*given).sort_index()
    probabilities = None if isinstance(model, crowdkit.MMSR) else getattr(model, "probas_", None)
    return labels, None if probabilities is None else probabilities.sort_index()


def messy(answers: list[Answer], seed: int) -> list[Answer]:
    """The answers shuffled, some of them twice."""
    mixed = answers + answers[:150]
    Random(seed).shuffle(mixed)
    return mixed


def assert_same(made: Aggregation, labels: pandas.Series, probabilities: pandas.DataFrame | None) -> None:
    assert list(made.labels["task"]) == list(labels.index)
    assert list(made.labels["label"]) == list(labels)
    if probabilities is None:
        assert made.labels["probability"].isna().all()
    else:
        assert (made.labels["probability"].to_numpy() == probabilities.max(axis=1).to_numpy()).all()


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("name", PLAIN)
def test_labels_and_probabilities_are_crowd_kits_on_the_same_rows(name, seed):
    answers, truth = answers_for(name, seed)
    known = first(40, truth)
    made = aggregate(gather(messy(answers, seed)), METHODS[name], known)
    rows = sorted_frame([each for each in answers if each[0] not in known])
    if name == "MACE":
        rows = by_appearance(rows)
    assert len(rows["task"].unique()) == 210
    assert_same(made, *plainly(theirs(name), rows))


@pytest.mark.parametrize("name", AGGREGATORS)
def test_a_label_may_have_any_name(name):
    """Crowd-kit alone fails where a label has the name of one of its columns."""
    names = {"cat": "label", "dog": "task", "emu": "worker", "True": "posterior"}
    answers, truth = answers_for(name)
    known = first(40, truth)
    plain = aggregate(gather(answers), METHODS[name], known)
    renamed = [(task, who, names[label]) for task, who, label in answers]
    odd = aggregate(gather(renamed), METHODS[name], {task: names[label] for task, label in known.items()})
    sure = ~plain.labels["undecided"]
    assert list(odd.labels["label"][sure]) == [names[label] for label in plain.labels["label"][sure]]


@pytest.mark.parametrize("seed", range(3))
def test_a_gold_majority_learns_from_control_tasks_as_crowd_kits_does(seed):
    answers, truth = made_up(seed)
    known = first(60, truth)
    made = aggregate(gather(messy(answers, seed)), Method.read("GoldMajorityVote"), known)
    rows = sorted_frame(answers)
    model = crowdkit.GoldMajorityVote().fit(rows[rows["task"].isin(known)], pandas.Series(known))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        labels = model.predict(rows[~rows["task"].isin(known)])
    assert model.probas_ is not None
    assert_same(made, labels, model.probas_)
    assert dict(zip(made.performers["performer"], made.performers["skill"], strict=True)) == dict(model.skills_)


@pytest.mark.parametrize("name", PLAIN)
def test_control_tasks_are_labelled_by_a_fit_over_all_votes(name):
    answers, truth = answers_for(name)
    known = first(40, truth)
    found = label_controls(gather(messy(answers, 5)), METHODS[name], known)
    rows = sorted_frame(answers)
    if name == "MACE":
        rows = by_appearance(rows)
    labels, _ = plainly(theirs(name), rows)
    assert dict(zip(found["task"], found["label"], strict=True)) == {task: labels[task] for task in known}


def test_the_published_fit_is_untouched_by_what_was_said_of_control_tasks():
    answers, truth = made_up()
    known = first(100, truth)
    nonsense = [(task, who, "cat" if task in known else label) for task, who, label in answers]
    ours, other = (aggregate(gather(each), DEFAULT, known) for each in (answers, nonsense))
    assert ours.labels.equals(other.labels)
    assert set(ours.labels["task"]) == truth.keys() - known.keys()


def test_what_a_gold_majority_says_of_a_control_task_it_did_not_learn_from_that_task():
    """Everybody errs about one control task in the same way: a truth that he was told would give it away."""
    tasks = [f"t{n}" for n in range(10)]
    answers = [(task, who, "dog") for task in tasks for who in ("ann", "bob", "eve")]
    known = dict.fromkeys(tasks, "dog") | {"t3": "cat"}
    answers += [("t3", "zoe", "cat"), ("t9", "zoe", "cat")]
    found = label_controls(gather(answers), Method.read("GoldMajorityVote"), known)
    assert dict(zip(found["task"], found["label"], strict=True)) == dict.fromkeys(tasks, "dog")


@pytest.mark.parametrize("known", [{}, {"t1": "cat"}, {"unheard-of": "cat"}])
def test_too_few_control_tasks_to_try_anything_on_are_no_error(known):
    votes = gather([("t1", "ann", "cat"), ("t2", "ann", "dog"), ("t2", "bob", "dog")])
    assert len(label_controls(votes, Method.read("GoldMajorityVote"), known)) == 0
    assert list(label_controls(votes, DEFAULT, known)["task"]) == [task for task in known if task == "t1"]


def test_ties_are_undecided_and_the_label_that_is_first_by_the_alphabet_stands_there():
    answers = [("even", "ann", "dog"), ("even", "bob", "cat"), ("odd", "ann", "dog"), ("odd", "bob", "dog")]
    made = aggregate(gather(answers), Method.read("MajorityVote"))
    assert made.labels.to_dict("records") == [
        {"task": "even", "label": "cat", "probability": 0.5, "undecided": True, "votes": 2},
        {"task": "odd", "label": "dog", "probability": 1.0, "undecided": False, "votes": 2},
    ]
    assert list(made.records()) == [TaskLabel("even", "cat", 0.5, undecided=True), TaskLabel("odd", "dog", 1.0)]


def test_dawid_skene_reports_a_tie_whatever_the_order_of_answers():
    tied = [(f"t{n}", who, label) for n in range(4) for who, label in (("ann", "cat"), ("bob", "dog"))]
    for order in range(4):
        Random(order).shuffle(tied)
        made = aggregate(gather(tied), DEFAULT)
        assert list(made.labels["undecided"]) == [True] * 4
        assert list(made.labels["label"]) == ["cat"] * 4


def test_a_method_without_probabilities_says_none():
    answers, _ = answers_for("KOS")
    made = aggregate(gather(answers), Method.read("KOS"))
    assert {each.probability for each in made.records()} == {None}
    assert len(list(made.records())) == 250


@pytest.mark.parametrize("name", AGGREGATORS)
def test_every_performer_has_a_skill_and_the_careful_ones_the_better(name):
    answers, truth = answers_for(name)
    made = aggregate(gather(answers), METHODS[name], first(80, truth))
    people = made.performers
    assert people["answers"].sum() == 170 * 5
    assert len(people) == 30
    assert people["skill"].notna().all()
    care = people["performer"].str[-2:].astype(int) * 13 % 30  # the names are 7 times the care, by 30
    assert numpy.corrcoef(care, people["skill"])[0, 1] > 0.7


def test_skills_of_a_method_that_gives_none_are_shares_that_agree_with_the_result():
    answers, _ = answers_for("KOS")
    made = aggregate(gather(answers), Method.read("KOS"))
    said = dict(zip(made.labels["task"], made.labels["label"], strict=True))
    mine = [said[task] == label for task, who, label in answers if who == "user-07"]
    skill = made.performers.set_index("performer").loc["user-07", "skill"]
    assert skill == pytest.approx(sum(mine) / len(mine))


def test_answers_of_banned_performers_are_left_out():
    answers = [("t1", "ann", "cat"), ("t1", "bob", "dog"), ("t1", "eve", "dog"), ("t2", "eve", "dog")]
    made = aggregate(gather(answers).without({"bob", "eve"}), DEFAULT)
    assert list(made.labels["task"]) == ["t1"]
    assert list(made.labels["label"]) == ["cat"]
    assert list(made.performers["performer"]) == ["ann"]


def test_nothing_but_control_tasks_gives_nothing_to_publish():
    answers = [("t1", "ann", "cat"), ("t1", "bob", "dog")]
    made = aggregate(gather(answers), DEFAULT, {"t1": "cat"})
    assert (len(made.labels), len(made.performers), list(made.records())) == (0, 0, [])


def test_a_method_that_comes_to_nothing_says_so():
    answers = [("t1", "ann", "cat"), ("t2", "bob", "dog"), ("known", "ann", "dog"), ("known", "bob", "dog")]
    with pytest.raises(Unfit, match="comes to nothing"):
        aggregate(gather(answers), Method.read("GoldMajorityVote"), {"known": "cat"})
    with pytest.raises(Unfit, match="MMSR"):
        aggregate(gather([("t1", "ann", "cat"), ("t2", "bob", "dog")]), Method.read("MMSR"))


def test_labels_of_somebody_else_are_taken_over_without_those_of_control_tasks():
    votes = gather([("t1", "ann", "cat"), ("t1", "bob", "dog"), ("t2", "ann", "cat"), ("known", "bob", "cat")])
    labels = [TaskLabel("t2", "emu", None), TaskLabel("known", "cat", 1.0), TaskLabel("t1", "cat", 0.5, undecided=True)]
    made = adopt(votes, "platform:DAWID_SKENE", [*labels, TaskLabel("t9", "cat", 1.0)], {"known": "dog"})
    assert made.method == "platform:DAWID_SKENE"
    assert list(made.records()) == [labels[2], labels[0], TaskLabel("t9", "cat", 1.0)]
    assert list(made.labels["votes"]) == [2, 1, 0]
    assert made.performers.to_dict("list") == {"performer": ["ann", "bob"], "skill": [0.5, 0.0], "answers": [2, 1]}


def test_agreement_is_krippendorffs_alpha_with_answers_missing():
    together = [(f"t{n}", who, "cat" if n % 2 else "dog") for n in range(6) for who in ("ann", "bob")]
    assert agreement(gather(together)) == 1.0
    assert agreement(gather([*together, ("t7", "ann", "emu")])) == 1.0
    apart = [(f"t{n}", who, label) for n in range(6) for who, label in (("ann", "cat"), ("bob", "dog"))]
    assert agreement(gather(apart)) == pytest.approx(-5 / 6)
    assert agreement(gather([("t1", "ann", "cat"), ("t2", "bob", "dog")])) is None
    assert agreement(gather([])) is None
