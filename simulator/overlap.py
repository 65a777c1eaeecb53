"""How many different performers a task still wants, and the places that pages take and give back."""

from bisect import bisect_left, insort

from simulator.errors import conflict
from simulator.lifecycle import supply
from simulator.state import Pool, State, Task

MOST = 30_000


def remaining(task: Task) -> int:
    """How many more performers may get this task."""
    return max(0, task.overlap - task.issued)


def answered(state: State, task: Task) -> int:
    """How many performers have answered this task."""
    return sum(state.assignments[identity].solutions is not None for identity in task.assignment_ids)


def take(state: State, task: Task) -> None:
    """A page with this task is issued."""
    task.issued += 1
    _list(state.pools[task.pool_id], task)


def give_back(state: State, task: Task) -> None:
    """A page with this task was skipped or ran out of time."""
    task.issued -= 1
    _list(state.pools[task.pool_id], task)
    supply(state, state.pools[task.pool_id])


def enlist(state: State, task: Task) -> None:
    """A new task is there to be taken."""
    _list(state.pools[task.pool_id], task)
    supply(state, state.pools[task.pool_id])


def _list(pool: Pool, task: Task) -> None:
    entry = (task.created, task.id)
    place = bisect_left(pool.open_tasks, entry)
    listed = place < len(pool.open_tasks) and pool.open_tasks[place] == entry
    if remaining(task) and not listed:
        insort(pool.open_tasks, entry)
    elif not remaining(task) and listed:
        del pool.open_tasks[place]


def change(state: State, task: Task, wanted: int, *, or_least: bool = False) -> None:
    """Set the overlap; below what was issued is a conflict, or with `or_least` the least that is possible."""
    if wanted < task.issued and not or_least:
        raise conflict("ASSIGNMENTS_COUNT_CONFLICT", f"{task.issued} pages with this task are issued already")
    overlap = max(wanted, task.issued)
    if overlap == task.overlap:
        return
    task.overlap = overlap
    state.record("OVERLAP", task.id, overlap=overlap)
    enlist(state, task)
    if answered(state, task) == overlap:
        state.completed.add(task.id)
