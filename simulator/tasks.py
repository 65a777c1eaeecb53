"""Tasks: checked and created one by one or in bulk, with the operation log that clients read."""

from dataclasses import dataclass
from typing import Any

from simulator import lifecycle, overlap
from simulator.clock import iso
from simulator.draws import canonical
from simulator.errors import Flaw, Refused, flaw, invalid, missing, not_allowed, required, wrong_status
from simulator.shapes import fields, flag, insist, listed, text
from simulator.spec import flaws_of
from simulator.state import Json, Pool, State, Task

FIELDS = ("pool_id", "input_values", "overlap", "infinite_overlap", "reserved_for", "unavailable_for")
READ_ONLY = ("id", "created", "remaining_overlap", "origin_task_id")
NOT_YET = ("known_solutions", "message_on_unknown_solution", "baseline_solutions")
INDEX = "__item_idx"
TASK = fields(
    {"pool_id": text, "infinite_overlap": flag, "reserved_for": listed(text), "unavailable_for": listed(text)}
)
MOST_TASKS = 5_000
MOST_BYTES = 1_048_576


@dataclass(frozen=True, slots=True)
class Wishes:
    """How a request wants its tasks created: the flags of POST /tasks."""

    allow_defaults: bool = False
    skip_invalid_items: bool = False
    open_pool: bool = False
    most: int = MOST_TASKS


@dataclass(frozen=True, slots=True)
class Batch:
    """What became of a request's tasks, by their index in the request."""

    items: list[Json]
    created: dict[int, Task]
    flawed: dict[int, dict[str, Flaw]]
    opened: list[Json]

    def log(self) -> list[Json]:
        """The operation log's entries; nothing is said of a good task that was not created."""
        return [self._entry(index, item) for index, item in enumerate(self.items) if self._said(index)] + self.opened

    def _said(self, index: int) -> bool:
        return index in self.created or index in self.flawed

    def _entry(self, index: int, item: Json) -> Json:
        if index in self.created:
            return {
                "type": "TASK_CREATE",
                "success": True,
                "input": item,
                "output": {"task_id": self.created[index].id},
            }
        return {"type": "TASK_VALIDATE", "success": False, "input": item, "output": self.flawed[index]}

    def counts(self) -> Json:
        """The operation's details."""
        total, bad = len(self.items), len(self.flawed)
        return {
            "items_count": total,
            "total_count": total,
            "valid_count": total - bad,
            "not_valid_count": bad,
            "success_count": len(self.created),
            "failed_count": total - len(self.created),
        }


def create(state: State, items: list[Json], wishes: Wishes) -> Batch:
    """Create the good tasks of a request, or none when one is bad and `skip_invalid_items` is not set.

    Raises VALIDATION_ERROR for an empty or oversized request, MIXER_CONFIG_REQUIRED for a pool without mixing.
    """
    _check_size(items, wishes)
    flawed = {index: found for index, item in enumerate(items) if (found := _flaws(state, item, wishes))}
    created: dict[int, Task] = {}
    if not flawed or wishes.skip_invalid_items:
        good = ((index, item) for index, item in enumerate(items) if index not in flawed)
        created = {index: _create(state, item, wishes) for index, item in good}
    opened = _open(state, {task.pool_id for task in created.values()}) if wishes.open_pool else []
    return Batch(items, created, flawed, opened)


def _check_size(items: list[Json], wishes: Wishes) -> None:
    if not items:
        raise invalid({"": required()})
    if len(items) > wishes.most:
        raise Refused(413, "ENTITY_TOO_LARGE", f"at most {wishes.most} tasks in a request")
    if sum(len(canonical(item.get("input_values")).encode()) for item in items) > MOST_BYTES:
        raise Refused(413, "ENTITY_TOO_LARGE", f"at most {MOST_BYTES} bytes of input values in a request")


