"""The running mode: platform time goes on by itself, at the machine's speed or faster."""

import logging
import threading
from collections.abc import Callable
from pathlib import Path

from simulator.courier import Courier, CourierGaveUp
from simulator.faults import Faults
from simulator.http_server import NO_FAULTS
from simulator.server import Simulator
from simulator.world import World

logger = logging.getLogger(__name__)
STEP = 0.05
"""Machine seconds between two moves of running time."""
STRANDED_SECONDS = 600.0
"""Platform time after which it is told that nobody is left for a pool."""


def begin_at(real_now: float, speed: float, hours: float) -> float:
    """The start of platform time so that it stays behind real time for so many machine hours at this speed."""
    return real_now - max(0.0, speed - 1.0) * hours * 3600.0


def run(
    world: World,
    port: int,
    speed: float,
    *,
    clock: Callable[[], float],
    stop: threading.Event,
    files: Path | None = None,
    faults: Faults = NO_FAULTS,
    started: Callable[[str], None] = lambda url: None,
) -> None:
    """Running mode until `stop`: platform time = start + speed x elapsed, never later than the machine's `clock`.

    `clock` is machine time in epoch seconds; `started` hears the address. Notifications are sent as they
    come; a receiver that stays away is logged and its notifications wait for the next step. So is a pool that nobody
    is left for. Raises OSError when the port is in use.
    """
    simulator, courier = (
        Simulator(world, gate=None, files=files, port=port, faults=faults),
        Courier(world, clock, patience=1.0),
    )
    simulator.start()
    started(simulator.url)
    began, start = clock(), world.now
    try:
        while not stop.wait(STEP):
            world.advance(min(start + speed * (clock() - began), clock()))
            world.tell_stranded(STRANDED_SECONDS)
            try:
                courier.deliver()
            except CourierGaveUp as error:
                logger.warning("notifications wait", extra={"reason": str(error)})
    finally:
        courier.close()
        simulator.stop()
