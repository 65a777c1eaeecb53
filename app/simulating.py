"""`crowdhook simulator`: a Toloka of one's own, in running time, for any toloka-kit script."""

import signal
import threading
import time
from dataclasses import dataclass

import click

from app.logs import to_stderr
from app.serve import PortInUse
from simulator.nobody import Replenish
from simulator.performers import Answers, Population
from simulator.running import begin_at
from simulator.running import run as run_server
from simulator.world import World

HOURS = 24.0  # machine hours that platform time may run ahead of its start before it has caught up with real time


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How the simulator runs."""

    port: int
    speed: float = 1.0  # platform seconds a second
    instant: bool = False
    replenish: int | None = None  # fresh people may come when nobody is left, at most so many


def run(crowd: Population, answers: Answers, manner: Manner) -> None:
    """Serve until SIGTERM or SIGINT. Raises PortInUse."""
    stop = threading.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: stop.set())
    to_stderr()
    start, fresh = begin_at(time.time(), manner.speed, HOURS), manner.replenish
    replenish = Replenish(at_most=fresh) if fresh else None
    world = World(crowd, answers, start=start, instant=manner.instant, replenish=replenish)
    try:
        run_server(world, manner.port, manner.speed, clock=time.time, stop=stop, started=_greet)
    except OSError as error:
        raise PortInUse(f"(127.0.0.1:{manner.port}, {error.strerror})") from error


def _greet(url: str) -> None:
    click.echo(f'toloka.TolokaClient("any token", url="{url}")   Ctrl-C ends it')
