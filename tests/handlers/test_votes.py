from random import Random

import numpy
import pytest
from made_up_votes import made_up

from handlers.votes import EVERY, Votes, gather

ANSWERS = [
    ("t2", "ann", "dog"),
    ("t10", "bob", "cat"),
    ("t2", "bob", "cat"),
    ("t1", "ann", "cat"),
    ("t1", "bob", "dog"),
]


def named(votes: Votes) -> list[tuple[str, str, str]]:
    """The votes by their names, in the order of their rows."""
    rows = votes.rows
    return list(
        zip(votes.tasks[rows["task"]], votes.performers[rows["worker"]], votes.labels[rows["label"]], strict=True)
    )


def test_votes_are_sorted_by_label_task_and_performer_whatever_the_order_of_answers():
    answers, _ = made_up()
    votes = gather(answers)
    assert named(votes) == sorted(answers, key=lambda each: (each[2], each[0], each[1]))
    assert len(votes) == 1250
    Random(1).shuffle(answers)
    assert gather(answers).rows.equals(votes.rows)


def test_integers_are_places_in_sorted_names():
    votes = gather(ANSWERS)
    assert (list(votes.tasks), list(votes.performers), list(votes.labels)) == (
        ["t1", "t10", "t2"],
        ["ann", "bob"],
        ["cat", "dog"],
    )
    assert {str(kind) for kind in votes.rows.dtypes} == {"int32"}


@pytest.mark.parametrize("order", [1, -1])
def test_a_performer_counts_once_on_a_task_with_the_label_that_is_first_by_the_alphabet(order):
    twice = [("t1", "ann", "dog"), ("t1", "ann", "cat"), ("t1", "ann", "dog"), ("t1", "bob", "dog")][::order]
    assert named(gather(twice)) == [("t1", "ann", "cat"), ("t1", "bob", "dog")]


def test_tasks_and_performers_can_be_left_out():
    votes = gather(ANSWERS)
    assert votes.on(["t2", "unheard-of"]).answered == ["t2"]
    assert votes.not_on(["t2"]).answered == ["t1", "t10"]
    assert {who for _, who, _ in named(votes.without({"ann", "nobody"}))} == {"bob"}
    assert len(votes.on([])) == 0
    assert votes.per_task() == {"t1": 2, "t2": 2, "t10": 1}
    assert len(votes.not_on([])) == len(votes)


def test_no_answers_are_no_votes():
    votes = gather([])
    assert (len(votes), votes.answered, len(votes.at_most(3)), len(votes.on(["t"]))) == (0, [], 0, 0)


def test_a_part_of_the_votes_is_the_same_each_time_and_grows_into_the_next():
    answers, _ = made_up()
    votes = gather(answers)
    before: set[tuple[str, str, str]] = set()
    for most in range(1, 6):
        part = votes.at_most(most)
        assert set(part.rows["task"].value_counts()) == {most}
        assert before <= set(named(part))
        before = set(named(part))
    assert named(votes.at_most(5)) == named(votes)
    Random(2).shuffle(answers)
    assert named(gather(answers).at_most(2)) == named(votes.at_most(2))


def test_the_votes_on_some_tasks_can_all_be_kept():
    votes = gather(ANSWERS)
    part = votes.at_most(1, all_on=["t2", "unheard-of"])
    assert part.per_task() == {"t1": 1, "t2": 2, "t10": 1}


def test_which_votes_are_a_part_does_not_hang_on_the_other_tasks():
    votes = gather(made_up()[0])
    half = votes.answered[::2]
    assert named(votes.on(half).at_most(2)) == named(votes.at_most(2).on(half))


def test_everybody_is_as_likely_to_be_in_a_part():
    everyone = [(f"task-{task:05}", f"user-{who}", "yes") for task in range(3000) for who in range(5)]
    shares = numpy.bincount(gather(everyone).at_most(1).rows["worker"]) / 3000
    assert shares == pytest.approx(0.2, abs=0.03)


def test_somebody_is_told_how_many_answers_were_read():
    heard: list[int] = []
    gather(((f"t{n}", "ann", "cat") for n in range(2 * EVERY + 1)), heard.append)
    assert heard == [0, EVERY, 2 * EVERY]


def test_tasks_that_are_about_something_are_sorted_by_that_and_not_by_their_ids():
    votes = gather(ANSWERS, keys={"t1": "zebra.jpg", "t2": "ant.jpg", "t10": "zebra.jpg"})
    assert list(votes.tasks) == ["t2", "t1", "t10"]
    assert named(votes) == [
        ("t2", "bob", "cat"),
        ("t1", "ann", "cat"),
        ("t10", "bob", "cat"),
        ("t2", "ann", "dog"),
        ("t1", "bob", "dog"),
    ]
    assert votes.on(["t10", "t2"]).answered == ["t2", "t10"]


def test_the_same_answers_about_the_same_things_are_the_same_rows_whatever_the_ids():
    answers, _ = made_up()
    ids = {task: f"id-{Random(task).random()}" for task, _, _ in answers}
    votes = gather(((ids[task], *said) for task, *said in answers), keys={ids[task]: task for task in ids})
    assert votes.rows.equals(gather(answers).rows)