def _flaws(state: State, item: Json, wishes: Wishes) -> dict[str, Flaw]:
    found: dict[str, Flaw] = {name: not_allowed() for name in item if name not in (*FIELDS, *READ_ONLY, INDEX)}
    found |= {name: not_allowed(f"{name} is not simulated") for name in NOT_YET if name in item}
    found |= TASK(item, "")
    pool = state.pools.get(str(item.get("pool_id")))
    if pool is None:
        return found | {"pool_id": flaw("ENTITY_DOES_NOT_EXIST", "pool does not exist")}
    if pool.status == "ARCHIVED":
        raise wrong_status(f"pool {pool.id} is archived", "OPEN", "CLOSED")
    if not pool.body.get("mixer_config"):
        raise Refused(409, "MIXER_CONFIG_REQUIRED", f"pool {pool.id} has no mixer_config")
    if not isinstance(item.get("input_values"), dict):
        return found | {"input_values": required()}
    spec = state.project_of(pool).body["task_spec"]["input_spec"]
    found |= flaws_of(item["input_values"], spec, "input_values")
    if item.get("infinite_overlap"):
        found["infinite_overlap"] = not_allowed("infinite overlap is not simulated")
    wrong = _overlap_flaw(_overlap(pool, item, wishes), least=1)
    return found | ({"overlap": wrong} if wrong else {})


def _overlap(pool: Pool, item: Json, wishes: Wishes) -> Any:
    if item.get("overlap") is not None or not wishes.allow_defaults:
        return item.get("overlap")
    defaults = pool.body.get("defaults") or {}
    return defaults.get("default_overlap_for_new_tasks") or defaults.get("default_overlap_for_new_task_suites")


def _overlap_flaw(value: Any, least: int) -> Flaw | None:
    if value is None:
        return required()
    if not isinstance(value, int) or isinstance(value, bool):
        return flaw("VALUE_TYPE_MISMATCH", "must be a whole number")
    if value < least:
        return flaw("VALUE_LESS_THAN_MIN", f"must be at least {least}", min=least)
    if value > overlap.MOST:
        return flaw("VALUE_GREATER_THAN_MAX", f"must be at most {overlap.MOST}", max=overlap.MOST)
    return None


def _create(state: State, item: Json, wishes: Wishes) -> Task:
    body = {name: item[name] for name in FIELDS if item.get(name) is not None}
    pool = state.pools[body["pool_id"]]
    identity = state.identify("task", pool.id, body)
    task = Task(identity, pool.id, body, state.now, _overlap(pool, item, wishes))
    state.tasks[identity] = task
    pool.task_ids.append(identity)
    state.record("TASK_CREATED", identity, pool_id=pool.id, overlap=task.overlap, input_values=body["input_values"])
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


def patch(state: State, task: Task, body: Json, *, or_least: bool = False) -> Task:
    """Change a task's overlap, the only thing about a task that can be changed here; 0 stops the task."""
    insist(body, fields({"infinite_overlap": flag}))
    found: dict[str, Flaw] = {name: not_allowed() for name in body if name not in ("overlap", "infinite_overlap")}
    if body.get("infinite_overlap"):
        found["infinite_overlap"] = not_allowed("infinite overlap is not simulated")
    wrong = _overlap_flaw(body.get("overlap"), least=0)
    if found or wrong:
        raise invalid(found | ({"overlap": wrong} if wrong else {}))
    if state.pools[task.pool_id].status == "ARCHIVED":
        raise wrong_status(f"pool {task.pool_id} is archived", "OPEN", "CLOSED")
    overlap.change(state, task, body["overlap"], or_least=or_least)
    return task


def view(task: Task) -> Json:
    """A task as the API shows it."""
    kept: Json = {"reserved_for": [], "unavailable_for": []}
    counted = {"overlap": task.overlap, "remaining_overlap": overlap.remaining(task), "infinite_overlap": False}
    return kept | task.body | counted | {"id": task.id, "created": iso(task.created)}
