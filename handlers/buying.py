"""Let go of waiting asks, votes and openings as far as their run may spend; the rest waits until there is money."""

import logging
from collections.abc import Sequence
from itertools import accumulate

from handlers.buffering import release
from handlers.routing import Place, Registry
from handlers.telling import told
from store.contract import Store
from store.errors import MayNotSpend
from store.records import Decision, Lane
from store.spending import DAY, Allowance, RunState

log = logging.getLogger(__name__)
NOT_OPENED = {RunState.READY, RunState.STOPPED, RunState.ENDED}  # states in which no pool is opened


class Buyer:
    """Empties the buffers of what costs money, within what each run may spend.

    `shut` are the buffers in which something waits for money or for a person's word, with the platform time from which
    there may be more by itself (None: nobody knows one).
    """

    def __init__(self, store: Store, registry: Registry, identity: str) -> None:
        self.store, self.registry, self.identity = store, registry, identity
        self.shut: dict[str, float | None] = {}

    def lane(self, lane: Lane, now: float) -> None:
        """Let go what may be bought in a lane's pool at platform time `now`."""
        place = self.registry.places.get(lane.pool_id)
        self.shut.pop(lane.pool_id, None)
        if place is None:
            return
        may = self.store.allowance(lane.pool_id, now)
        if may.barred:
            self.shut[lane.pool_id] = None
            return
        waiting = self.store.buffered(lane, lane.pool_id, None if may.places is None else may.places + 1)
        going = _affordable(waiting, may)
        chosen = release(going, place.pool.buffer.size, now, self.identity)
        try:
            if chosen.calls or chosen.singles:
                self.store.fix_calls(lane, chosen.calls, chosen.singles, buying_at=now)
        except MayNotSpend:
            log.info("another worker spent it first", extra={"pool_id": lane.pool_id})
            return
        if len(going) < len(waiting):
            self._shut(lane, may, place, [each.due_at for each in going if each.due_at and each.due_at > now], now)

    def may_open(self, pool_id: str) -> bool:
        """Say whether a pool may be opened for tasks that are in it."""
        place = self.registry.places.get(pool_id)
        said = self.store.run_control(place.running.pipeline.name, place.running.run) if place else None
        return said is None or said.state not in NOT_OPENED

    def _shut(self, lane: Lane, may: Allowance, place: Place, waits: Sequence[float], now: float) -> None:
        """Remember that something waits for money, and tell it in the log: once for a cap, or for a day."""
        self.shut[lane.pool_id] = min([*waits, *([may.until] if may.until else [])], default=None)
        running = place.running
        day = f":{now // DAY:.0f}" if may.until else ""
        about = f"{running.pipeline.name}:{running.run}:{may.why}:{may.cap}{day}"
        payload = {"cap": may.cap, "which": may.why, "run": running.run}
        if self.store.append([told("CAP_REACHED", about, lane.pool_id, now, payload)])[0][0]:
            log.warning("a cap is reached: nothing more is asked", extra={"run": running.run, "cap": may.cap})


def _affordable(waiting: Sequence[Decision], may: Allowance) -> Sequence[Decision]:
    """Return those of the waiting, from the first on, that may be carried out; what buys no answer may always."""
    if may.places is None:
        return waiting
    places = accumulate(each.places for each in waiting)
    return [each for each, bought in zip(waiting, places, strict=True) if bought <= may.places or not each.places]
