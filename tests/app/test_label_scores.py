import pandas
import pytest

from app.label_scores import ClassScore, confusion, right
from app.quality import Share

TRUTH = {"t1": "cat", "t2": "cat", "t3": "dog", "t4": "emu", "t9": "cat"}


def labels(*given: str) -> pandas.DataFrame:
    return pandas.DataFrame({"task": [f"t{at}" for at in range(1, len(given) + 1)], "label": given})


def test_right_labels_are_counted_among_those_whose_truth_is_known() -> None:
    assert right(labels("cat", "dog", "dog", "cat", "cat"), TRUTH) == Share(2, 4)
    assert right(labels("cat"), {}) == Share(0, 0)
    assert right(labels(), TRUTH) == Share(0, 0)


def test_what_is_taken_for_what_is_counted_by_the_true_label() -> None:
    found = confusion(labels("cat", "dog", "dog", "cat"), TRUTH)
    assert found is not None
    assert found.labels == ("cat", "dog", "emu")
    assert found.counts == ((1, 1, 0), (0, 1, 0), (1, 0, 0))
    assert found.classes == (
        ClassScore("cat", 2, 0.5, 0.5, 0.5),
        ClassScore("dog", 1, 0.5, 1.0, pytest.approx(2 / 3)),
        ClassScore("emu", 1, None, 0.0, 0.0),
    )


def test_a_label_that_no_task_has_can_be_found_nowhere() -> None:
    found = confusion(labels("emu"), {"t1": "cat"})
    assert found is not None
    assert found.classes == (ClassScore("cat", 1, None, 0.0, 0.0), ClassScore("emu", 0, 0.0, None, 0.0))


def test_without_a_known_truth_there_is_no_confusion() -> None:
    assert confusion(labels("cat"), {}) is None
