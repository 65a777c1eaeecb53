"""Whether tasks are ones that their pool can take: checked when they are created or changed."""

from dataclasses import dataclass
from typing import Any

from simulator import known
from simulator.draws import canonical
from simulator.errors import Flaw, Refused, flaw, invalid, not_allowed, required, wrong_status
from simulator.overlap import MOST
from simulator.shapes import fields, flag, insist, listed, text
from simulator.spec import flaws_of
from simulator.state import Json, Pool, State, Task

OVERLAP = ("overlap", "infinite_overlap")
FIELDS = ("pool_id", "input_values", *OVERLAP, "reserved_for", "unavailable_for", *known.FIELDS)
READ_ONLY = ("id", "created", "remaining_overlap", "origin_task_id")
NOT_YET = ("baseline_solutions",)
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


def check_size(items: list[Json], wishes: Wishes) -> None:
    """Raise VALIDATION_ERROR for an empty request, ENTITY_TOO_LARGE for one that is too big."""
    if not items:
        raise invalid({"": required()})
    if len(items) > wishes.most:
        raise Refused(413, "ENTITY_TOO_LARGE", f"at most {wishes.most} tasks in a request")
    if sum(len(canonical(item.get("input_values")).encode()) for item in items) > MOST_BYTES:
        raise Refused(413, "ENTITY_TOO_LARGE", f"at most {MOST_BYTES} bytes of input values in a request")


def flaws(state: State, item: Json, wishes: Wishes) -> dict[str, Flaw]:
    """What is wrong with a task that is to be created; raises what stands against any task in its pool."""
    found: dict[str, Flaw] = {name: not_allowed() for name in item if name not in (*FIELDS, *READ_ONLY, INDEX)}
    found |= {name: not_allowed(f"{name} is not simulated") for name in NOT_YET if name in item}
    found |= TASK(item, "")
    pool = state.pools.get(str(item.get("pool_id")))
    if pool is None:
        return found | {"pool_id": flaw("ENTITY_DOES_NOT_EXIST", "pool does not exist")}
    _check_pool(pool)
    if not isinstance(item.get("input_values"), dict):
        return found | {"input_values": required()}
    spec = state.project_of(pool).body["task_spec"]
    found |= flaws_of(item["input_values"], spec["input_spec"], "input_values")
    found |= known.flaws(item, spec["output_spec"])
    found |= {} if found else _out_of_place(pool, item)
    wrong = _overlap_flaw(overlap_of(pool, item, wishes), least=1, endless=bool(item.get("infinite_overlap")))
    return found | ({"overlap": wrong} if wrong else {})


def _check_pool(pool: Pool) -> None:
    if pool.status == "ARCHIVED":
        raise wrong_status(f"pool {pool.id} is archived", "OPEN", "CLOSED")
    if not pool.body.get("mixer_config"):
        raise Refused(409, "MIXER_CONFIG_REQUIRED", f"pool {pool.id} has no mixer_config")


def _out_of_place(pool: Pool, item: Json) -> dict[str, Flaw]:
    """A task of a kind that the pool would never show."""
    kind = known.kind_of(item)
    if pool.training is not None and kind != "training":
        name = "message_on_unknown_solution" if kind == "golden" else "known_solutions"
        return {name: flaw("VALUE_REQUIRED", "a training takes tasks with known solutions and a hint")}
    if kind == "real" and not pool.body["reward_per_assignment"]:
        return {"known_solutions": flaw("VALUE_REQUIRED", "a pool that pays nothing takes no real tasks")}
    return {}


def overlap_of(pool: Pool, item: Json, wishes: Wishes) -> Any:
    """The overlap that a task asks for, else the pool's default where that is allowed; None for none or no end."""
    if item.get("overlap") is not None or item.get("infinite_overlap") or not wishes.allow_defaults:
        return item.get("overlap")
    defaults = pool.body.get("defaults") or {}
    return defaults.get("default_overlap_for_new_tasks") or defaults.get("default_overlap_for_new_task_suites")


def _overlap_flaw(value: Any, least: int, *, endless: bool) -> Flaw | None:
    if value is None:
        return None if endless else required()
    if endless:
        return not_allowed("must be missing where infinite_overlap is true")
    if not isinstance(value, int) or isinstance(value, bool):
        return flaw("INTEGER_EXPECTED", "must be a whole number")
    if value < least:
        return flaw("VALUE_LESS_THAN_MIN", f"must be at least {least}", min=least)
    if value > MOST:
        return flaw("VALUE_GREATER_THAN_MAX", f"must be at most {MOST}", max=MOST)
    return None


def check_patch(state: State, task: Task, body: Json, allowed: tuple[str, ...]) -> None:
    """Raise VALIDATION_ERROR for a change that names anything but `allowed`, or that leaves nothing to change."""
    insist(body, fields({"infinite_overlap": flag}))
    found: dict[str, Flaw] = {name: not_allowed() for name in body if name not in allowed}
    told, wanted = {} if found else known_part(body), body.get("overlap")
    if told:
        spec = state.project_of(state.pools[task.pool_id]).body["task_spec"]
        found |= known.flaws(known_part(task.body) | told, spec["output_spec"])
    endless = bool(body.get("infinite_overlap"))
    wrong = None if told and wanted is None else _overlap_flaw(wanted, least=0, endless=endless)
    if found or wrong:
        raise invalid(found | ({"overlap": wrong} if wrong else {}))
    _check_pool(state.pools[task.pool_id])


def known_part(body: Json) -> Json:
    """The known solutions and the hint of a task, those that there are."""
    return {name: body[name] for name in known.FIELDS if body.get(name) is not None}
