"""A run's labels out of the store, as records: each with what performers chose."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from app.examples import Example
from app.labels import Labelled, labelled
from handlers.routing import Running
from store.contract import Store
from store.records import Json

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
    real = {task: shown for task, _, shown in store.tasks_of(pool_id) if task not in known}
    examples = {task: _example(shown, truths or {}, paths or {}) for task, shown in real.items()}
    rows = [{"task": each.task_id, **asdict(each)} for each in store.labels(pool_id).get(method, ())]
    answers = ((task, label) for task, _, label in store.labels_of(pool_id, FIELD))
    return labelled(examples, rows, answers)


def _example(shown: Json, truths: Mapping[str, str], paths: Mapping[str, Path]) -> Example:
    key, text = str(shown["item"]), shown.get("text")
    return Example(key, path=paths.get(key), text=None if text is None else str(text), label=truths.get(key))
