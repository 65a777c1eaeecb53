"""Whether tasks are ones that their pool can take: checked when they are created or changed."""

from typing import Any

from simulator.contents import baselines, known, localization
from simulator.contents.spec import flaws_of
from simulator.elements.errors import Flaw, conflict, flaw, invalid, not_allowed, required, wrong_status
from simulator.elements.shapes import fields, flag, insist, listed, text
from simulator.nouns.placing import Wishes
from simulator.offering.overlap import MOST
from simulator.records.state import Json, Pool, State, Task

OVERLAP = ("overlap", "infinite_overlap")
FIELDS = (
    "pool_id",
    "input_values",
    *OVERLAP,
    "reserved_for",
    "unavailable_for",
    "localization_config",
    *known.FIELDS,
    baselines.FIELD,
)
READ_ONLY = ("id", "created", "remaining_overlap", "origin_task_id")
TRAITS = ("traits_all_of", "traits_any_of", "traits_none_of_any")
INDEX = "__item_idx"
CONTENT = fields({"localization_config": localization.SHAPE})
TASK = fields(
    {"pool_id": text, "infinite_overlap": flag, "reserved_for": listed(text), "unavailable_for": listed(text)}
)


def flaws(state: State, item: Json, wishes: Wishes) -> dict[str, Flaw]:
    """What is wrong with a task that is to be created; raises what stands against any task in its pool."""
    found: dict[str, Flaw] = {name: not_allowed() for name in item if name not in (*FIELDS, *READ_ONLY, INDEX)}
    found |= {name: not_allowed(f"{name} is not simulated") for name in TRAITS if name in item}
    found |= TASK(item, "")
    pool = state.pools.get(str(item.get("pool_id")))
    if pool is None:
        return found | {"pool_id": flaw("ENTITY_DOES_NOT_EXIST", "pool does not exist")}
    _check_pool(pool)
    found |= content_flaws(state, pool, item)
    found |= baselines.flaws(item, state.project_of(pool).body["task_spec"]["output_spec"])
    wrong = overlap_flaw(overlap_of(pool, item, wishes), least=1, endless=bool(item.get("infinite_overlap")))
    return found | ({"overlap": wrong} if wrong else {})


def _check_pool(pool: Pool) -> None:
    check_open_to_tasks(pool)
    if not pool.body.get("mixer_config"):
        raise conflict("MIXER_CONFIG_REQUIRED", f"pool {pool.id} has no mixer_config")


def check_open_to_tasks(pool: Pool) -> None:
    """Raise INAPPROPRIATE_STATUS for a pool whose tasks cannot be changed any more."""
    if pool.status == "ARCHIVED":
        raise wrong_status(f"pool {pool.id} is archived", "OPEN", "CLOSED")


def content_flaws(state: State, pool: Pool, item: Json) -> dict[str, Flaw]:
    """What is wrong with what a task asks and with what is known of it, wherever it stands."""
    if not isinstance(item.get("input_values"), dict):
        return {"input_values": required()}
    spec = state.project_of(pool).body["task_spec"]
    found = flaws_of(item["input_values"], spec["input_spec"], "input_values")
    found |= known.flaws(item, spec["output_spec"]) | CONTENT(item, "")
    return found or _out_of_place(pool, item)


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


def overlap_flaw(value: Any, *, least: int, endless: bool) -> Flaw | None:
    """What is wrong with an overlap, None being no number."""
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


def check_patch(state: State, task: Task, body: Json, allowed: tuple[str, ...], *, least: int = 1) -> None:
    """Raise VALIDATION_ERROR for a change that names anything but `allowed`, or that leaves nothing to change.

    An overlap below `least` is refused, too.
    """
    insist(body, fields({"infinite_overlap": flag}))
    found: dict[str, Flaw] = {name: not_allowed() for name in body if name not in allowed}
    told, wanted = {} if found else known_part(body), body.get("overlap")
    spec = state.project_of(state.pools[task.pool_id]).body["task_spec"]["output_spec"]
    found |= known.flaws(known_part(task.body) | told, spec) if told else {}
    found |= baselines.flaws(baselines.part(body), spec)
    endless, changed = bool(body.get("infinite_overlap")), told or baselines.part(body)
    wrong = None if changed and wanted is None else overlap_flaw(wanted, least=least, endless=endless)
    if found or wrong:
        raise invalid(found | ({"overlap": wrong} if wrong else {}))
    _check_pool(state.pools[task.pool_id])


def known_part(body: Json) -> Json:
    """The known solutions and the hint of a task, those that there are."""
    return {name: body[name] for name in known.FIELDS if body.get(name) is not None}
