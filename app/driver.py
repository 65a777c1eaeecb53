"""Drives a rehearsal's time, tick by tick: the world moves, its notifications are answered, the worker works, again."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from simulator.courier import Courier
from simulator.elements.clock import Gate
from simulator.world.world import World
from store.errors import CrowdhookError

TICK_SECONDS = 30.0  # platform time
LAG_SECONDS = 60.0  # what the reconciler leaves to the next sweep
LOOK_SECONDS = 0.2  # machine time between two looks at the processes
STUCK_SECONDS = 180.0  # machine time that one tick may take


class Stuck(CrowdhookError):
    """The rehearsal does not go on: look at the worker's messages above."""


class Person(Protocol):
    """Somebody who decides held pages, in platform time."""

    def next_at(self, now: float) -> float | None:
        """Return when the next page can be decided; None: none is held."""

    def act(self, now: float) -> int:
        """Decide what there was time for; return how many pages."""


@dataclass(slots=True)
class Driver:
    """Moves the time of one rehearsal until nothing is left that happens by itself."""

    world: World
    courier: Courier
    gate: Gate
    sweep_seconds: float
    after_tick: Callable[[], None]
    check: Callable[[], None]  # raises when the worker will not come back
    person: Person | None = None  # who decides what is held
    ticks: int = 0
    next_due_at: float | None = None
    probed: bool = False  # a sweep was given the time to find what was lost, since anything last happened

    def run(self) -> None:
        """Tick until nobody can or will act, nothing is due, and a last sweep found nothing that was lost."""
        moment: float | None = self.world.now
        while moment is not None:
            self.tick(moment)
            moment = self.next_moment()

    def tick(self, moment: float) -> None:
        """One tick that ends at platform time `moment`."""
        self.world.advance(moment)
        self.courier.deliver()
        if self.person is not None:
            self.person.act(moment)
        self.next_due_at = self._worked(self.gate.open(moment))
        self.ticks += 1
        self.after_tick()

    def next_moment(self) -> float | None:
        """Return the end of the next tick that holds anything, or of a pause in which a sweep can find what is lost."""
        now = self.world.now
        decides_at = self.person.next_at(now) if self.person else None
        moments = [at for at in (self.world.next_event_at(), self.next_due_at, decides_at) if at is not None]
        pause = self.sweep_seconds + LAG_SECONDS
        if not moments and self.probed:
            return None
        if not self.probed and (not moments or min(moments) - now > pause):
            self.probed = True
            return now + pause
        self.probed = self.probed and not moments
        return self._grid(max(min(moments), now + 1e-3))

    def _grid(self, moment: float) -> float:
        return math.ceil(moment / TICK_SECONDS) * TICK_SECONDS

    def _worked(self, tick: int) -> float | None:
        for _ in range(math.ceil(STUCK_SECONDS / LOOK_SECONDS)):
            done, next_due_at = self.gate.wait_done(tick, LOOK_SECONDS)
            if done:
                return next_due_at
            self.check()
        raise Stuck(f"Tick {tick} was not done with after {STUCK_SECONDS:.0f} s.")
