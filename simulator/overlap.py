"""How many different performers a task still wants, and the places that pages take and give back."""

from simulator import shelves
from simulator.errors import conflict
from simulator.lifecycle import supply
from simulator.state import State, Task

MOST = 30_000


def answered(state: State, task: Task) -> int:
    """How many performers have answered this task."""
    return sum(state.assignments[identity].solutions is not None for identity in task.assignment_ids)


def fulfilled(state: State, task: Task) -> bool:
    """Whether as many performers as are wanted have answered this task."""
    return task.overlap is not None and answered(state, task) == task.overlap


def take(state: State, task: Task) -> None:
    """A page with this task is issued."""
    task.issued += 1
    shelves.look_at(state, task)


def give_back(state: State, task: Task) -> None:
    """A page with this task was skipped or ran out of time."""
    task.issued -= 1
    shelves.look_at(state, task)
    supply(state, state.pools[task.pool_id])


def enlist(state: State, task: Task) -> None:
    """A task is there to be taken, new or of another kind than before."""
    shelves.put(state, task)
    supply(state, state.pools[task.pool_id])


def change(state: State, task: Task, wanted: int | None, *, or_least: bool = False) -> None:
    """Set the overlap, None being without end; below what was issued is a conflict, or with `or_least` the least."""
    if wanted is not None and wanted < task.issued:
        if not or_least:
            raise conflict("ASSIGNMENTS_COUNT_CONFLICT", f"{task.issued} pages with this task are issued already")
        wanted = task.issued
    if wanted == task.overlap:
        return
    shelves.take_away(state, task)
    task.overlap = wanted
    state.record("OVERLAP", task.id, overlap=wanted)
    enlist(state, task)
    if task.kind == "real" and fulfilled(state, task):
        state.completed.add(task.id)
