"""Route, decide, act, settle: the only loop in the program."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache, partial
from typing import TypeVar

from handlers.adopting import unclaimed
from handlers.carrying import Aggregator, Carrier, Publisher, nobody_aggregates
from handlers.deciding import LEASE_SECONDS, Decider, Observer, Patience, Step
from handlers.gateway import Gateway
from handlers.routing import Registry, RunsChanged
from handlers.trouble import Breaker, TolokaTrouble
from store.contract import Store
from store.errors import LaneLost
from store.records import Event, Lane, Route, Workload

T = TypeVar("T")
log = logging.getLogger(__name__)
LONGEST_PAUSE = 60.0  # seconds that a quota reached by reading may stop everything
BATCHES = 1000  # decided before anything is carried out


def unobserved(step: Step) -> None:
    """Watch nothing."""


class Dispatcher:
    """One worker's turn at the work: call `cycle` for as long as it says that it did something."""

    def __init__(
        self,
        store: Store,
        gateway: Gateway,
        registry: Registry,
        *,
        owner: str,
        identity: str,
        machine_clock: Callable[[], float],
        publish: Publisher,
        aggregate: Aggregator = nobody_aggregates,
        observe: Observer = unobserved,
        patience: Patience | None = None,
        fresh: Callable[[], bool] = lambda: True,
    ) -> None:
        """`fresh` says whether the registry is what the database says of the runs now."""
        self.fresh = fresh
        self.store, self.gateway, self.registry, self.owner = store, gateway, registry, owner
        self.looked = False
        self.breaker = Breaker(machine_clock)
        self.held: dict[str, Lane] = {}
        self.decider = Decider(
            store,
            gateway,
            registry,
            owner=owner,
            machine_clock=machine_clock,
            observe=observe,
            patience=patience or Patience(),
            fresh=fresh,
        )
        self.carrier = Carrier(
            store,
            gateway,
            registry,
            identity=identity,
            machine_clock=machine_clock,
            observe=observe,
            publish=publish,
            aggregate=aggregate,
        )

    def workload(self, now: float) -> Workload:
        """Count what is left to do at platform time `now`, without what waits for money or a person's word."""
        shut = self.carrier.buyer.shut
        left = self.store.workload(now, shut)
        moments = [at for at in (left.next_due_at, *shut.values()) if at is not None]
        return replace(left, next_due_at=min(moments, default=None))

    def cycle(self, now: float) -> bool:
        """Do one round at platform time `now`; True when there was anything to do and Toloka could be reached.

        Raises RunsChanged where events came for runs that may have been set up since the registry was made.
        """
        routed = self.store.route(partial(self._routes, cache(self.fresh)))
        if not self.breaker.closed:
            return False
        worked = self.guarded(lambda: self._round(now))
        return bool(worked) or (worked is not None and bool(routed))

    def _routes(self, fresh: Callable[[], bool], event: Event) -> list[Route]:
        if not fresh():
            raise RunsChanged
        return self.registry.routes(event)

    def guarded(self, work: Callable[[], T]) -> T | None:
        """Do something at Toloka's door; None when it has to wait, and then nobody knocks again for a while.

        Pauses grow only while nothing gets done: where some requests of many fail, the next try comes soon.
        """
        done = self.carrier.done
        try:
            result = work()
        except TolokaTrouble as error:
            trouble = error.trouble
            if self.carrier.done > done:
                self.breaker.worked()
            self.breaker.failed(min(trouble.pause, LONGEST_PAUSE))
            log.warning("toloka trouble", extra={"kind": trouble.kind, "status": trouble.status, "code": trouble.code})
            return None
        except LaneLost:
            log.warning("lane lost", extra={"owner": self.owner})
            return None
        self.breaker.worked()
        return result

    def _round(self, now: float) -> bool:
        """Decide all that can be decided, then carry out all that is due: what goes out together waits for all."""
        worked = False
        if not self.looked:
            self.carrier.unclaimed, self.looked = unclaimed(self.store, self.gateway, self.registry), True
        self._adopt(now)
        for _ in range(BATCHES):
            lane = self.decider.batch(now)
            if lane is None:
                break
            self.held[lane.pool_id] = lane
            worked = True
            self._adopt(now)
        for lane in self._lanes_due(now):
            worked |= self.carrier.lane(lane, now)
        return worked

    def _adopt(self, now: float) -> None:
        """Find the tasks of asks that an older ledger does not know it made; if that fails, look at them all anew."""
        if self.carrier.unclaimed:
            self.looked = False
            for lane in self._lanes_due(now):
                self.carrier.adopt(lane)
            self.looked = True

    def _lanes_due(self, now: float) -> Iterator[Lane]:
        """Take each lane in which something is to be carried out, unless another worker holds it."""
        for pool_id in self.store.lanes_due(now):
            lane = self.store.hold_lane(pool_id, self.owner, LEASE_SECONDS)
            if lane is not None:
                self.held[pool_id] = lane
                yield lane

    def release(self) -> None:
        """Give back every lane: on the way out."""
        for lane in self.held.values():
            self.store.release(lane)
        self.held.clear()
