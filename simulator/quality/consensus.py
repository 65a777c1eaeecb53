"""What the answers to one task come to, by skill: the same for aggregation as for dynamic overlap."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from simulator.contents import baselines
from simulator.quality import weighted
from simulator.records.state import Assignment, Json, State, Task


class Consensus(NamedTuple):
    """The likeliest value of each field, and how sure (0..1) the least certain of them is."""

    values: Json
    confidence: float


def of_task(
    state: State, task: Task, pages: Iterable[Assignment], skill_id: str, names: Sequence[str]
) -> Consensus | None:
    """What these pages' answers to a task come to in these output fields; None when they say nothing of any.

    Everybody's answer weighs by his value of the skill now; preliminary answers of the task count as answers, too.
    """
    spec = state.project_of(state.pools[task.pool_id]).body["task_spec"]["output_spec"]
    said = [(page.answer(task.id) or {}, _weight(state, skill_id, page.user_id)) for page in pages]
    decided = {
        name: weighted.decide([*_given(said, name), *_given(_before(task), name)], weighted.options(spec[name]) or 0)
        for name in names
        if name in spec and any(True for _ in _given(said, name))
    }
    if not decided:
        return None
    return Consensus({name: value for name, (value, _) in decided.items()}, min(c for _, c in decided.values()))


def _given(said: Iterable[tuple[Json, float]], name: str) -> Iterator[tuple[Any, float]]:
    return ((values[name], weight) for values, weight in said if values.get(name) is not None)


def _before(task: Task) -> list[tuple[Json, float]]:
    """The task's preliminary answers, with the confidence in each."""
    known: list[Json] = task.body.get(baselines.FIELD) or []
    return [(each["output_values"], weighted.weight(100.0 * _confidence(each))) for each in known]


def _confidence(solution: Json) -> float:
    told: float | None = solution.get("confidence_weight")
    return 1.0 if told is None else told


def _weight(state: State, skill_id: str, user_id: str) -> float:
    held = state.user_skills.get((skill_id, user_id))
    return weighted.weight(held.value if held else None)
