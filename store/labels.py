"""What was made of many performers' answers: one label a task."""

from dataclasses import dataclass
from typing import Any

from store.canonical import to_text


@dataclass(frozen=True, slots=True)
class TaskLabel:
    """The label of one task, by one method of aggregation."""

    task_id: str
    label: str
    probability: float | None  # in 0..1, as the method reckons it; None: the method gives none
    undecided: bool = False  # another label is exactly as likely


def label_of(value: Any) -> str:
    """Return the label that an output value is: a text as it is, anything else as JSON says it."""
    return value if isinstance(value, str) else to_text(value)
