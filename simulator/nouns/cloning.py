"""Clones of pools and trainings: the same settings once more, without tasks."""

import copy

from simulator.account import quotas
from simulator.elements.errors import conflict
from simulator.offering import lifecycle
from simulator.records.state import Pool, State


def clone(state: State, pool: Pool) -> Pool:
    """A new, closed pool or training of the same project with the settings of this one; collectors keep their uuids.

    Raises PROJECT_INAPPROPRIATE_STATUS when the project is archived.
    """
    if state.project_of(pool).status == "ARCHIVED":
        raise conflict("PROJECT_INAPPROPRIATE_STATUS", "the project is archived")
    kind, name = "pool" if pool.training is None else "training", pool.body["private_name"]
    quotas.count(state, f"{kind} clone")
    identity = state.number("pool", [pool.project_id, name])
    body, training = copy.deepcopy(pool.body), copy.deepcopy(pool.training)
    new = Pool(identity, pool.project_id, body, state.now, pool.expires, training=training)
    lifecycle.found(state, new)
    told = {"project_id": new.project_id, "private_name": name, "clone_of": pool.id}
    state.record(f"{kind.upper()}_CREATED", identity, **told)
    return new
