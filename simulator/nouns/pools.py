"""Pools: how they are set up, changed and shown."""

import copy
import math

from simulator.account import quotas
from simulator.account.requester import OWNER
from simulator.elements.clock import iso, seconds
from simulator.elements.errors import conflict, invalid, missing, not_allowed, wrong_status
from simulator.elements.shapes import fields, insist
from simulator.nouns.pool_forms import POOL, READ_ONLY, check
from simulator.offering import lifecycle, shelves
from simulator.quality.rule_forms import name_collectors
from simulator.records.counting import observe
from simulator.records.state import Json, Pool, State

OVERLAP = ("defaults", "dynamic_overlap_config")
PRIORITY = {"priority": POOL["priority"]}
CHANGEABLE_WHEN_OPEN = ("reward_per_assignment", "private_name", "private_comment", "priority")


def create(state: State, body: Json) -> Pool:
    """A new, closed pool."""
    check(state, body)
    quotas.count(state, "pool")
    identity = state.number("pool", [body["project_id"], body["private_name"]])
    pool = Pool(identity, body["project_id"], _own(identity, body), state.now, seconds(body["will_expire"]))
    lifecycle.found(state, pool)
    state.record("POOL_CREATED", identity, project_id=pool.project_id, private_name=body["private_name"])
    return pool


def _own(identity: str, body: Json) -> Json:
    own = {"type": "REGULAR"} | copy.deepcopy({name: value for name, value in body.items() if name not in READ_ONLY})
    name_collectors(identity, own)
    return own


def update(state: State, pool: Pool, body: Json) -> Pool:
    """Replace a pool's settings; an open one may change its price, name, comment and priority only."""
    if pool.training is not None:
        raise invalid({"type": not_allowed("a training is changed as one")})
    check(state, body)
    if body["project_id"] != pool.project_id:
        raise invalid({"project_id": not_allowed("a pool stays in its project")})
    own = _own(pool.id, body)
    if pool.status == "ARCHIVED":
        raise wrong_status("the pool is archived", "OPEN", "CLOSED")
    if pool.status == "OPEN" and _fixed(own) != _fixed(pool.body):
        raise wrong_status("an open pool cannot be changed so", "CLOSED")
    if pool.task_ids and bool(own.get("mixer_config")) != bool(pool.body.get("mixer_config")):
        raise conflict("POOL_TASK_TYPE_CONFLICT", "a pool with tasks goes on to mix its pages or not")
    if any(own.get(name) != pool.body.get(name) for name in OVERLAP):
        quotas.count(state, "change of a pool's overlap")
    _replace(state, pool, own)
    observe(state, pool)
    shelves.rearrange(state, pool)
    return pool


def prioritize(state: State, pool: Pool, priority: object) -> Pool:
    """Change a pool's priority alone, whatever became meanwhile of what its other settings are about."""
    if pool.training is not None:
        raise invalid({"type": not_allowed("a training is changed as one")})
    insist({"priority": priority}, fields(PRIORITY, *PRIORITY))
    if pool.status == "ARCHIVED":
        raise wrong_status("the pool is archived", "OPEN", "CLOSED")
    _replace(state, pool, pool.body | {"priority": priority})
    return pool


def _replace(state: State, pool: Pool, own: Json) -> None:
    before = view(pool)
    pool.body, pool.expires, pool.used = own, seconds(own["will_expire"]), state.now
    state.record_change("POOL_UPDATED", pool.id, before, view(pool))


def _fixed(body: Json) -> Json:
    kept = {name: value for name, value in body.items() if name not in (*CHANGEABLE_WHEN_OPEN, "will_expire")}
    return kept | {"expires": seconds(body["will_expire"])}


def get(state: State, identity: str) -> Pool:
    """The pool with this id, or DOES_NOT_EXIST."""
    if identity not in state.pools:
        raise missing("pool", identity)
    return state.pools[identity]


def view(pool: Pool) -> Json:
    """A pool as the API shows it: what was sent, and what Toloka adds."""
    shown = {"type": "REGULAR", "owner": OWNER} | pool.body
    shown |= {"id": pool.id, "status": pool.status, "created": iso(pool.created)}
    shown |= {"will_expire": iso(pool.expires)} if pool.expires < math.inf else {}
    moments = {"last_started": pool.last_started, "last_stopped": pool.last_stopped}
    shown |= {name: iso(moment) for name, moment in moments.items() if moment is not None}
    return shown | ({"last_close_reason": pool.close_reason} if pool.close_reason else {})
