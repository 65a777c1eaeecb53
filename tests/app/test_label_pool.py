from collections.abc import Iterator
from pathlib import Path

import pytest
from sorting import MAIN, OTHER, Sorted

from app.label_pool import LabelPool, NoSuchPool, NothingToLabel, pool_id_of, read_pool
from app.label_truth import TrueLabels
from app.runs import find_run


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Sorted]:
    made = Sorted(tmp_path)
    yield made
    made.store.close()


def read(made: Sorted, **more: object) -> LabelPool:
    return read_pool(made.store, MAIN, "result", **more)  # type: ignore[arg-type]


def test_a_pool_is_found_by_its_role(made: Sorted) -> None:
    running = find_run(made.store, "sorting", None)
    assert (pool_id_of(running, "main"), pool_id_of(running, "other")) == (MAIN, OTHER)
    with pytest.raises(NoSuchPool, match=r"exam.*main, other"):
        pool_id_of(running, "exam")


def test_tasks_have_the_keys_they_were_asked_under_and_control_tasks_their_labels(made: Sorted) -> None:
    made.ask(["a", "b"], {"known": "dog"})
    made.say([("a", "ann", "cat"), ("known", "ann", "dog"), ("by-hand", "ann", "cat"), ("known", "bob", "cat")])
    pool = read(made)
    assert pool.keys == {"t-a": "a", "t-b": "b", "t-by-hand": ""}
    assert pool.known == {"t-known": "dog"}
    assert (len(pool.votes), pool.most_votes, pool.judged_by) == (4, 1, {"t-known": "dog"})


def test_a_vote_costs_its_share_of_the_pages_of_which_control_tasks_are_a_part(made: Sorted) -> None:
    made.ask(["a", "b"], {"known": "dog"})
    made.say([("a", "ann", "cat"), ("b", "ann", "cat"), ("known", "ann", "dog"), ("a", "bob", "cat")])
    assert read(made).price == pytest.approx(2 * 0.02 / 3)
    assert read(made, banned={"bob"}).price == pytest.approx(2 * 0.02 / 3)


def test_where_only_control_tasks_were_answered_nobody_knows_what_a_vote_costs(made: Sorted) -> None:
    made.ask([], {"known": "dog"})
    made.say([("known", "ann", "dog")])
    pool = read(made)
    assert (pool.price, pool.most_votes, pool.keys) == (None, 0, {})


def test_a_control_task_of_another_field_is_left_out_altogether(made: Sorted) -> None:
    made.ask(["a"], {"known": "dog"})
    made.say([("a", "ann", "yes"), ("known", "ann", "no")], field="sure")
    pool = read_pool(made.store, MAIN, "sure")
    assert (pool.known, pool.keys, pool.votes.answered) == ({}, {"t-a": "a"}, ["t-a"])


def test_true_labels_are_those_of_tasks_that_are_no_control_tasks(made: Sorted) -> None:
    made.ask(["a", "b"], {"known": "dog"})
    made.say([("a", "ann", "cat"), ("known", "ann", "dog")])
    by_key = TrueLabels("key", {"a": "cat", "known": "cat", "elsewhere": "dog", "b": "dog"})
    assert read(made, truth=by_key).truth == {"t-a": "cat", "t-b": "dog"}
    assert read(made, truth=TrueLabels("task", {"t-a": "dog"})).judged_by == {"t-a": "dog"}


def test_answers_that_are_not_there_are_named(made: Sorted) -> None:
    with pytest.raises(NothingToLabel, match="nobody handed anything in"):
        read(made)
    made.say([("a", "ann", "yes")], field="verdict")
    with pytest.raises(NothingToLabel, match=r"have verdict \(--field\)"):
        read(made)


def test_tasks_stand_in_the_order_of_what_they_are_about(made: Sorted) -> None:
    made.ask(["b", "a"], {"known": "dog"})
    made.say([("a", "ann", "cat"), ("b", "ann", "cat"), ("known", "ann", "dog"), ("by-hand", "ann", "cat")])
    assert list(read(made).votes.tasks) == ["t-by-hand", "t-known", "t-a", "t-b"]
