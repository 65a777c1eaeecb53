"""Pools: how they are set up, changed and shown."""

import copy
from typing import Any

from simulator import filters, lifecycle, rule_forms
from simulator.clock import iso, seconds
from simulator.draws import digest
from simulator.errors import Flaw, flaw, missing, not_allowed, refuse, required, wrong_status
from simulator.state import Json, Pool, State

REQUIRED = (
    "project_id",
    "private_name",
    "may_contain_adult_content",
    "will_expire",
    "reward_per_assignment",
    "assignment_max_duration_seconds",
)
OPTIONAL = (
    "private_comment",
    "public_description",
    "public_instructions",
    "auto_close_after_complete_delay_seconds",
    "auto_accept_solutions",
    "auto_accept_period_day",
    "assignments_issuing_config",
    "priority",
    "defaults",
    "filter",
    "quality_control",
    "speed_quality_balance",
    "mixer_config",
    "metadata",
    "type",
)
OBJECTS = ("defaults", "filter", "quality_control", "mixer_config", "metadata")
READ_ONLY = ("id", "status", "last_close_reason", "created", "last_started", "last_stopped", "owner")
LIMITS: dict[str, tuple[float, float]] = {
    "reward_per_assignment": (0.005, 1e6),
    "assignment_max_duration_seconds": (5, 1e9),
    "auto_accept_period_day": (1, 21),
    "auto_close_after_complete_delay_seconds": (0, 259_200),
    "priority": (0, 100),
}
MIXER = (
    "real_tasks_count",
    "golden_tasks_count",
    "training_tasks_count",
    "min_real_tasks_count",
    "min_golden_tasks_count",
    "min_training_tasks_count",
    "force_last_assignment",
    "force_last_assignment_delay_seconds",
    "mix_tasks_in_creation_order",
    "shuffle_tasks_in_task_suite",
)
CHANGEABLE_WHEN_OPEN = ("reward_per_assignment", "private_name", "private_comment", "priority")


def check(state: State, body: Json) -> None:
    """Raise VALIDATION_ERROR for a pool that lacks something or asks for what the simulator does not know."""
    refuse({name: _not_an_object() for name in OBJECTS if not isinstance(body.get(name) or {}, dict)})
    flaws: dict[str, Flaw] = {n: _unknown(n) for n in body if n not in (*REQUIRED, *OPTIONAL, *READ_ONLY)}
    flaws |= {name: required() for name in REQUIRED if body.get(name) is None}
    if body.get("project_id") is not None and body["project_id"] not in state.projects:
        flaws["project_id"] = flaw("ENTITY_DOES_NOT_EXIST", "project does not exist")
    flaws |= {name: wrong for name, bounds in LIMITS.items() if (wrong := _outside(body.get(name), *bounds))}
    if body.get("auto_accept_solutions") is False and body.get("auto_accept_period_day") is None:
        flaws["auto_accept_period_day"] = required()
    if body.get("type", "REGULAR") != "REGULAR":
        flaws["type"] = not_allowed(f"pools of type {body['type']} are not simulated")
    flaws |= _moment(body.get("will_expire"))
    flaws |= _mixer(body.get("mixer_config") or {})
    flaws |= filters.flaws(state, body["filter"]) if body.get("filter") else {}
    flaws |= rule_forms.flaws(state, body["quality_control"]) if body.get("quality_control") else {}
    refuse(flaws)


def _not_an_object() -> Flaw:
    return flaw("VALUE_TYPE_MISMATCH", "must be an object")


def _unknown(name: str) -> Flaw:
    known = ("dynamic_overlap_config", "dynamic_pricing_config", "training_config")
    return not_allowed(f"{name} is not simulated" if name in known else "Unknown field")


def _outside(value: Any, low: float, high: float) -> Flaw | None:
    if value is None:
        return None
    if not isinstance(value, int | float):
        return flaw("VALUE_TYPE_MISMATCH", "must be a number")
    if value < low:
        return flaw("VALUE_LESS_THAN_MIN", f"must be at least {low}", min=low)
    return flaw("VALUE_GREATER_THAN_MAX", f"must be at most {high}", max=high) if value > high else None


def _moment(text: str | None) -> dict[str, Flaw]:
    try:
        seconds(text or "2000-01-01")
    except (ValueError, TypeError):
        return {"will_expire": flaw("INVALID_DATE", f"not a date: {text}")}
    return {}


def _mixer(mixer: Json) -> dict[str, Flaw]:
    found: dict[str, Flaw] = {f"mixer_config.{name}": not_allowed() for name in mixer if name not in MIXER}
    if mixer and mixer.get("real_tasks_count") is None:
        found["mixer_config.real_tasks_count"] = required()
    for kind in ("golden", "training"):
        if mixer.get(f"{kind}_tasks_count"):
            found[f"mixer_config.{kind}_tasks_count"] = not_allowed(f"{kind} tasks are not simulated")
    return found


def create(state: State, body: Json) -> Pool:
    """A new, closed pool."""
    check(state, body)
    identity = state.number("pool", [body["project_id"], body["private_name"]])
    pool = Pool(identity, body["project_id"], _own(identity, body), state.now, seconds(body["will_expire"]))
    state.pools[identity] = pool
    state.record("POOL_CREATED", identity, project_id=pool.project_id, private_name=body["private_name"])
    return pool


def _own(identity: str, body: Json) -> Json:
    own = copy.deepcopy({name: value for name, value in body.items() if name not in READ_ONLY})
    for number, config in enumerate((own.get("quality_control") or {}).get("configs") or []):
        collector = digest("collector", identity, number)
        config["collector_config"].setdefault("uuid", f"{collector[:8]}-{collector[8:12]}-4000-8000-{collector[:12]}")
    return own


def update(state: State, pool: Pool, body: Json) -> Pool:
    """Replace a pool's settings; an open pool may change its price, name, comment and priority only."""
    check(state, body)
    own = _own(pool.id, body)
    if pool.status == "OPEN" and _fixed(own) != _fixed(pool.body):
        raise wrong_status("an open pool cannot be changed so", "CLOSED")
    pool.body, pool.project_id, pool.expires = own, own["project_id"], seconds(own["will_expire"])
    return pool


def _fixed(body: Json) -> Json:
    kept = {name: value for name, value in body.items() if name not in (*CHANGEABLE_WHEN_OPEN, "will_expire")}
    return kept | {"expires": seconds(body["will_expire"])}


def get(state: State, identity: str) -> Pool:
    """The pool with this id, or DOES_NOT_EXIST."""
    if identity not in state.pools:
        raise missing("pool", identity)
    return state.pools[identity]


def set_status(state: State, pool: Pool, wanted: str) -> bool:
    """Open or close a pool by hand; False when it is so already. Raises what keeps it from opening."""
    if pool.status == wanted:
        return False
    if wanted == "CLOSED":
        lifecycle.close_pool(state, pool, "MANUAL")
        return True
    obstacle = lifecycle.obstacle(state, pool)
    if obstacle is not None:
        raise obstacle
    lifecycle.open_pool(state, pool)
    return True


def view(pool: Pool) -> Json:
    """A pool as the API shows it: what was sent, and what Toloka adds."""
    shown = {"type": "REGULAR", "owner": {"id": "requester", "myself": True}} | pool.body
    shown |= {"id": pool.id, "status": pool.status, "created": iso(pool.created), "will_expire": iso(pool.expires)}
    moments = {"last_started": pool.last_started, "last_stopped": pool.last_stopped}
    shown |= {name: iso(moment) for name, moment in moments.items() if moment is not None}
    return shown | ({"last_close_reason": pool.close_reason} if pool.close_reason else {})
