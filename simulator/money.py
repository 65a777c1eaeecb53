"""What pages cost, reserved, charged or released: in whole millionths, so that sums do not depend on order."""

from simulator.state import Assignment, Pool, State

UNIT = 1e6


def price(state: State, pool: Pool) -> int:
    """What one page of this pool costs the requester, fee included, in millionths."""
    millionths: int = round(pool.body["reward_per_assignment"] * (1 + state.fee) * UNIT)
    return millionths


def affordable(state: State, amount: int) -> bool:
    """Whether this much is neither spent nor reserved."""
    return state.balance - sum(state.reserved.values()) >= amount


def block(state: State, page: Assignment) -> None:
    """Reserve a submitted page's price until it is reviewed."""
    state.reserved[page.id] = page.price
    _record(state, page, "blocked")


def release(state: State, page: Assignment) -> None:
    """Give a refused page's reserved price back."""
    del state.reserved[page.id]
    _record(state, page, "released")


def charge(state: State, page: Assignment) -> None:
    """Pay for a page, from what was reserved for it if anything was."""
    state.reserved.pop(page.id, None)
    state.balance -= page.price
    state.spent[page.pool_id] += page.price
    _record(state, page, "charged")


def _record(state: State, page: Assignment, what: str) -> None:
    state.record("MONEY", page.id, what=what, amount=page.price / UNIT, pool_id=page.pool_id)
