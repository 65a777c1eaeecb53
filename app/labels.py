"""What a classification came to: of each image or text its label, how sure it is, and what people said."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Labelled:
    """One image or text with the label that performers' answers were made into."""

    key: str
    label: str | None  # value of a class; None, or whatever it is while `undecided`: no label
    probability: float | None  # that the label is right, as the method says; None: it says nothing
    undecided: bool  # no class has more for it than the others
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
    rows: Iterable[Mapping[str, Any]],
    truths: Mapping[str, str] | None = None,
    paths: Mapping[str, Path] | None = None,
    texts: Mapping[str, str] | None = None,
) -> list[Labelled]:
    """Read rows of labels (task: the item's key, label, probability, undecided, votes by class) as records, by key.

    They may come from a DataFrame (`frame.to_dict("records")`): NaN is nothing. Truths, files and texts are by key.
    """
    return sorted((_labelled(row, truths or {}, paths or {}, texts or {}) for row in rows), key=lambda each: each.key)


def _labelled(
    row: Mapping[str, Any], truths: Mapping[str, str], paths: Mapping[str, Path], texts: Mapping[str, str]
) -> Labelled:
    key, label, probability = str(row["task"]), row["label"], row["probability"]
    return Labelled(
        key=key,
        label=label if isinstance(label, str) else None,
        probability=None if probability is None or probability != probability else float(probability),
        undecided=bool(row["undecided"]),
        votes={str(label): int(count) for label, count in row["votes"].items() if count},
        truth=truths.get(key),
        path=paths.get(key),
        text=texts.get(key),
    )
