"""What was made of many performers' answers: one label a task."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TaskLabel:
    """The label of one task, by one method of aggregation."""

    task_id: str
    label: str
    probability: float | None  # in 0..1, as the method reckons it; None: the method gives none
    undecided: bool = False  # another label is exactly as likely
