"""A pool's life: opened, complete, closed, and why."""

from simulator import money
from simulator.errors import conflict, wrong_status
from simulator.state import Pool, State
from simulator.subscriptions import announce


def open_pool(state: State, pool: Pool) -> None:
    """Let performers in. Raises the API's conflicts when there is nothing to do or to pay with."""
    if pool.status != "CLOSED":
        raise wrong_status("only a closed pool can be opened", "CLOSED")
    if not pool.task_ids:
        raise conflict("EMPTY_POOL", "the pool has no tasks")
    if not money.affordable(state, _outstanding(state, pool)):
        raise conflict("NOT_ENOUGH_BALANCE", "the balance does not cover the pool's remaining work")
    if pool.expires <= state.now:
        raise conflict("POOL_INAPPROPRIATE_STATUS", "the pool's will_expire has passed")
    pool.status, pool.last_started = "OPEN", state.now
    state.record("POOL_OPENED", pool.id)
    state.deadlines.put(pool.expires, "expiry", pool.id)
    supply(state, pool)


def _outstanding(state: State, pool: Pool) -> int:
    places = sum(state.tasks[identity].overlap - state.tasks[identity].issued for _, identity in pool.open_tasks)
    pages = -(-places // max(1, pool.body["mixer_config"]["real_tasks_count"])) if places else 0
    return pages * money.price(state, pool)


def close_pool(state: State, pool: Pool, reason: str) -> None:
    """Let nobody in any more; who is at work may finish. Closing a pool that is not open changes nothing."""
    if pool.status != "OPEN":
        return
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
