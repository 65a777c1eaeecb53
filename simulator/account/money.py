"""What pages cost, reserved, charged or released: in whole millionths, so that sums do not depend on order."""

from simulator.elements.errors import Refused, conflict
from simulator.records.dealings import Bonus
from simulator.records.state import Assignment, Pool, State

UNIT = 1e6


def price(state: State, pool: Pool) -> int:
    """What one page of this pool costs the requester, fee included, in millionths."""
    return with_fee(state, pool.body["reward_per_assignment"])


def with_fee(state: State, dollars: float) -> int:
    """What the requester pays, in millionths, for somebody to get so many dollars."""
    return round(dollars * (1 + state.fee) * UNIT)


def available(state: State) -> int:
    """What is neither spent nor reserved, nor needed for the pages that people work on now, in millionths."""
    return state.balance - state.reserved - state.at_work


def affordable(state: State, amount: int) -> bool:
    """Whether this many millionths are available."""
    return available(state) >= amount


def shortage(what: str) -> Refused:
    """409 NOT_ENOUGH_BALANCE: the balance does not cover this."""
    return conflict("NOT_ENOUGH_BALANCE", f"the balance does not cover {what}")


def refill(state: State, dollars: float) -> None:
    """Pay dollars in, or with a negative amount take them out, at most what is available; refused when that is none."""
    amount = round(max(dollars * UNIT, -available(state)))
    if not amount:
        raise shortage("a withdrawal")
    state.balance += amount
    state.record("BALANCE", "requester", amount=amount / UNIT)


def set_aside(state: State, page: Assignment) -> None:
    """See to it that a page which somebody begins can be paid; the balance that is shown does not change."""
    state.at_work += page.price


def put_back(state: State, page: Assignment) -> None:
    """The performer has left the page: sent in, skipped, or out of time."""
    state.at_work -= page.price


def block(state: State, page: Assignment) -> None:
    """Reserve a submitted page's price until it is reviewed."""
    page.blocked = True
    state.reserved += page.price
    _record(state, page, "blocked")


def release(state: State, page: Assignment) -> None:
    """Give a refused page's reserved price back."""
    _unblock(state, page)
    _record(state, page, "released")


def _unblock(state: State, page: Assignment) -> None:
    state.reserved -= page.price if page.blocked else 0
    page.blocked = False


def charge(state: State, page: Assignment) -> None:
    """Pay for a page, from what was reserved for it if anything was."""
    _unblock(state, page)
    state.balance -= page.price
    state.spent[page.pool_id] += page.price
    _record(state, page, "charged")


def grant(state: State, bonus: Bonus, pool_id: str | None) -> None:
    """Pay for a bonus; where it is for a page, as spent on its pool."""
    state.balance -= bonus.price
    state.spent[pool_id or ""] += bonus.price
    of = {"pool_id": pool_id} if pool_id else {}
    state.moved["bonus"] += bonus.price
    state.record("MONEY", bonus.id, what="bonus", amount=bonus.price / UNIT, **of)


def _record(state: State, page: Assignment, what: str) -> None:
    if page.price:
        state.moved[what] += page.price
        state.record("MONEY", page.id, what=what, amount=page.price / UNIT, pool_id=page.pool_id)
