"""Tasks: created one by one or in bulk, with the operation log that clients read, changed and shown."""

from simulator import known, lifecycle, overlap, shelves
from simulator.batches import Batch, Wording
from simulator.clock import iso
from simulator.errors import missing
from simulator.state import Json, Pool, State, Task
from simulator.task_forms import FIELDS, OVERLAP, Wishes, check_patch, check_size, flaws, known_part, overlap_of

WORDING = Wording("TASK_CREATE", "TASK_VALIDATE", "task_id")


def create(state: State, items: list[Json], wishes: Wishes) -> Batch:
    """Create the good tasks of a request, or none when one is bad and `skip_invalid_items` is not set.

    Raises VALIDATION_ERROR for an empty or oversized request, MIXER_CONFIG_REQUIRED for a pool without mixing.
    """
    check_size(items, wishes)
    flawed = {index: found for index, item in enumerate(items) if (found := flaws(state, item, wishes))}
    created: dict[int, Task] = {}
    if not flawed or wishes.skip_invalid_items:
        good = ((index, item) for index, item in enumerate(items) if index not in flawed)
        created = {index: _create(state, item, wishes) for index, item in good}
    opened = _open(state, {task.pool_id for task in created.values()}) if wishes.open_pool else []
    return Batch(WORDING, items, {index: task.id for index, task in created.items()}, flawed, opened)


def _create(state: State, item: Json, wishes: Wishes) -> Task:
    body = {name: item[name] for name in FIELDS if item.get(name) is not None}
    pool = state.pools[body["pool_id"]]
    identity = state.identify("task", pool.id, body)
    task = Task(identity, pool.id, body, state.now, known.kind_of(body), overlap_of(pool, item, wishes))
    state.tasks[identity] = task
    pool.task_ids.append(identity)
    pool.tasks.enter(task, "id", "created")
    told: Json = {"overlap": task.overlap, "input_values": body["input_values"]}
    state.record("TASK_CREATED", identity, pool_id=pool.id, **told, **known_part(body))
    overlap.enlist(state, task)
    return task


def _open(state: State, pool_ids: set[str]) -> list[Json]:
    closed = [pool_id for pool_id in sorted(pool_ids) if state.pools[pool_id].status == "CLOSED"]
    return [_opening(state, state.pools[pool_id]) for pool_id in closed]


def _opening(state: State, pool: Pool) -> Json:
    """Open a pool for its new tasks; a pool that cannot be opened is only logged, as Toloka does."""
    entry: Json = {"type": "POOL_OPEN", "success": True, "input": {"pool_id": pool.id}, "output": {}}
    obstacle = lifecycle.obstacle(state, pool)
    if obstacle is not None:
        return entry | {"success": False, "output": {"code": obstacle.code, "message": str(obstacle)}}
    lifecycle.open_pool(state, pool)
    return entry


def get(state: State, identity: str) -> Task:
    """The task with this id, or DOES_NOT_EXIST."""
    if identity not in state.tasks:
        raise missing("task", identity)
    return state.tasks[identity]


def patch(state: State, task: Task, body: Json) -> Task:
    """Change a task's overlap (0 stops it), or its known solutions and hint, which may make it one of another kind."""
    check_patch(state, task, body, (*OVERLAP, *known.FIELDS))
    if known_part(body):
        _teach(state, task, known_part(body))
    if body.get("overlap") is not None or body.get("infinite_overlap"):
        overlap.change(state, task, body.get("overlap"))
    return task


def patch_overlap(state: State, task: Task, body: Json) -> Task:
    """Change a task's overlap; where so few are no more possible, to the least that is."""
    check_patch(state, task, body, OVERLAP)
    overlap.change(state, task, body.get("overlap"), or_least=True)
    return task


def _teach(state: State, task: Task, told: Json) -> None:
    """Give a task these known solutions and this hint; answers from now on are marked by them."""
    shelves.take_away(state, task)
    task.body = task.body | told
    task.kind = known.kind_of(task.body)
    state.record("TASK_KNOWN", task.id, **told)
    overlap.enlist(state, task)


def view(task: Task) -> Json:
    """A task as the API shows it."""
    kept: Json = {"reserved_for": [], "unavailable_for": []}
    endless = task.overlap is None
    counted = {"overlap": task.overlap, "remaining_overlap": shelves.remaining(task), "infinite_overlap": endless}
    return kept | task.body | counted | {"id": task.id, "created": iso(task.created)}
