"""Pools over HTTP."""

from flask import Blueprint, request

from simulator.api.search import Listing
from simulator.api.wire import Answer, blueprint, body, only
from simulator.elements.errors import invalid, not_allowed, refuse
from simulator.nouns import cloning, operations, pools
from simulator.offering import lifecycle
from simulator.records.state import Pool, State
from simulator.world.world import World

TIER = "default"
"""Where Toloka keeps a pool's data; it has no other place either."""
LISTING: Listing[Pool] = Listing(
    view=pools.view,
    ranges={
        "id": lambda pool: pool.id,
        "created": lambda pool: pool.created,
        "last_started": lambda pool: pool.last_started,
    },
    equals={"status": lambda pool: pool.status, "project_id": lambda pool: pool.project_id},
    choices={"status": lifecycle.STATUSES},
)


def routes(world: World) -> Blueprint:
    """/pools: create, list, get, update, priority, open, close (for update), archive, clone."""
    return blueprint(
        "pools",
        world,
        {
            "POST /pools": _create,
            "GET /pools": _find,
            "GET /pools/<pool_id>": _get,
            "PUT /pools/<pool_id>": _update,
            "PATCH /pools/<pool_id>": _patch,
            "POST /pools/<pool_id>/open": _open,
            "POST /pools/<pool_id>/close": _close,
            "POST /pools/<pool_id>/close-for-update": _close_for_update,
            "POST /pools/<pool_id>/archive": _archive,
            "POST /pools/<pool_id>/clone": _clone,
        },
    )


def _create(state: State) -> Answer:
    only("storage_key")
    if request.args.get("storage_key", TIER) != TIER:
        raise invalid({"storage_key": not_allowed(f"tier {request.args['storage_key']} is not simulated")})
    return 201, pools.view(pools.create(state, body()))


def _find(state: State) -> Answer:
    return 200, LISTING.page((pool for pool in state.pools.values() if pool.training is None), request.args)


def _get(state: State, pool_id: str) -> Answer:
    return 200, pools.view(pools.get(state, pool_id))


def _update(state: State, pool_id: str) -> Answer:
    return 200, pools.view(pools.update(state, pools.get(state, pool_id), body()))


def _patch(state: State, pool_id: str) -> Answer:
    pool, changes = pools.get(state, pool_id), body()
    refuse({name: not_allowed("only priority can be patched") for name in changes if name != "priority"})
    return 200, pools.view(pools.prioritize(state, pool, changes.get("priority")))


def _open(state: State, pool_id: str) -> Answer:
    return _set_status(state, pool_id, "OPEN", "POOL.OPEN")


def _close(state: State, pool_id: str) -> Answer:
    return _set_status(state, pool_id, "CLOSED", "POOL.CLOSE")


def _close_for_update(state: State, pool_id: str) -> Answer:
    if not lifecycle.close_for_update(state, pools.get(state, pool_id)):
        return 204, None
    return 202, operations.view(operations.finish(state, "POOL.CLOSE", {"pool_id": pool_id}))


def _set_status(state: State, pool_id: str, status: str, kind: str) -> Answer:
    if not lifecycle.bring_to(state, pools.get(state, pool_id), status):
        return 204, None
    return 202, operations.view(operations.finish(state, kind, {"pool_id": pool_id}))


def _archive(state: State, pool_id: str) -> Answer:
    return _set_status(state, pool_id, "ARCHIVED", "POOL.ARCHIVE")


def _clone(state: State, pool_id: str) -> Answer:
    told = {"pool_id": cloning.clone(state, pools.get(state, pool_id)).id}
    return 202, operations.view(operations.finish(state, "POOL.CLONE", {"pool_id": pool_id}, details=told))
