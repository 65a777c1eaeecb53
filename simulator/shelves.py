"""A pool's tasks that can still be issued, kept in the order in which they are, and whether any work is left."""

from bisect import bisect_left, insort

from simulator.draws import fraction
from simulator.state import KINDS, Pool, Shelf, State, Task


def remaining(task: Task) -> int | None:
    """How many more performers may get this task; None for any number."""
    return None if task.overlap is None else max(0, task.overlap - task.issued)


def put(state: State, task: Task) -> None:
    """A task comes to its pool, as one of its kind."""
    task.rank = _rank(state, task)
    if task.overlap is not None:
        _shelf(state, task).finite += 1
    look_at(state, task)


def take_away(state: State, task: Task) -> None:
    """A task is about to become one of another kind, or to want another number of performers."""
    shelf = _shelf(state, task)
    if task.overlap is not None:
        shelf.finite -= 1
    _set(shelf, task, wanted=False)


def look_at(state: State, task: Task) -> None:
    """A task's places were taken or given back: it can be issued again, or no more."""
    _set(_shelf(state, task), task, wanted=remaining(task) != 0)


def rearrange(state: State, pool: Pool) -> None:
    """The order in which the pool issues its tasks may have changed."""
    for task in (state.tasks[identity] for identity in pool.task_ids):
        task.rank = _rank(state, task)
    for shelf in pool.shelves.values():
        shelf.open = sorted((state.tasks[identity].rank, identity) for _, identity in shelf.open)


def complete(pool: Pool) -> bool:
    """Whether all that the pool wants is issued."""
    counted = _counted(pool)
    return counted is not None and counted.unfinished == 0


def unfinished(pool: Pool) -> int:
    """How many tasks there are of which the pool wants more answers than it has issued; endless ones are none."""
    counted = _counted(pool)
    return counted.unfinished if counted else 0


def _counted(pool: Pool) -> Shelf | None:
    """What decides when the pool is done: its real tasks, or where none of them has an end the others that have."""
    return next((pool.shelves[kind] for kind in KINDS if pool.shelves[kind].finite), None)


def _shelf(state: State, task: Task) -> Shelf:
    return state.pools[task.pool_id].shelves[task.kind]


def _rank(state: State, task: Task) -> float:
    """Creation, or chance, which is the same for everybody."""
    mixer = state.pools[task.pool_id].body.get("mixer_config") or {}
    in_order = mixer.get("mix_tasks_in_creation_order")
    return task.created if in_order else fraction(state.crowd.seed, "mixed", task.id)


def _set(shelf: Shelf, task: Task, *, wanted: bool) -> None:
    entry = (task.rank, task.id)
    place = bisect_left(shelf.open, entry)
    listed = place < len(shelf.open) and shelf.open[place] == entry
    if wanted and not listed:
        insort(shelf.open, entry)
    elif listed and not wanted:
        del shelf.open[place]
    if task.overlap is not None:
        shelf.unfinished += wanted - listed
