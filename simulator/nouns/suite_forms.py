"""Whether task suites are ones that their pool can take: checked when they are created or changed."""

from typing import Any

from simulator.contents import known
from simulator.elements.errors import Flaw, conflict, flaw, not_allowed, refuse, required
from simulator.elements.shapes import anything, fields, flag, insist, listed, mapped, number, text
from simulator.nouns.placing import Wishes
from simulator.nouns.task_forms import INDEX, OVERLAP, TRAITS, check_open_to_tasks, content_flaws, overlap_flaw
from simulator.records.state import Json, Pool, State, Suite

ORDER = "issuing_order_override"
QUESTION = ("input_values", "localization_config", *known.FIELDS)
FIELDS = ("pool_id", "tasks", *OVERLAP, "reserved_for", "unavailable_for", ORDER)
READ_ONLY = ("id", "created", "remaining_overlap", "mixed", "automerged")
NOT_SIMULATED = (*TRAITS, "longitude", "latitude")
FURTHEST = 99_999.99999
SUITE = fields(
    {
        "pool_id": text,
        "tasks": listed(mapped(anything)),
        "infinite_overlap": flag,
        "reserved_for": listed(text),
        "unavailable_for": listed(text),
        ORDER: number(-FURTHEST, FURTHEST),
    },
    "pool_id",
    "tasks",
)


def questions(item: Json) -> list[Json]:
    """The tasks in a suite that is to be created, which may be of any form."""
    inner = item.get("tasks")
    return [each for each in inner if isinstance(each, dict)] if isinstance(inner, list) else []


def flaws(state: State, item: Json, wishes: Wishes) -> dict[str, Flaw]:
    """What is wrong with a suite that is to be created; raises what stands against any suite in its pool."""
    found: dict[str, Flaw] = {name: not_allowed() for name in item if name not in (*FIELDS, *READ_ONLY, INDEX)}
    found |= {name: not_allowed(f"{name} is not simulated") for name in NOT_SIMULATED if name in item}
    found |= SUITE(item, "")
    pool = state.pools.get(str(item.get("pool_id")))
    if pool is None:
        return found | {"pool_id": flaw("ENTITY_DOES_NOT_EXIST", "pool does not exist")}
    check_open_to_tasks(pool)
    if pool.body.get("mixer_config"):
        raise conflict("POOL_TASK_TYPE_CONFLICT", f"pool {pool.id} mixes its pages from tasks")
    if item.get("tasks") == []:
        found["tasks"] = required()
    for place, question in enumerate(item["tasks"] if isinstance(item.get("tasks"), list) else ()):
        inner = _question(state, pool, question) if isinstance(question, dict) else {}
        found |= {f"tasks[{place}].{path}": wrong for path, wrong in inner.items()}
    endless = bool(item.get("infinite_overlap"))
    wrong = overlap_flaw(overlap_of(pool, item, wishes), least=1, endless=endless)
    return found | ({"overlap": wrong} if wrong else {})


def _question(state: State, pool: Pool, question: Json) -> dict[str, Flaw]:
    allowed = (*QUESTION, "id", "created", "origin_task_id", INDEX)
    unknown: dict[str, Flaw] = {name: not_allowed() for name in question if name not in allowed}
    return unknown | content_flaws(state, pool, question)


def overlap_of(pool: Pool, item: Json, wishes: Wishes) -> Any:
    """The overlap that a suite asks for, else the pool's default where that is allowed; None for none or no end."""
    if item.get("overlap") is not None or item.get("infinite_overlap") or not wishes.allow_defaults:
        return item.get("overlap")
    return (pool.body.get("defaults") or {}).get("default_overlap_for_new_task_suites")


def check_patch(state: State, suite: Suite, body: Json, *, least: int = 1) -> None:
    """Raise VALIDATION_ERROR for a change of anything else than overlap and order; 409 for what cannot be changed.

    With `least` 0 it is the overlap that is changed, and may be 0.
    """
    allowed = (*OVERLAP, ORDER) if least else OVERLAP[:1]
    insist(body, fields({"infinite_overlap": flag, ORDER: number(-FURTHEST, FURTHEST)}))
    found: dict[str, Flaw] = {name: not_allowed() for name in body if name not in allowed}
    wanted, endless = body.get("overlap"), bool(body.get("infinite_overlap"))
    if wanted is not None or endless or body.get(ORDER) is None:
        wrong = overlap_flaw(wanted, least=least, endless=endless)
        found |= {"overlap": wrong} if wrong else {}
    refuse(found)
    check_open_to_tasks(state.pools[suite.pool_id])
    if suite.mixed:
        raise conflict("CONFLICT_STATE", f"suite {suite.id} was made by mixing")
