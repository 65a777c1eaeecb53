"""A run's labels out of the store, as records: each with what performers chose."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from pathlib import Path

from app.labels import Labelled, labelled
from handlers.routing import Running
from store.contract import Store
from store.labels import TaskLabel

FIELD = "result"
ROLE = "main"


def records_of(
    store: Store,
    running: Running,
    method: str,
    truths: Mapping[str, str] | None = None,
    paths: Mapping[str, Path] | None = None,
) -> list[Labelled]:
    """Return the labels of a run's real tasks by a method, by key; a task without a label yet is undecided."""
    pool_id = running.pool_ids[ROLE]
    made = {each.task_id: each for each in store.labels(pool_id).get(method, ())}
    known = store.solutions_of(pool_id)
    votes: dict[str, Counter[str]] = defaultdict(Counter)
    for task_id, _, label in store.labels_of(pool_id, FIELD):
        votes[task_id][label] += 1
    rows = [
        _row(str(shown["item"]), made.get(task_id), votes[task_id])
        for task_id, _, shown in store.tasks_of(pool_id)
        if task_id not in known
    ]
    return labelled(rows, truths, paths)


def _row(key: str, made: TaskLabel | None, votes: Mapping[str, int]) -> dict[str, object]:
    return {
        "task": key,
        "label": made.label if made else None,
        "probability": made.probability if made else None,
        "undecided": made is None or made.undecided,
        "votes": votes,
    }
