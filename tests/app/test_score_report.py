"""Labels against the truth on a terminal."""

from io import StringIO

from rich.console import Console

from app.labels import Labelled
from app.score_report import show
from app.scores import confusion


def printed(records: list[Labelled], classes: tuple[str, ...]) -> list[str]:
    paper = StringIO()
    show(confusion(records, classes), Console(width=80, file=paper))
    return [" ".join(line.replace("│", " ").split()) for line in paper.getvalue().splitlines()]


def test_few_classes_are_a_matrix_and_their_scores() -> None:
    records = [Labelled("a", "CAT", None, False, {}, truth=truth) for truth in ("CAT", "CAT", "CAT", "DOG")]
    records.append(Labelled("b", None, None, True, {}, truth="DOG"))
    lines = printed(records, ("CAT", "DOG"))
    assert "CAT 3 0 0" in lines
    assert "DOG 1 0 1" in lines
    assert "CAT 0.75 (0.30–0.95) 1.00 (0.44–1.00) 0.86 3" in lines
    assert "DOG – 0.00 (0.00–0.66) 0.00 2" in lines
    assert lines[-1] == "Right: 3 of 5, 0.60 (0.23–0.88). Without a label: 1. Mean F1: 0.429."


def test_of_many_classes_the_pairs_confused_most_are_told() -> None:
    classes = tuple(f"class {at}" for at in range(6))
    records = [Labelled("a", "class 1", None, False, {}, truth=truth) for truth in ("class 0", "class 1", "class 0")]
    lines = printed(records, classes)
    assert "class 0 class 1 2 100 %" in lines
    assert "class 1 0.33 (0.06–0.79) 1.00 (0.21–1.00) 0.50 1" in lines


def test_names_are_not_taken_for_markup() -> None:
    records = [Labelled("a", "[red]", None, False, {}, truth="[red]")]
    assert "[red] 1 0 0" in printed(records, ("[red]", "[/]"))


def test_without_truth_it_says_so() -> None:
    assert printed([], ("CAT", "DOG"))[-1] == "Right: 0 of 0, –. Without a label: 0."
