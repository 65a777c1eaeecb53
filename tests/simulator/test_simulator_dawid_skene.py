import pandas as pd
import pytest
from blood import LABELS
from crowdkit.aggregation import DawidSkene

from simulator.elements.draws import fraction
from simulator.results.dawid_skene import ITERATIONS, chances


def made_up(tasks: int, performers: int, votes: float, seed: int) -> list[tuple[str, str, str]]:
    """Answers of people who are right more or less often, and mistake each label for their own next."""
    found = []
    for number in range(tasks):
        truth = int(4 * fraction(seed, "truth", number))
        for who in range(performers):
            if fraction(seed, "votes", number, who) < votes:
                right = fraction(seed, "right", number, who) < 0.45 + 0.5 * who / performers
                found.append((f"t{number:03}", f"w{who:02}", LABELS[truth if right else (truth + 1 + who % 3) % 4]))
    return found


@pytest.mark.parametrize(("tasks", "performers", "votes", "seed"), [(200, 20, 0.4, 1), (60, 8, 0.5, 2), (5, 3, 1.0, 3)])
def test_it_is_crowd_kits_model(tasks, performers, votes, seed):
    answers = made_up(tasks, performers, votes, seed)
    data = pd.DataFrame(answers, columns=["task", "worker", "label"])
    theirs = DawidSkene(n_iter=ITERATIONS, tol=-1e9).fit_predict_proba(data)
    ours = pd.DataFrame.from_dict(chances(answers), orient="index")
    pd.testing.assert_frame_equal(
        ours.sort_index(axis=1), theirs.sort_index(axis=1).sort_index(), check_names=False, atol=1e-6, rtol=1e-6
    )
    assert ours.to_numpy().sum() == pytest.approx(len(ours))


def test_it_does_not_depend_on_the_order_of_the_answers():
    answers = made_up(40, 8, 0.6, 5)
    assert chances(answers) == chances(sorted(answers, key=lambda each: fraction("shuffled", each)))


def test_one_answer_is_an_answer():
    assert chances([("t", "w", "a")]) == {"t": {"a": 1.0}}
