"""Labels against the truth: counts, precision, recall and F1, checked against scikit-learn's."""

import pytest
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support

from app.labels import Labelled
from app.quality import Share
from app.scores import Pair, confusion, most_confused

CLASSES = ("A", "B", "C")


def record(truth: str | None, label: str | None, *, undecided: bool = False) -> Labelled:
    return Labelled(f"{truth}{label}", label, None, undecided, {}, truth=truth)


RECORDS = [
    *[record("A", "A")] * 5,
    *[record("A", "B")] * 2,
    *[record("B", "B")] * 4,
    *[record("C", "A")] * 1,
    record("B", "C", undecided=True),
    record("C", None, undecided=True),
    record("C", "CANT_TELL"),
    record(None, "A"),
    record("D", "A"),
]


def test_a_row_is_a_truth_and_the_last_column_has_no_label() -> None:
    assert confusion(RECORDS, CLASSES).counts == ((5, 2, 0, 0), (0, 4, 0, 1), (1, 0, 0, 2))


def test_precision_is_of_the_labels_and_recall_of_the_truths() -> None:
    a, b, c = confusion(RECORDS, CLASSES).scores()
    assert (a.precision, a.recall, a.support, a.f1) == (Share(5, 6), Share(5, 7), 7, pytest.approx(10 / 13))
    assert (b.precision, b.recall, b.support, b.f1) == (Share(4, 6), Share(4, 5), 5, pytest.approx(8 / 11))
    assert (c.precision, c.recall, c.support, c.f1) == (Share(0, 0), Share(0, 3), 3, 0.0)


def test_all_of_known_truth_are_counted_once() -> None:
    found = confusion(RECORDS, CLASSES)
    assert (found.right, found.without_label) == (Share(9, 15), 3)
    assert found.macro_f1() == pytest.approx((10 / 13 + 8 / 11) / 3)


def test_without_any_truth_nothing_is_said() -> None:
    found = confusion([record(None, "A")], CLASSES)
    assert (found.right, found.macro_f1()) == (Share(0, 0), None)
    assert [each.f1 for each in found.scores()] == [None, None, None]


def test_where_all_are_decided_it_says_what_scikit_learn_says() -> None:
    decided = [each for each in RECORDS if each.truth in CLASSES and each.answer in CLASSES]
    truths, labels = [each.truth for each in decided], [each.answer for each in decided]
    found = confusion(decided, CLASSES)
    assert [list(row[:-1]) for row in found.counts] == confusion_matrix(truths, labels, labels=CLASSES).tolist()
    theirs = precision_recall_fscore_support(truths, labels, labels=CLASSES, zero_division=0)
    ours = [(s.precision.value or 0, s.recall.value or 0, s.f1 or 0, s.support) for s in found.scores()]
    for mine, yours in zip(ours, zip(*theirs, strict=True), strict=True):
        assert mine == pytest.approx(yours)


def test_the_most_confused_pairs_come_first_and_no_label_is_no_confusion() -> None:
    found = confusion(RECORDS, CLASSES)
    assert most_confused(found.counts, CLASSES, 5) == [Pair("A", "B", 2, 2 / 7), Pair("C", "A", 1, 1 / 3)]
    assert most_confused(found.counts, CLASSES, 1) == [Pair("A", "B", 2, 2 / 7)]
    assert most_confused([[3, 0], [0, 2]], ("A", "B"), 5) == []
