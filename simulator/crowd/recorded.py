"""Recorded answers played back: everybody takes the tasks that he answered, and answers and works as he did."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from simulator.crowd.conduct import Conduct
from simulator.crowd.performers import Performer
from store.errors import CrowdhookError


class RepeatedVote(CrowdhookError):
    """A performer answers a task once: take all but one of these rows out."""


@dataclass(frozen=True, slots=True)
class Vote:
    """One recorded answer: `label` is the output field's value, `seconds` how long it took, None when nobody knows."""

    task: str
    performer: str
    label: Any
    seconds: float | None = None


class Recorded:
    """Both the crowd and the answers of a world: `World(recorded, recorded, start=...)`.

    `task_of` tells from a task's input values which recorded task it is; `output` is the field that gets the label,
    where a project has it, else the only one that is required does. The pool should have no control tasks, and for
    each task the overlap that `overlaps` says; its filter asks nobody for anything but skills. Nobody skips a page,
    gives up, or takes a task that he did not answer. Performers keep their recorded names as user ids. Raises
    RepeatedVote.
    """

    def __init__(
        self,
        votes: Iterable[Vote],
        *,
        task_of: Callable[[Mapping[str, Any]], str],
        output: str = "result",
        seed: int = 0,
        seconds_per_task: float = 12.0,
    ) -> None:
        self._task_of, self._output, self.seed = task_of, output, seed
        self._conduct = Conduct(skip=0.0, expire=0.0, likes=1.0, seconds_per_task=seconds_per_task)
        self._votes: dict[tuple[str, str], Vote] = {}
        for vote in votes:
            if self._votes.setdefault((vote.task, vote.performer), vote) is not vote:
                raise RepeatedVote(f"(task {vote.task}, performer {vote.performer})")

    @property
    def overlaps(self) -> Mapping[str, int]:
        """How many performers answered each task: its overlap."""
        return Counter(task for task, _ in self._votes)

    def people(self) -> list[Performer]:
        """Everybody who answered anything, sorted by id."""
        names = sorted({performer for _, performer in self._votes})
        return [self._performer(name) for name in names]

    def _performer(self, name: str) -> Performer:
        return Performer(name, "recorded", 1.0, self.seed, pace=1.0, screened=False, conduct=self._conduct)

    def newcomer(self, number: int) -> None:
        """Nobody else was recorded."""

    def takes(self, performer: Performer, inputs: Mapping[str, Any]) -> bool:
        """Say whether he answered this task."""
        return (self._task_of(inputs), performer.id) in self._votes

    def seconds(self, performer: Performer, inputs: Mapping[str, Any]) -> float | None:
        """How long the answer took him, if that was recorded."""
        return self._votes[self._task_of(inputs), performer.id].seconds

    def __call__(self, task: Mapping[str, Any], project: Mapping[str, Any], performer: Performer) -> dict[str, Any]:
        """What he answered, as the output field's type wants it. Raises LookupError where no field can be meant."""
        spec = project["task_spec"]["output_spec"]
        name = self._field(spec)
        label = self._votes[self._task_of(task["input_values"]), performer.id].label
        return {name: _as_type(label, spec[name]["type"])}

    def _field(self, spec: Mapping[str, Any]) -> str:
        """The output field that gets the label: the named one, else the only one that is required."""
        if self._output in spec:
            return self._output
        required = [name for name, field in spec.items() if field.get("required", True)]
        if len(required) != 1:
            raise LookupError(f"no output field {self._output}, and not one field alone that is required")
        return required[0]


def _as_type(label: Any, kind: str) -> Any:
    """A label as this type: true, false and numbers that were recorded as text are meant."""
    if isinstance(label, str) and kind in ("boolean", "integer", "float"):
        return json.loads(label.strip().lower())
    return label
