"""The running mode: platform time goes on by itself, at the machine's speed or faster."""

import logging
import threading
from collections.abc import Callable
from pathlib import Path

from simulator.courier import Courier
from simulator.delivery.habits import Retry
from simulator.faults.plans import NO_FAULTS, Plan
from simulator.memory.journal import Journal
from simulator.memory.keeping import Keeper
from simulator.server import Simulator
from simulator.world.world import World

logger = logging.getLogger(__name__)
STEP = 0.05
"""Machine seconds between two moves of running time."""
RECOVERY = 1.0
"""Machine seconds in which the courier rests after something that should not happen."""
BEHIND = 1.0
"""Seconds by which platform time is behind the machine's at least: what is made at once is dated milliseconds apart."""
YEAR = 365 * 86_400.0
STRANDED_SECONDS = 600.0
"""Platform time after which it is told that nobody is left for a pool."""


def begin_at(real_now: float, speed: float, hours: float, *, instant: bool = False) -> float:
    """The start of platform time so that it stays behind real time for so many machine hours at this speed.

    Instant work takes platform time, too: there is a year for it.
    """
    return real_now - BEHIND - max(0.0, speed - 1.0) * hours * 3600.0 - (YEAR if instant else 0.0)


def run(
    world: World,
    port: int,
    speed: float,
    *,
    clock: Callable[[], float],
    stop: threading.Event,
    files: Path | None = None,
    faults: Plan = NO_FAULTS,
    requests: Path | None = None,
    journal: Journal | None = None,
    started: Callable[[str], None] = lambda url: None,
) -> None:
    """Running mode until `stop`: platform time goes on `speed` times as fast as the machine's `clock`.

    It is never later than that (epoch seconds), nor is any date of the API. `started` hears the address. Notifications
    are sent as they come, and again to a receiver that stays away; a pool that nobody is left for is logged. Faults
    that happened are counted in the log at the end. With a `journal` the world is brought back from it first, and kept
    in it. Raises PortTaken, NoHistory, HistoryInUse, and what a journal raises.
    """
    simulator = Simulator(world, gate=None, files=files, port=port, faults=faults, requests=requests)
    courier = Courier(world, clock, strikes=simulator.strikes, history=simulator.history, retry=Retry())
    posting = threading.Thread(target=_post, args=(courier, stop), name="courier")
    keeper = Keeper(world, simulator.app, journal) if journal else None
    try:
        if keeper:
            keeper.restore()
            simulator.strikes.start = world.state.start
        world.latest = lambda: clock() - BEHIND
        simulator.start()
        posting.start()
        started(simulator.url)
        _go_on(world, speed, clock, stop, keeper)
    finally:
        stop.set()
        if posting.ident:
            posting.join()
        _surely(courier.close)
        simulator.stop()
        if keeper:
            keeper.close()
    if faults.faults:
        logger.info("faults that happened: %s", simulator.strikes.told() or "none")


def _go_on(
    world: World, speed: float, clock: Callable[[], float], stop: threading.Event, keeper: Keeper | None
) -> None:
    moment, last = world.now, clock()
    while not stop.wait(STEP):
        now = clock()
        moment, last = max(world.now, min(moment + speed * (now - last), now - BEHIND)), now
        world.advance(moment)
        world.tell_stranded(STRANDED_SECONDS)
        if keeper:
            keeper.look_after()


def _post(courier: Courier, stop: threading.Event) -> None:
    while not stop.wait(STEP):
        if not _surely(courier.look_after):
            stop.wait(RECOVERY)


def _surely(do: Callable[[], None]) -> bool:
    """Do it; whether nothing unforeseen happened, which is logged and stops nothing else."""
    try:
        do()
    except Exception:
        logger.exception("the courier stumbled; what it was about is tried again")
        return False
    return True
