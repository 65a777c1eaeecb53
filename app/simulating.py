"""`crowdhook simulator`: a Toloka of one's own, in running time, for any toloka-kit script."""

import signal
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from app.logs import to_stderr
from app.serve import PortInUse
from simulator.fault_file import read_plan
from simulator.limits import Limits
from simulator.nobody import Replenish
from simulator.performers import Answers, Population
from simulator.running import begin_at
from simulator.running import run as run_server
from simulator.world import World
from store.errors import CrowdhookError

HOURS = 24.0  # machine hours that platform time may run ahead of its start before it has caught up with real time
MOST_REQUESTS = 300  # a platform second, as on Toloka


class BadStart(CrowdhookError):
    """Platform time cannot start later than now:"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How the simulator runs: `start` is platform time, UTC; `faults` a TOML file, `more` faults as options."""

    port: int
    speed: float = 1.0  # platform seconds a second
    instant: bool = False
    no_quotas: bool = False  # count neither requests nor what is created
    replenish: int | None = None  # fresh people may come when nobody is left, at most so many
    start: datetime | None = None  # None: as late as the other options let it be
    faults: Path | None = None
    more: Sequence[str] = ()
    requests: Path | None = None  # file of JSON lines that gets everything that is asked

    def begins_at(self, now: float) -> float:
        """Return platform time at the start; raises BadStart."""
        if self.start is None:
            return begin_at(now, self.speed, HOURS, instant=self.instant)
        begins = self.start.replace(tzinfo=UTC).timestamp()
        if begins > now:
            raise BadStart(f"{self.start} is.")
        return begins


def run(crowd: Population, answers: Answers, manner: Manner) -> None:
    """Serve until SIGTERM or SIGINT. Raises PortInUse, BadFaults, BadStart."""
    faults = read_plan(manner.faults, manner.more, crowd.seed)
    stop = threading.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: stop.set())
    to_stderr()
    quotas, fresh = not manner.no_quotas, manner.replenish
    world = World(
        crowd,
        answers,
        start=manner.begins_at(time.time()),
        instant=manner.instant,
        quotas=quotas,
        limits=Limits(requests=MOST_REQUESTS if quotas else None),
        replenish=Replenish(at_most=fresh) if fresh else None,
    )
    told: dict[str, Any] = {"faults": faults, "requests": manner.requests, "started": _greet}
    try:
        run_server(world, manner.port, manner.speed, clock=time.time, stop=stop, **told)
    except OSError as error:
        if error.filename is not None:
            raise
        raise PortInUse(f"(127.0.0.1:{manner.port}, {error.strerror})") from error


def _greet(url: str) -> None:
    click.echo(f'toloka.TolokaClient("any token", url="{url}")   Ctrl-C ends it')
