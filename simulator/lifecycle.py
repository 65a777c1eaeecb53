"""A pool's life: opened, complete, closed, and why."""

from simulator import money
from simulator.errors import Refused, conflict
from simulator.state import Pool, State
from simulator.subscriptions import announce


def obstacle(state: State, pool: Pool) -> Refused | None:
    """The conflict that keeps a closed pool from being opened: nothing to do, nothing to pay with, or too late."""
    if not pool.task_ids:
        return conflict("EMPTY_POOL", "the pool has no tasks")
    if not money.affordable(state, _outstanding(state, pool)):
        return conflict("NOT_ENOUGH_BALANCE", "the balance does not cover the pool's remaining work")
    if pool.expires <= state.now:
        return conflict("POOL_INAPPROPRIATE_STATUS", "the pool's will_expire has passed")
    return None


def open_pool(state: State, pool: Pool) -> None:
    """Let performers into a closed pool that has no obstacle."""
    pool.status, pool.last_started = "OPEN", state.now
    state.record("POOL_OPENED", pool.id)
    state.deadlines.put(pool.expires, "expiry", pool.id)
    supply(state, pool)


def _outstanding(state: State, pool: Pool) -> int:
    places = sum(state.tasks[identity].overlap - state.tasks[identity].issued for _, identity in pool.open_tasks)
    pages = -(-places // max(1, pool.body["mixer_config"]["real_tasks_count"])) if places else 0
    return pages * money.price(state, pool)


def close_pool(state: State, pool: Pool, reason: str) -> None:
    """Let nobody into an open pool any more; who is at work may finish."""
    pool.status, pool.close_reason, pool.last_stopped = "CLOSED", reason, state.now
    state.doings.cancel("close", pool.id)
    state.doings.cancel("quiet", pool.id)
    state.deadlines.cancel("expiry", pool.id)
    state.record("POOL_CLOSED", pool.id, reason=reason)
    announce(state, "POOL_CLOSED", pool.id, pool.id, close_reason=reason)


def supply(state: State, pool: Pool) -> None:
    """There is something new to take here: people hear of it when time next moves."""
    pool.quiet_since = state.now
    state.supplied.add(pool.id)


def watch(state: State, pool: Pool) -> None:
    """Set or take back the moment at which an open pool closes because all its work is done."""
    complete = pool.status == "OPEN" and not pool.open_tasks and pool.active == 0
    if not complete:
        state.doings.cancel("close", pool.id)
    elif not state.doings.has("close", pool.id):
        delay = pool.body.get("auto_close_after_complete_delay_seconds") or 0
        state.doings.put(state.now + delay, "close", pool.id)
