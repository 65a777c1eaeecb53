from pathlib import Path

import pytest
from sorting import MAIN, Sorted

from app.label_methods import MOST_VOTES, OurTrial, Tried
from app.label_pool import LabelPool, read_pool
from app.label_truth import TrueLabels
from handlers.aggregators import Method

PEOPLE = [f"user-{who:02}" for who in range(12)]


@pytest.fixture
def pool(tmp_path: Path) -> LabelPool:
    """Twelve performers who all answer three tasks and two control tasks; the last five of them err."""
    made = Sorted(tmp_path)
    truth = {"a": "cat", "b": "dog", "c": "cat"}
    made.ask(truth, {"k1": "cat", "k2": "dog"})
    right = truth | {"k1": "cat", "k2": "dog"}
    wrong = {"cat": "dog", "dog": "cat"}
    made.say(
        [(item, who, label if who < "user-07" else wrong[label]) for item, label in right.items() for who in PEOPLE]
    )
    read = read_pool(made.store, MAIN, "result", truth=TrueLabels("key", truth))
    made.store.close()
    return read


def tried(pool: LabelPool, method: str) -> tuple[Tried, int]:
    """What a method came to, and how many steps were told."""
    steps: list[None] = []
    trial = OurTrial(Method.read(method), fee=0.5)
    made = trial(pool, lambda: steps.append(None))
    assert len(steps) == trial.steps(pool)
    return made, len(steps)


def test_a_method_is_tried_on_all_tasks_on_control_tasks_and_with_fewer_votes(pool: LabelPool) -> None:
    made, steps = tried(pool, "MajorityVote")
    assert steps == 2 + MOST_VOTES
    assert list(made.published.labels["label"]) == ["cat", "dog", "cat"]
    assert list(made.controls["task"]) == ["t-k1", "t-k2"]
    assert [(point.votes, point.answers) for point in made.curve] == [(k, 3 * k) for k in range(1, MOST_VOTES + 1)]
    assert pool.price is not None
    assert made.curve[3].cost == pytest.approx(12 * pool.price * 1.5)
    assert {point.right.total for point in made.curve} == {3}


def test_overlaps_with_which_a_method_cannot_be_used_are_left_out(pool: LabelPool) -> None:
    made, steps = tried(pool, "MMSR")
    assert steps == 2 + MOST_VOTES
    assert 1 not in [point.votes for point in made.curve]
    assert made.curve[-1].votes == MOST_VOTES
