"""Tasks: created, changed and shown."""

from simulator.contents import baselines, known
from simulator.elements.clock import iso
from simulator.elements.errors import missing
from simulator.nouns.batches import Wording
from simulator.nouns.placing import Noun, Wishes
from simulator.nouns.task_forms import FIELDS, OVERLAP, check_patch, flaws, known_part, overlap_of
from simulator.offering import lifecycle, overlap, shelves
from simulator.records.state import Json, Place, Pool, State, Task


def make(state: State, item: Json, wishes: Wishes, line: int) -> Task:
    """A new task of these good fields."""
    body = {name: item[name] for name in FIELDS if item.get(name) is not None}
    pool = state.pools[body["pool_id"]]
    task = add(state, pool, body, overlap_of(pool, item, wishes))
    told: Json = {"overlap": task.overlap, "input_values": body["input_values"]}
    state.record("TASK_CREATED", task.id, pool_id=pool.id, **told, **known_part(body), **baselines.part(body))
    overlap.enlist(state, task)
    return task


def add(state: State, pool: Pool, body: Json, wanted: int | None, suite_id: str | None = None) -> Task:
    """A new task that is in the pool and not on its shelves yet."""
    identity = state.identify("task", pool.id, body)
    task = Task(identity, pool.id, body, state.now, known.kind_of(body), wanted, suite_id=suite_id)
    state.tasks[identity] = task
    pool.task_ids.append(identity)
    pool.tasks.enter(task, "id", "created")
    return task


NOUN = Noun(Wording("TASK_CREATE", "TASK_VALIDATE", "task_id"), lambda item: [item], flaws, make, "task")


def get(state: State, identity: str) -> Task:
    """The task with this id, or DOES_NOT_EXIST."""
    if identity not in state.tasks:
        raise missing("task", identity)
    return state.tasks[identity]


def patch(state: State, task: Task, body: Json, *, open_pool: bool) -> Task:
    """Change a task's overlap, its preliminary answers, or its known solutions and hint, which may change its kind.

    With `open_pool` its pool is opened afterwards, if it can be.
    """
    check_patch(state, task, body, (*OVERLAP, *known.FIELDS, baselines.FIELD))
    if known_part(body):
        _teach(state, task, known_part(body))
    if baselines.part(body):
        task.body = task.body | baselines.part(body)
        state.record("TASK_BASELINE", task.id, **baselines.part(body))
    if body.get("overlap") is not None or body.get("infinite_overlap"):
        overlap.change(state, task, body.get("overlap"))
    if open_pool:
        lifecycle.open_if_possible(state, state.pools[task.pool_id])
    return task


def patch_overlap(state: State, task: Task, body: Json) -> Task:
    """Change a task's overlap (0 stops it); where so few are no more possible, to the least that is."""
    check_patch(state, task, body, OVERLAP, least=0)
    overlap.change(state, task, body.get("overlap"), or_least=True)
    return task


def _teach(state: State, task: Task, told: Json) -> None:
    """Give a task these known solutions and this hint; answers from now on are marked by them."""
    shelves.take_away(state, task)
    task.body = task.body | told
    task.kind = known.kind_of(task.body)
    state.record("TASK_KNOWN", task.id, **told)
    overlap.enlist(state, task)


def suite_ids(state: State, task: Task) -> list[str]:
    """Ids of the suites in which the task is, or was mixed."""
    if task.suite_id is not None:
        return [task.suite_id]
    return [state.assignments[identity].suite_id for identity in task.assignment_ids]


def view(state: State, task: Task) -> Json:
    """A task as the API shows it; one in a suite of the requester's with the suite's numbers."""
    return task.body | counted(shelves.place_of(state, task)) | {"id": task.id, "created": iso(task.created)}


def counted(place: Place) -> Json:
    """For whom a task or suite is, and how often it is issued, as the API shows it."""
    kept: Json = {"reserved_for": [], "unavailable_for": []}
    told = {name: place.body[name] for name in kept if name in place.body}
    endless, left = place.overlap is None, shelves.remaining(place)
    return kept | told | {"overlap": place.overlap, "remaining_overlap": left, "infinite_overlap": endless}
