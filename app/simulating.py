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
MOST_REQUESTS = 300  # a platform second, as on Toloka


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How the simulator runs."""

    port: int
    speed: float = 1.0  # platform seconds a second
    instant: bool = False
    quotas: bool = True  # Toloka's, or none
    replenish: int | None = None  # fresh people may come when nobody is left, at most so many


def run(crowd: Population, answers: Answers, manner: Manner) -> None:
    """Serve until SIGTERM or SIGINT. Raises PortInUse."""
    stop = threading.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: stop.set())
    to_stderr()
    fresh = manner.replenish
    world = World(
        crowd,
        answers,
        start=begin_at(time.time(), manner.speed, HOURS),
        instant=manner.instant,
        quotas=manner.quotas,
        most_requests=MOST_REQUESTS if manner.quotas else None,
        replenish=Replenish(at_most=fresh) if fresh else None,
    )
    try:
        run_server(world, manner.port, manner.speed, clock=time.time, stop=stop, started=_greet)
    except OSError as error:
        raise PortInUse(f"(127.0.0.1:{manner.port}, {error.strerror})") from error


def _greet(url: str) -> None:
    click.echo(f'toloka.TolokaClient("any token", url="{url}")   Ctrl-C ends it')
