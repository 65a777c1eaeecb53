"""Labels as records: out of rows, whatever a data frame makes of nothing."""

from pathlib import Path

import pandas
import pytest

from app.examples import Example
from app.labels import Labelled, labelled


def votes(**counts: int) -> Labelled:
    return Labelled("a", "CAT", 0.9, False, counts)


def test_rows_of_a_data_frame_become_records_by_key() -> None:
    frame = pandas.DataFrame(
        [
            {"task": "t1", "label": "CAT", "probability": float("nan"), "undecided": True, "votes": 4},
            {"task": "t2", "label": "CAT", "probability": 0.75, "undecided": False, "votes": 3},
            {"task": "control", "label": "CAT", "probability": 1.0, "undecided": False, "votes": 9},
        ]
    )
    examples = {
        "t1": Example("b", path=Path("b.jpg")),
        "t2": Example("a", text="Meow", label="DOG"),
        "t3": Example("c", label="CAT"),
        "t4": Example("d"),
    }
    said = {"t1": "CAT DOG DOG CAT", "t2": "CAT CAT DOG", "t3": "DOG", "control": "DOG"}
    answers = [(task, label) for task, labels in said.items() for label in labels.split()]
    assert labelled(examples, frame.to_dict("records"), answers) == [
        Labelled("a", "CAT", 0.75, False, {"CAT": 2, "DOG": 1}, truth="DOG", text="Meow"),
        Labelled("b", "CAT", None, True, {"CAT": 2, "DOG": 2}, path=Path("b.jpg")),
        Labelled("c", None, None, False, {"DOG": 1}, truth="CAT"),
        Labelled("d", None, None, False, {}),
    ]


def test_what_is_undecided_has_no_answer_whatever_its_label() -> None:
    assert Labelled("a", "CAT", 0.5, True, {}).answer is None
    assert Labelled("a", "CAT", 0.5, False, {}).answer == "CAT"
    assert Labelled("a", None, None, False, {}).answer is None


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
