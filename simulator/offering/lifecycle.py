"""A pool's life: opened, complete, closed, and why; archived in the end."""

import math
from collections.abc import Callable

from simulator.account import money
from simulator.account.subscriptions import announce
from simulator.elements.clock import iso
from simulator.elements.errors import Refused, conflict, wrong_status
from simulator.offering import shelves
from simulator.offering.admission import requirement
from simulator.records.counting import observe
from simulator.records.state import SUITE, Pool, State

STATUSES = ("OPEN", "CLOSED", "ARCHIVED", "LOCKED")
"""What pools can be; none is ever LOCKED here."""
APPEALS = 9 * 86_400.0
"""Seconds after its last refusal in which a pool cannot be archived: performers may appeal."""
DISUSE = 30 * 86_400.0
"""Seconds without use after which a closed pool is archived by itself."""
AGAIN = 86_400.0
"""Seconds after which it is looked at again, where something was against that."""
UPDATE = 15 * 60.0
"""Seconds after which a pool that was closed for an update opens by itself."""


def found(state: State, pool: Pool) -> None:
    """A new pool or training, closed, takes its place."""
    state.pools[pool.id] = pool
    observe(state, pool)
    _rest(state, pool)


def _rest(state: State, pool: Pool) -> None:
    pool.used = state.now
    state.deadlines.put(state.now + DISUSE, "disuse", pool.id)


def bring_to(state: State, pool: Pool, status: str) -> bool:
    """Open, close or archive a pool by hand; False when it is so already. Raises what keeps it from that."""
    if pool.status == status:
        _stay(state, pool)
        return False
    against, move = _MOVES[status]
    refused = against(state, pool)
    if refused is not None:
        raise refused
    move(state, pool)
    return True


def _stay(state: State, pool: Pool) -> None:
    """A pool that would open by itself after an update is closed by hand: it stays closed."""
    if state.doings.has("reopen", pool.id):
        state.doings.cancel("reopen", pool.id)
        pool.close_reason = "MANUAL"
        state.record("POOL_CLOSED", pool.id, reason="MANUAL")


def obstacle(state: State, pool: Pool) -> Refused | None:
    """The conflict that keeps a closed pool from being opened: nothing to do, nothing to pay with, or too late."""
    if pool.status != "CLOSED":
        return wrong_status(f"the pool is {pool.status}", "CLOSED")
    if not pool.task_ids:
        return conflict("EMPTY_POOL", "the pool has no tasks")
    if not money.affordable(state, _outstanding(state, pool)):
        return money.shortage("the pool's remaining work")
    if pool.expires <= state.now:
        return conflict("POOL_INAPPROPRIATE_STATUS", "the pool's will_expire has passed")
    return None


def open_pool(state: State, pool: Pool) -> None:
    """Let performers into a closed pool that has no obstacle."""
    pool.status, pool.last_started, pool.listening = "OPEN", state.now, None
    state.doings.cancel("reopen", pool.id)
    state.deadlines.cancel("disuse", pool.id)
    state.record("POOL_OPENED", pool.id)
    if pool.expires < math.inf:
        state.deadlines.put(pool.expires, "expiry", pool.id)
    supply(state, pool)
    training = requirement(pool)
    if training is not None:
        supply(state, state.pools[training["training_pool_id"]])


def _not_open(state: State, pool: Pool) -> Refused | None:
    return None if pool.status == "OPEN" else wrong_status(f"the pool is {pool.status}", "OPEN")


def _use(state: State, pool: Pool) -> Refused | None:
    """The conflict that keeps a pool from being archived: it is open, in work, unreviewed, or may be appealed."""
    if pool.status != "CLOSED":
        return wrong_status(f"the pool is {pool.status}", "CLOSED")
    pages = [state.assignments[identity] for identity in pool.assignment_ids]
    if any(page.status == "SUBMITTED" for page in pages):
        return conflict("SUBMITTED_ASSIGNMENTS_CONFLICT", "the pool has pages that are not reviewed")
    if any(page.status == "ACTIVE" for page in pages):
        return conflict("THERE_IS_ACTIVE_ASSIGNMENT", "somebody works in the pool")
    needed = (other for other in state.pools.values() if other.status != "ARCHIVED")
    if any((requirement(other) or {}).get("training_pool_id") == pool.id for other in needed):
        return conflict("TRAINING_ARCHIVE_CONFLICT", "a pool that is not archived requires this training")
    refusals = [page.rejected or 0.0 for page in pages if page.status == "REJECTED"]
    if refusals and max(refusals) + APPEALS > state.now:
        return conflict("THERE_IS_REJECTED_ASSIGNMENT", "the pool's last refusal is less than 9 days old")
    return None


