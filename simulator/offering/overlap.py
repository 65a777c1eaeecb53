"""How many different performers a task or suite still wants, and the places that pages take and give back."""

from collections.abc import Iterable

from simulator.elements.errors import conflict
from simulator.offering import shelves
from simulator.offering.lifecycle import supply
from simulator.records.state import Assignment, Place, State, Task

MOST = 30_000


def held(state: State, page: Assignment) -> list[Place]:
    """What this page holds a place of: each of its tasks, or the suite that they were put in."""
    suite = state.suites[page.suite_id]
    return [state.tasks[identity] for identity in page.task_ids] if suite.mixed else [suite]


def answered(state: State, place: Place) -> int:
    """How many performers have answered this."""
    return sum(state.assignments[identity].solutions is not None for identity in place.assignment_ids)


def fulfilled(state: State, task: Task) -> bool:
    """Whether as many performers as are wanted have answered this task."""
    place = shelves.place_of(state, task)
    return place.overlap is not None and answered(state, place) == place.overlap


def take(state: State, place: Place) -> None:
    """A page with this is issued."""
    place.issued += 1
    shelves.look_at(state, place)


def give_back(state: State, place: Place) -> None:
    """A page with this was skipped or ran out of time."""
    place.issued -= 1
    shelves.look_at(state, place)
    supply(state, state.pools[place.pool_id])


def enlist(state: State, place: Place) -> None:
    """A task or suite is there to be taken, new or otherwise than before."""
    shelves.put(state, place)
    supply(state, state.pools[place.pool_id])


def change(state: State, place: Place, wanted: int | None, *, or_least: bool = False) -> None:
    """Set the overlap, None being without end; below what was issued is a conflict, or with `or_least` the least."""
    if wanted is not None and wanted < place.issued:
        if not or_least:
            raise conflict("ASSIGNMENTS_COUNT_CONFLICT", f"{place.issued} pages with it are issued already")
        wanted = place.issued
    if wanted == place.overlap:
        return
    shelves.take_away(state, place)
    place.overlap = wanted
    state.record("OVERLAP", place.id, overlap=wanted)
    enlist(state, place)
    complete(state, shelves.tasks_of(state, place))


def complete(state: State, tasks: Iterable[Task]) -> None:
    """Note those of these tasks that are real and have their overlap now: votes on them are to be counted."""
    state.completed.update(task.id for task in tasks if task.kind == "real" and fulfilled(state, task))
