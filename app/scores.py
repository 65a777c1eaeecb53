"""How good labels are, against the truth: which class is taken for which, precision and recall of each."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean

from app.labels import Labelled
from app.quality import Share


@dataclass(frozen=True, slots=True)
class ClassScore:
    """One class: of those labelled so, how many are; of those that are, how many are labelled so."""

    label: str
    precision: Share
    recall: Share

    @property
    def support(self) -> int:
        """How many are of this class in truth."""
        return self.recall.total

    @property
    def f1(self) -> float | None:
        """The harmonic mean of precision and recall, 0..1; None where there is nothing of this class."""
        total = self.precision.total + self.recall.total
        return 2 * self.recall.count / total if total else None


@dataclass(frozen=True, slots=True)
class Pair:
    """One class taken for another: how often, and which share of its own that is (0..1)."""

    truth: str
    label: str
    count: int
    share: float


@dataclass(frozen=True, slots=True)
class Confusion:
    """Truths against labels: a row for each true class, a column for each label, the last one for none."""

    classes: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]

    @property
    def right(self) -> Share:
        """Those that are labelled as they are, of all whose truth is known."""
        return Share(sum(row[at] for at, row in enumerate(self.counts)), sum(map(sum, self.counts)))

    @property
    def without_label(self) -> int:
        """How many have none."""
        return sum(row[-1] for row in self.counts)

    def scores(self) -> list[ClassScore]:
        """Return the score of each class."""
        return [
            ClassScore(label, Share(row[at], sum(each[at] for each in self.counts)), Share(row[at], sum(row)))
            for at, (label, row) in enumerate(zip(self.classes, self.counts, strict=True))
        ]

    def macro_f1(self) -> float | None:
        """Return the mean F1 of the classes that occur; None where none does."""
        known = [each.f1 for each in self.scores() if each.f1 is not None]
        return fmean(known) if known else None


def confusion(records: Iterable[Labelled], classes: Sequence[str]) -> Confusion:
    """Count truths against labels; records whose truth is no class are left out, another label counts as none."""
    pairs = Counter((each.truth, each.answer if each.answer in classes else None) for each in records)
    return Confusion(
        tuple(classes), tuple(tuple(pairs[truth, label] for label in (*classes, None)) for truth in classes)
    )


def most_confused(counts: Sequence[Sequence[int]], classes: Sequence[str], most: int) -> list[Pair]:
    """Return the classes most often taken for another one, the most frequent first; rows are true classes."""
    pairs = (pair for truth, row in zip(classes, counts, strict=True) for pair in _taken(truth, row, classes))
    return sorted(pairs, key=lambda each: (-each.count, -each.share, each.truth, each.label))[:most]


def _taken(truth: str, row: Sequence[int], classes: Sequence[str]) -> Iterator[Pair]:
    for label, count in zip(classes, row, strict=False):
        if count and label != truth:
            yield Pair(truth, label, count, count / sum(row))
