"""A pool's places that can still be issued, kept in the order in which they are, and whether any work is left."""

from bisect import bisect_left, insort
from collections.abc import Iterator, Mapping

from simulator.elements.draws import fraction
from simulator.records.state import SUITE, Place, Pool, Rank, Shelf, State, Suite, Task


def place_of(state: State, task: Task) -> Place:
    """What of this task is issued: the suite that it was put in, else the task itself."""
    return task if task.suite_id is None else state.suites[task.suite_id]


def tasks_of(state: State, place: Place) -> Iterator[Task]:
    """The tasks that are issued with this: a suite's, else the task itself."""
    task_ids = place.task_ids if isinstance(place, Suite) else (place.id,)
    return (state.tasks[identity] for identity in task_ids)


def remaining(place: Place) -> int | None:
    """How many more performers may get this; None for any number."""
    return None if place.overlap is None else max(0, place.overlap - place.issued)


def put(state: State, place: Place) -> None:
    """A task or suite comes to its pool, as one of its kind."""
    place.rank = _rank(state, place)
    if place.overlap is not None:
        _shelf(state, place).finite += 1
    look_at(state, place)


def take_away(state: State, place: Place) -> None:
    """A task or suite is about to become one of another kind or rank, or to want another number of performers."""
    shelf = _shelf(state, place)
    if place.overlap is not None:
        shelf.finite -= 1
    _set(shelf, place, wanted=False)


def look_at(state: State, place: Place) -> None:
    """Some of its overlap was taken or given back: it can be issued again, or no more."""
    _set(_shelf(state, place), place, wanted=remaining(place) != 0)


def rearrange(state: State, pool: Pool) -> None:
    """The order in which the pool issues its tasks or suites may have changed."""
    tasks, suites = map(state.tasks.__getitem__, pool.task_ids), map(state.suites.__getitem__, pool.suite_ids)
    for place in (*tasks, *suites):
        place.rank = _rank(state, place)
    for kind, shelf in pool.shelves.items():
        shelf.open = sorted((place.rank, place.id) for place in open_places(state, pool, kind))


def open_places(state: State, pool: Pool, kind: str) -> Iterator[Place]:
    """Those of this kind that can still be issued, in order."""
    places: Mapping[str, Place] = state.suites if kind == SUITE else state.tasks
    return (places[identity] for _, identity in pool.shelves[kind].open)


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
    return next((shelf for shelf in pool.shelves.values() if shelf.finite), None)


def _shelf(state: State, place: Place) -> Shelf:
    return state.pools[place.pool_id].shelves[place.kind]


def _rank(state: State, place: Place) -> Rank:
    """Creation, or chance, which is the same for everybody; among suites in order of creation their override first."""
    pool = state.pools[place.pool_id]
    if isinstance(place, Suite):
        if (pool.body.get("assignments_issuing_config") or {}).get("issue_task_suites_in_creation_order"):
            return (-place.body.get("issuing_order_override", 0.0), place.created, place.line)
    elif (pool.body.get("mixer_config") or {}).get("mix_tasks_in_creation_order"):
        return (place.created,)
    return (fraction(state.crowd.seed, "mixed", place.id),)


def _set(shelf: Shelf, place: Place, *, wanted: bool) -> None:
    entry = (place.rank, place.id)
    at = bisect_left(shelf.open, entry)
    listed = at < len(shelf.open) and shelf.open[at] == entry
    if wanted and not listed:
        insort(shelf.open, entry)
    elif listed and not wanted:
        del shelf.open[at]
    if place.overlap is not None:
        shelf.unfinished += wanted - listed
