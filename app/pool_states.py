"""How a run's pools stand, as far as the log tells, and what a person can do about one that closed."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.reading import Reading
from store.contract import Store
from store.records import DecisionState, LoggedEvent

BY_ITSELF = ("COMPLETED", None)  # closed because its work was done: the next question opens it again
ADVICE: Mapping[str, str] = {
    "MANUAL": "closed by hand; open it on the site when the work should go on",
    "EXPIRED": "its date has passed; set a later one on the site, then open it",
    "NOT_ENOUGH_BALANCE": "the account has no money; top it up, then open it on the site",
    "ASSIGNMENTS_LIMIT_EXCEEDED": "it has all the assignments it may have; raise the limit, then open it on the site",
    "BLOCKED": "the platform blocked it; ask Toloka's support why",
    "FOR_UPDATE": "it is being changed; Toloka opens it again after 15 minutes, or you do on the site",
}


@dataclass(frozen=True, slots=True)
class PoolStanding:
    """One pool: open, closed or not opened yet; since when; why it closed; and what to do, where somebody must."""

    role: str
    pool_id: str
    status: str  # open | closed | not opened
    close_reason: str  # as Toloka writes it; "" when it is not closed or nobody said
    since: float | None  # platform time of its closing
    advice: str  # "" when there is nothing to do


def pool_standings(store: Store, reading: Reading) -> tuple[PoolStanding, ...]:
    """Return every pool of a run; nothing is asked of the platform."""
    return tuple(_standing(store, reading, role) for role in reading.running.pool_ids)


def _standing(store: Store, reading: Reading, role: str) -> PoolStanding:
    pool_id = reading.running.pool_ids[role]
    closed = next(iter(store.events(type="POOL_CLOSED", pool_id=pool_id, limit=1).events), None)
    if closed is not None and not _alive_after(reading, role, closed):
        reason = _reason(closed)
        advice = "" if reason in BY_ITSELF else ADVICE.get(reason or "", f"closed: {reason}; look at it on the site")
        return PoolStanding(role, pool_id, "closed", reason or "", closed.event.event_time, advice)
    opened = closed is not None or bool(reading.asked(role))
    return PoolStanding(role, pool_id, "open" if opened else "not opened", "", None, "")


def _alive_after(reading: Reading, role: str, closed: LoggedEvent) -> bool:
    """Say whether the pool showed life after it closed: a page was taken, or new work opened it again."""
    at, pool_id = closed.event.event_time, reading.running.pool_ids[role]
    pages = [each.page for each in reading.outlining] if role == "outlining" else reading.checking
    if any(page.created > at for page in pages):
        return True
    new = (each for each in reading.of_kind("ask", "votes", "open") if each.lane == pool_id and each.decided_at > at)
    return _reason(closed) in BY_ITSELF and any(each.state is DecisionState.DONE for each in new)


def _reason(closed: LoggedEvent) -> str | None:
    reason = closed.event.payload.get("close_reason")
    return None if reason is None else str(reason)
