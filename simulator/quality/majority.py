"""Majority vote: which answers of a task that has its overlap are those of the majority."""

from collections import Counter

from simulator.elements.draws import canonical
from simulator.records.counting import Counting, Metrics, collectors_of, rates
from simulator.records.state import Pool, State, Task


def metrics(counting: Counting) -> Metrics:
    """What a performer's answers came to in the tasks that have a majority."""
    threshold = int(counting.parameter("answer_threshold") or 0)
    marks = counting.marks(f"majority/{threshold}")
    return {"total_answers_count": marks.count} | rates(marks)


def count(state: State, task: Task) -> list[str]:
    """Mark each answer of a task that has its overlap as of the majority or not; ids of those who answered.

    An answer is of the majority when at least `answer_threshold` performers gave it, alike in all required output
    fields, reviewed or not. A task where no answer reaches the threshold counts for nobody.
    """
    pool = state.pools[task.pool_id]
    answers = _answers(state, pool, task)
    given = Counter(answers.values())
    for threshold in _thresholds(state, pool):
        decided = max(given.values(), default=0) >= threshold
        for user_id, answer in answers.items():
            tally = state.tallies[f"majority/{threshold}", pool.id, user_id]
            tally.drop(task.id)
            if decided:
                tally.put(state.now, task.id, float(given[answer] >= threshold))
    return sorted(answers)


def _thresholds(state: State, pool: Pool) -> set[int]:
    configs = [*collectors_of(pool), *collectors_of(state.project_of(pool))]
    return {int(each["parameters"]["answer_threshold"]) for each in configs if each["type"] == "MAJORITY_VOTE"}


def _answers(state: State, pool: Pool, task: Task) -> dict[str, str]:
    spec = state.project_of(pool).body["task_spec"]["output_spec"]
    fields = [name for name, field in spec.items() if field.get("required", True)]
    found: dict[str, str] = {}
    for identity in task.assignment_ids:
        page = state.assignments[identity]
        values = page.answer(task.id)
        if values is not None:
            found[page.user_id] = canonical({name: values.get(name) for name in fields})
    return found
