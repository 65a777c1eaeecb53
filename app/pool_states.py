"""How a run's pools stand, as far as the log tells, and what a person can do about one that closed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from handlers.routing import Running
from store.contract import Store
from store.records import Decision, DecisionState, LoggedEvent, Page

BY_ITSELF = ("COMPLETED", None)  # closed because its work was done: the next question opens it again
TURNS = ("open", "close")  # decisions about a pool itself
OPENING, REOPENING = ("ask", "open"), ("ask", "votes", "open")  # that open it
OPENED = "POOL_OPENED"  # our own event: a person's word (`crowdhook start`, `resume`) opened the pool
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


def pool_standings(
    store: Store, running: Running, decisions: Sequence[Decision], pages: Mapping[str, Sequence[Page]]
) -> tuple[PoolStanding, ...]:
    """Return every pool of a run, by what it decided and the pages that are known by role; nobody is asked."""
    return tuple(
        _standing(store, role, pool_id, [each for each in decisions if each.lane == pool_id], pages.get(role, ()))
        for role, pool_id in running.pool_ids.items()
    )


def closed_by_run(store: Store, pool_id: str) -> bool:
    """Say whether a pool is closed because its run closed it, its work being done, and nobody opened it since."""
    decisions = (each for kind in TURNS for each in store.decisions(kind=kind) if each.lane == pool_id)
    return _closed_last(decisions, _last(store, OPENED, pool_id))


def _closed_last(decisions: Iterable[Decision], opened: LoggedEvent | None) -> bool:
    turns = [each for each in decisions if each.kind in TURNS and each.state is DecisionState.DONE]
    last = max(turns, key=lambda each: each.id, default=None)
    if last is None or last.kind != "close":
        return False
    return opened is None or opened.received_at < last.decided_at_machine


def _last(store: Store, type: str, pool_id: str) -> LoggedEvent | None:
    return next(iter(store.events(type=type, pool_id=pool_id, limit=1).events), None)


def _standing(
    store: Store, role: str, pool_id: str, decisions: Sequence[Decision], pages: Sequence[Page]
) -> PoolStanding:
    done = [each for each in decisions if each.state is DecisionState.DONE]
    closed, by_hand = _last(store, "POOL_CLOSED", pool_id), _last(store, OPENED, pool_id)
    ours = _closed_last(decisions, by_hand)
    reopened = closed is not None and by_hand is not None and by_hand.event.event_time > closed.event.event_time
    if closed is not None and not reopened and not _alive_after(closed, done, pages):
        reason = _reason(closed)
        quiet = ours or reason in BY_ITSELF
        advice = "" if quiet else ADVICE.get(reason or "", f"closed: {reason}; look at it on the site")
        return PoolStanding(role, pool_id, "closed", reason or "", closed.event.event_time, advice)
    if ours:
        return PoolStanding(role, pool_id, "closed", "", None, "")
    opened = closed is not None or by_hand is not None or any(each.kind in OPENING for each in done)
    return PoolStanding(role, pool_id, "open" if opened else "not opened", "", None, "")


def _alive_after(closed: LoggedEvent, done: Sequence[Decision], pages: Sequence[Page]) -> bool:
    """Say whether the pool showed life after it closed: a page was taken, or new work opened it again."""
    at = closed.event.event_time
    if any(page.created > at for page in pages):
        return True
    return _reason(closed) in BY_ITSELF and any(each.decided_at > at for each in done if each.kind in REOPENING)


def _reason(closed: LoggedEvent) -> str | None:
    reason = closed.event.payload.get("close_reason")
    return None if reason is None else str(reason)
