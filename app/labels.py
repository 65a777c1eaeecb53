"""What a classification came to: of each image or text its label, how sure it is, and what people said."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.examples import Example

NO_LABEL = "no label"
NO_ROW: Mapping[str, Any] = {"label": None, "probability": None, "undecided": False}


@dataclass(frozen=True, slots=True)
class Labelled:
    """One image or text with the label that performers' answers were made into."""

    key: str
    label: str | None  # value of a class; None: nothing; while `undecided` it is one of those that are as likely
    probability: float | None  # that the label is right, as the method says; None: it says nothing
    undecided: bool  # another class is as likely
    votes: Mapping[str, int]  # performers by the class that they chose
    truth: str | None = None  # value of the true class; None: not known
    path: Path | None = None  # where its file is
    text: str | None = None

    @property
    def answer(self) -> str | None:
        """The label, unless it is undecided."""
        return None if self.undecided else self.label

    @property
    def performers(self) -> int:
        """How many performers answered."""
        return sum(self.votes.values())

    @property
    def disagreement(self) -> float:
        """Share of the performers (0..1) who did not choose what most chose; 0 where nobody answered."""
        return 1 - max(self.votes.values()) / self.performers if self.performers else 0.0


def labelled(
    examples: Mapping[str, Example], rows: Iterable[Mapping[str, Any]], answers: Iterable[tuple[str, str]]
) -> list[Labelled]:
    """Put together what became of each example, by key; `examples` are by the ids of the tasks that showed them.

    `rows` have task, label, probability (NaN or None: none) and undecided, such as those of a DataFrame
    (`frame.to_dict("records")`); `answers` are pairs of task and what a performer chose. An example without a row is
    there without label; rows and answers of other tasks, such as control tasks, are left aside.
    """
    by_task = {str(row["task"]): row for row in rows}
    votes: dict[str, Counter[str]] = {}
    for task_id, chosen in answers:
        votes.setdefault(task_id, Counter())[chosen] += 1
    records = (_labelled(each, by_task.get(at, NO_ROW), votes.get(at, {})) for at, each in examples.items())
    return sorted(records, key=lambda each: each.key)


def _labelled(example: Example, row: Mapping[str, Any], votes: Mapping[str, int]) -> Labelled:
    label, probability = row["label"], row["probability"]
    return Labelled(
        key=example.key,
        label=label if isinstance(label, str) else None,
        probability=None if probability is None or probability != probability else float(probability),
        undecided=bool(row["undecided"]),
        votes=dict(votes),
        truth=example.label,
        path=example.path,
        text=example.text,
    )