def _archive(state: State, pool: Pool, **why: str) -> None:
    pool.status = "ARCHIVED"
    state.deadlines.cancel("disuse", pool.id)
    state.record("POOL_ARCHIVED", pool.id, **why)


def archive_unused(state: State, pool: Pool) -> None:
    """Archive a closed pool that was not used for 30 days; one that was, or cannot be archived, is left till later."""
    if pool.used + DISUSE > state.now:
        state.deadlines.put(pool.used + DISUSE, "disuse", pool.id)
    elif _use(state, pool):
        state.deadlines.put(state.now + AGAIN, "disuse", pool.id)
    else:
        _archive(state, pool, reason="UNUSED")


def _outstanding(state: State, pool: Pool) -> int:
    """What the pool's remaining work costs, in millionths; where neither suites nor real tasks bound it, one page."""
    size: int = (pool.body.get("mixer_config") or {}).get("real_tasks_count") or 0
    places = sum(shelves.remaining(place) or 0 for place in shelves.open_places(state, pool, "real"))
    suites = sum(shelves.remaining(place) or 0 for place in shelves.open_places(state, pool, SUITE))
    pages = -(-places // size) if size else suites or 1
    return pages * money.price(state, pool)


def close_pool(state: State, pool: Pool, reason: str) -> None:
    """Let nobody into an open pool any more; who is at work may finish."""
    relieve(state, pool)
    pool.status, pool.close_reason, pool.last_stopped = "CLOSED", reason, state.now
    state.doings.cancel("close", pool.id)
    state.doings.cancel("quiet", pool.id)
    state.deadlines.cancel("expiry", pool.id)
    _rest(state, pool)
    state.record("POOL_CLOSED", pool.id, reason=reason)
    announce(state, "POOL_CLOSED", pool.id, pool.id, close_reason=reason)


def close_for_update(state: State, pool: Pool) -> bool:
    """Close an open pool for a quarter of an hour; False when it is so already, 409 when it is not open."""
    if pool.status == "CLOSED" and pool.close_reason == "FOR_UPDATE":
        return False
    refused = _not_open(state, pool)
    if refused is not None:
        raise refused
    close_pool(state, pool, "FOR_UPDATE")
    state.doings.put(state.now + UPDATE, "reopen", pool.id)
    return True


def reopen(state: State, pool: Pool) -> None:
    """Open a pool whose time for an update is over, whatever is against it."""
    if pool.status == "CLOSED":
        open_pool(state, pool)


def open_if_possible(state: State, pool: Pool) -> Refused | None:
    """Open a closed pool, or return the conflict that keeps it from that."""
    against = obstacle(state, pool)
    if against is None:
        open_pool(state, pool)
    return against


def expire(state: State, pool: Pool) -> None:
    """Make now the last moment of an open pool, which closes it; 409 when it is not open."""
    refused = _not_open(state, pool)
    if refused is not None:
        raise refused
    pool.expires, pool.body = state.now, pool.body | {"will_expire": iso(state.now)}
    close_pool(state, pool, "EXPIRED")


_MOVES: dict[str, tuple[Callable[[State, Pool], Refused | None], Callable[[State, Pool], None]]] = {
    "OPEN": (obstacle, open_pool),
    "CLOSED": (_not_open, lambda state, pool: close_pool(state, pool, "MANUAL")),
    "ARCHIVED": (_use, _archive),
}
"""By the status that is wanted: what may be against it, and how it is done."""


def relieve(state: State, pool: Pool) -> None:
    """Somebody came for a pool that nobody was left for, or it is closed."""
    if state.stranded.pop(pool.id, None):
        state.record("POOL_RELIEVED", pool.id)


def supply(state: State, pool: Pool) -> None:
    """There is something new to take here: people hear of it when time next moves."""
    pool.quiet_since = pool.used = state.now
    state.supplied.add(pool.id)


def watch(state: State, pool: Pool) -> None:
    """Set or take back the moment at which an open pool closes because all its work is done."""
    if pool.status != "OPEN" or pool.active or not shelves.complete(pool):
        state.doings.cancel("close", pool.id)
    elif not state.doings.has("close", pool.id):
        delay = pool.body.get("auto_close_after_complete_delay_seconds") or 0
        state.doings.put(state.now + delay, "close", pool.id)
