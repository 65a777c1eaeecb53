"""Labels that somebody knows, in: a CSV file of tasks or keys with their true labels."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from app.rows import named_rows
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
    header, rows = named_rows(path, WrongTruth)
    named_by = next((name for name in NAMED_BY if name in header), "")
    if "label" not in header or not named_by:
        raise WrongTruth(f"{path} line 1: the columns are {', '.join(header)}; label and task or key are needed.")
    labels: dict[str, str] = {}
    for line, row in rows:
        name, label = row[named_by], row["label"]
        if not name or not label:
            raise WrongTruth(f"{path} line {line}: {named_by} and label must both be filled.")
        if labels.setdefault(name, label) != label:
            raise WrongTruth(f"{path} line {line}: {name!r} is {label!r} here and {labels[name]!r} above.")
    if not labels:
        raise WrongTruth(f"{path} line 1: no label follows the header.")
    return TrueLabels(named_by, labels)
