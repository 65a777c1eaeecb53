"""Labels that somebody knows, in: a CSV file of tasks or keys with their true labels."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from store.errors import CrowdhookError

NAMED_BY = ("task", "key")  # the column that says what a line is about; `task` where both are there


class WrongTruth(CrowdhookError):
    """These true labels cannot be used; put right what is named:"""


@dataclass(frozen=True, slots=True)
class TrueLabels:
    """True labels by the name of what they are about: task ids, or keys of items."""

    named_by: str  # task or key
    labels: Mapping[str, str]

    def by_task(self, keys: Mapping[str, str]) -> dict[str, str]:
        """Return the true label of each of these tasks (task id -> key) that is named."""
        names = {task: key if self.named_by == "key" else task for task, key in keys.items()}
        return {task: self.labels[name] for task, name in names.items() if name in self.labels}


def read_truth(path: Path) -> TrueLabels:
    """Read a CSV file with the columns label, and task or key; others are passed over. Raises WrongTruth, OSError."""
    labels: dict[str, str] = {}
    named_by = ""
    for line, row in _rows(path):
        named_by = next(name for name in NAMED_BY if name in row)
        name, label = row[named_by], row["label"]
        if not name or not label:
            raise WrongTruth(f"{path} line {line}: {named_by} and label must both be filled.")
        if labels.setdefault(name, label) != label:
            raise WrongTruth(f"{path} line {line}: {name!r} is {label!r} here and {labels[name]!r} above.")
    if not labels:
        raise WrongTruth(f"{path} line 1: no label follows the header.")
    return TrueLabels(named_by, labels)


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file, strict=True, restval="")
        try:
            header = reader.fieldnames or []
            if "label" not in header or not set(NAMED_BY) & set(header):
                raise WrongTruth(
                    f"{path} line 1: the columns are {', '.join(header)}; label and task or key are needed."
                )
            for row in reader:
                yield reader.line_num, row
        except UnicodeDecodeError as error:
            raise WrongTruth(f"{path} after line {reader.line_num}: not UTF-8 text.") from error
        except csv.Error as error:
            raise WrongTruth(f"{path} line {reader.line_num}: not CSV, {error}.") from error
