"""Labels as records: out of rows, whatever a data frame makes of nothing."""

from pathlib import Path

import pandas
import pytest

from app.labels import Labelled, labelled


def votes(**counts: int) -> Labelled:
    return Labelled("a", "CAT", 0.9, False, counts)


def test_rows_of_a_data_frame_become_records_by_key() -> None:
    frame = pandas.DataFrame(
        [
            {"task": "b", "label": None, "probability": float("nan"), "undecided": True, "votes": {"CAT": 2, "DOG": 2}},
            {"task": "a", "label": "CAT", "probability": 0.75, "undecided": False, "votes": {"CAT": 3, "DOG": 0}},
        ]
    )
    a, b = labelled(frame.to_dict("records"), {"a": "DOG"}, {"b": Path("b.jpg")}, {"a": "Meow"})
    assert a == Labelled("a", "CAT", 0.75, False, {"CAT": 3}, truth="DOG", text="Meow")
    assert b == Labelled("b", None, None, True, {"CAT": 2, "DOG": 2}, path=Path("b.jpg"))


def test_what_is_undecided_has_no_answer_whatever_its_label() -> None:
    assert Labelled("a", "CAT", 0.5, True, {}).answer is None
    assert Labelled("a", "CAT", 0.5, False, {}).answer == "CAT"


@pytest.mark.parametrize(
    ("record", "performers", "disagreement"),
    [
        (votes(CAT=4), 4, 0.0),
        (votes(CAT=3, DOG=1), 4, 0.25),
        (votes(CAT=2, DOG=2), 4, 0.5),
        (votes(CAT=2, DOG=1, COW=1), 4, 0.5),
        (votes(CAT=1, DOG=1, COW=1, PIG=1), 4, 0.75),
        (votes(), 0, 0.0),
    ],
)
def test_disagreement_is_the_share_who_did_not_choose_what_most_chose(
    record: Labelled, performers: int, disagreement: float
) -> None:
    assert (record.performers, record.disagreement) == (performers, disagreement)
