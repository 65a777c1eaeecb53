"""A run's labels out of the store, as records: each with what performers chose."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from app.examples import Example
from app.labels import Labelled, labelled
from handlers.routing import Running
from store.contract import Store

FIELD = "result"
ROLE = "main"


def records_of(
    store: Store,
    running: Running,
    method: str,
    truths: Mapping[str, str] | None = None,
    paths: Mapping[str, Path] | None = None,
) -> list[Labelled]:
    """Return what became of a run's real tasks by a method, by key; truths and files are by key, too."""
    pool_id = running.pool_ids[ROLE]
    known = store.solutions_of(pool_id)
    keys = {task: str(shown["item"]) for task, _, shown in store.tasks_of(pool_id) if task not in known}
    examples = {
        task: Example(key, path=(paths or {}).get(key), label=(truths or {}).get(key)) for task, key in keys.items()
    }
    rows = [{"task": each.task_id, **asdict(each)} for each in store.labels(pool_id).get(method, ())]
    answers = ((task, label) for task, _, label in store.labels_of(pool_id, FIELD))
    return labelled(examples, rows, answers)
